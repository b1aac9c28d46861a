/** Our own signer, over HTTP. */
import { kit } from '../../../src/backends/index.ts'
import { createUploadHandler, Reject } from '../../../src/server/index.ts'
import type { AppCallKind, AppRequest } from '../../support/app-server.ts'
import { startAppServer } from '../../support/app-server.ts'
import { backendConformance } from './index.ts'

const mebibyte = 1024 ** 2

const kinds: Readonly<Record<string, AppCallKind>> = {
  sign: 'create',
  'sign-parts': 'sign-parts',
  'list-parts': 'list-parts',
  complete: 'complete',
  abort: 'abort',
  probe: 'probe',
  confirm: 'confirm',
  list: 'list',
}

function describe({ text }: AppRequest): { kind: AppCallKind; files: number } {
  const body: { action?: string; files?: readonly unknown[] } = JSON.parse(text)
  return { kind: kinds[body.action ?? ''] ?? 'other', files: body.files?.length ?? 1 }
}

backendConformance(
  'kit',
  {
    keepsKey: 'renewals',
    refuses: { name: 'unwanted.bin', userMessage: 'Not this one.' },
    parts: { from: 10 * mebibyte, partSize: 5 * mebibyte, lists: true },
    confirms: {
      refusal: {
        status: 422,
        headers: { 'content-type': 'application/problem+json' },
        text: JSON.stringify({
          type: 'about:blank',
          title: 'x',
          status: 422,
          detail: 'No.',
          code: 'refused',
        }),
      },
      userMessage: 'No.',
    },
  },
  async ({ s3, bucket }) => {
    const granted: { name: string; key: string }[] = []
    const { endpoint, region, credentials } = s3
    const handler = createUploadHandler({
      storage: { bucket, region, endpoint, credentials },
      authorize: () => 'ann',
      multipartFrom: 10 * mebibyte,
      partSize: 5 * mebibyte,
      key({ file }) {
        if (file.name === 'unwanted.bin') throw new Reject('Not this one.')
        granted.push({ name: file.name, key: `kit/${file.uniqueName}` })
        return `kit/${file.uniqueName}`
      },
      onComplete: ({ key }) => ({ key }),
      onError: () => undefined,
    })
    const app = await startAppServer({
      describe,
      async handle({ path, headers, text }) {
        const answer = await handler(
          new Request(`http://${headers.host}${path}`, {
            method: 'POST',
            headers: { 'content-type': headers['content-type'] ?? '' },
            body: text,
          }),
        )
        return {
          status: answer.status,
          headers: Object.fromEntries(answer.headers),
          text: await answer.text(),
        }
      },
    })
    return { backend: kit({ endpoint: `${app.url}/api/uploads` }), app, granted }
  },
)
