/** The signer that every server of these tests runs, in this process or in another one. */
import type { CompletedUpload, UploadHandler } from '../../src/server/index.ts'
import { createUploadHandler, createUploadRouter, route } from '../../src/server/index.ts'

export const bucket = 'uploads'
/** A page elsewhere that may call. */
export const namedOrigin = 'https://app.example.com'
/** Who sends this may upload; the first cookie is there to be told from the second. */
export const annsCookies = 'theme=dark; session=ann'

/** What tells a server where the store is; text only, so that it fits into an environment. */
export interface StoreAddress {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A route for each way of sending; `default` is the one that calls without a name mean. */
export const routes = ['default', 'put', 'parts'] as const

export function makeSigner({ endpoint, region, ...credentials }: StoreAddress): UploadHandler {
  const one = {
    async authorize({ headers, signal }: Request): Promise<string | null> {
      const witness = headers.get('x-witness')
      if (witness !== null) await witnessEnd(signal, witness)
      return headers.get('cookie') === annsCookies ? 'ann' : null
    },
    onComplete: ({ key, size, user }: CompletedUpload<string>) => ({ key, size, user }),
  }
  const router = createUploadRouter({
    default: route({ ...one, transport: 'post' }),
    put: route({ ...one, transport: 'put' }),
    parts: route({ ...one, transport: 'multipart', partSize: 5 * 1024 ** 2 }),
  })
  return createUploadHandler(router, {
    storage: { bucket, region, endpoint, credentials },
    origins: [namedOrigin],
  })
}

/** Tells the test that the call has arrived, and then that its client has gone. */
async function witnessEnd(signal: AbortSignal, witness: string): Promise<void> {
  const tell = (word: string): Promise<unknown> => fetch(witness, { method: 'POST', body: word })
  const gone = new Promise((resolve) => signal.addEventListener('abort', resolve))
  await tell('arrived')
  if (!signal.aborted) await gone
  await tell('gone')
}
