/** A promoted file is the one that `onComplete` saw, although its grant can replace it within the same second. */
import { CopyObjectCommand } from '@aws-sdk/client-s3'
import { expect, onTestFinished, test, vi } from 'vitest'

import type { FetchLike, StoreCapabilities } from '../../src/server/index.ts'
import { createUploadRouter, route } from '../../src/server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import type { Bytes } from './store-suite.ts'
import {
  aRequest,
  authorize,
  backendFor,
  callTo,
  carryOut,
  granted,
  handlerFor,
  openWitness,
} from './store-suite.ts'

// Two texts of one MD5 and one length (X. Wang and H. Yu, "How to Break MD5 and Other Hash Functions", 2005).
const collision =
  'd131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f89' +
  '55ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b' +
  'd8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0' +
  'e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70'
const seen: Bytes = Uint8Array.from(Buffer.from(collision, 'hex'))
const twin: Bytes = seen.map((byte, at) => ([19, 45, 59, 83, 109, 123].includes(at) ? byte ^ 0x80 : byte))
const other: Bytes = seen.toReversed()

/** The store between the signer and its bucket. */
interface Between {
  /** Stores these bytes by the grant that the browser still has. */
  readonly replay: (content: Bytes) => Promise<void>
  readonly copyAsIs: () => Promise<Response>
}

interface Setting {
  readonly onComplete?: (between: Between) => Promise<void>
  /** In place of the copy. */
  readonly copy?: (between: Between) => Promise<Response>
  /** The version that HEAD of the waiting file tells. Others than `null`: see promote-pins.test.ts. */
  readonly version?: string
  readonly capabilities?: Partial<StoreCapabilities>
}

/** Uploads the file that is seen, confirms it, and gives what lies at the final key; `refused` if nothing does. */
async function promoted({
  onComplete,
  copy,
  version,
  capabilities = {},
}: Setting): Promise<Bytes | 'refused'> {
  const now = Date.UTC(2026, 10, 20)
  const server = await startS3Server({ now: () => new Date(now) })
  onTestFinished(() => server.close())
  await server.createBucket('uploads')
  const { endpoint, region, credentials } = server
  const known = { unsignedHeaders: 'refused', ...capabilities } as const
  const storage = { bucket: 'uploads', region, endpoint, credentials, capabilities: known }
  const witness = openWitness({ storage, now: Date.now })
  witness.client.config.systemClockOffset = now - Date.now()
  onTestFinished(() => witness.client.destroy())
  const between: Between = {
    async replay(content) {
      await carryOut(mine, content, backend, call)
    },
    async copyAsIs() {
      const [from = ''] = await witness.keys('incoming/')
      const Key = from.replace('incoming/', 'done/')
      await witness.client.send(
        new CopyObjectCommand({ Bucket: 'uploads', Key, CopySource: `/uploads/${from}` }),
      )
      return new Response('<CopyObjectResult></CopyObjectResult>')
    },
  }
  const relay: FetchLike = async (url, init) => {
    const headers = new Headers(init.headers)
    if (copy && headers.has('x-amz-copy-source')) return copy(between)
    const answer = await fetch(url, init)
    if (init.method !== 'HEAD' || version === undefined || !url.includes('/incoming/') || !answer.ok)
      return answer
    const told = new Headers(answer.headers)
    told.set('x-amz-version-id', version)
    return new Response(null, { status: answer.status, headers: told })
  }
  const files = route({
    authorize,
    prefix: 'done/',
    promote: 'incoming/',
    onComplete: async () => onComplete?.(between),
  })
  const handler = handlerFor({ storage, now: () => now }, createUploadRouter({ files }), { fetch: relay })
  const [backend, call] = [backendFor('files'), callTo(handler)]
  const file = aRequest(seen, { accepts: ['put'] })
  const mine = granted((await backend.createUploads([file], call))[0])
  await between.replay(seen)
  const confirmed = await backend.confirm?.(mine.ref, { location: '' }, file, call).then(
    () => true,
    () => false,
  )
  const [key] = await witness.keys('done/')
  expect(confirmed).toBe(key !== undefined)
  return key === undefined ? 'refused' : Uint8Array.from((await witness.read(key)) ?? [])
}

const noDigests = { checksums: [], fullChecksums: [] } as const

test('the two texts differ, and the store gives them one ETag', async () => {
  expect(Buffer.from(seen).equals(twin)).toBe(false)
  expect(await promoted({})).toEqual(seen)
  // Without digests and versions nothing tells them apart.
  expect(await promoted({ capabilities: noDigests, onComplete: ({ replay }) => replay(twin) })).toEqual(twin)
})

test.each<[why: string, setting: Setting]>([
  ['another text of the same MD5, told by the copy’s digest', { onComplete: ({ replay }) => replay(twin) }],
  [
    'another text, copied by a store that ignores x-amz-copy-source-if-match',
    {
      capabilities: noDigests,
      async copy({ replay, copyAsIs }) {
        await replay(other)
        const answer = await copyAsIs()
        await replay(seen)
        return answer
      },
    },
  ],
])('%s, is not promoted', async (_why, setting) => {
  expect(await promoted(setting)).toBe('refused')
})

test.each<[string, Setting]>([
  ['versions suspended', { version: 'null' }],
  ['digests', {}],
  ['nothing but an ETag', { capabilities: noDigests }],
])('an undisturbed file is promoted by a store with %s', async (_what, setting) => {
  const onComplete = vi.fn(() => Promise.resolve())
  expect(await promoted({ ...setting, onComplete })).toEqual(seen)
  expect(onComplete).toHaveBeenCalledOnce()
})

test('a suspended version is no proof: a text of the same MD5 is told by its digest', async () => {
  expect(await promoted({ version: 'null', onComplete: ({ replay }) => replay(twin) })).toBe('refused')
})
