/** The object that is promoted is the one that was checked, even where another has its ETag, size and date. */
import { onTestFinished, expect, test } from 'vitest'

import type { FetchLike } from '../../src/server/index.ts'
import { createUploadRouter, route, s3 } from '../../src/server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
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

// Two blocks of one MD5: Wang and others, "Collisions for Hash Functions MD4, MD5, HAVAL-128 and RIPEMD" (2004).
const one =
  'd131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f8955ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5bd8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70'
const other =
  'd131dd02c5e6eec4693d9a0698aff95c2fcab50712467eab4004583eb8fb7f8955ad340609f4b30283e4888325f1415a085125e8f7cdc99fd91dbd7280373c5bd8823e3156348f5bae6dacd436c919c6dd53e23487da03fd02396306d248cda0e99f33420f577ee8ce54b67080280d1ec69821bcb6a8839396f965ab6ff72a70'
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

async function open(over: FetchLike = fetch) {
  const time = Date.now()
  const server = await startS3Server({ now: () => new Date(time) })
  onTestFinished(() => server.close())
  await server.createBucket('uploads')
  const { endpoint, region, credentials } = server
  const capabilities = { unsignedHeaders: 'refused' } as const
  const storage = s3({ bucket: 'uploads', endpoint, region, credentials, capabilities })
  const backend = backendFor('files')
  let replay = (): Promise<unknown> => Promise.resolve()
  const onComplete = async (): Promise<null> => {
    await replay()
    return null
  }
  const files = route({ authorize, prefix: 'done/', promote: 'waiting/', onComplete })
  const store = { storage, now: () => time }
  const call = callTo(handlerFor(store, createUploadRouter({ files }), { fetch: over }))
  const witness = openWitness(store)
  onTestFinished(() => witness.client.destroy())
  const file = aRequest(bytes(one), { accepts: ['put'] })
  const mine = granted((await backend.createUploads([file], call))[0])
  await carryOut(mine, bytes(one), backend, call)
  const confirm = (): Promise<unknown> | undefined =>
    backend.confirm?.(mine.ref, { location: '' }, file, call)
  const send = (hex: string): Promise<unknown> => carryOut(mine, bytes(hex), backend, call)
  return { confirm, witness, send, meanwhile: (run: () => Promise<unknown>) => (replay = run) }
}

test('an object of the same MD5, size and date that came meanwhile is not promoted', async () => {
  const { confirm, witness, send, meanwhile } = await open()
  meanwhile(() => send(other))
  await expect(confirm()).rejects.toThrow('replaced')
  expect(await witness.keys('done/')).toEqual([])
})

test('the object that was checked is promoted', async () => {
  const { confirm, witness } = await open()
  expect(await confirm()).toBeNull()
  const [key = ''] = await witness.keys('done/')
  expect(Buffer.from((await witness.read(key)) ?? []).toString('hex')).toBe(one)
})

test.each([
  ['v/1 2', '?versionId=v%2F1%202'],
  ['null', ''],
])('the copy is of the version %s that was checked', async (version, suffix) => {
  const sources: string[] = []
  // The local S3 keeps no versions, so they are made up in between.
  const { confirm } = await open(async (url, init) => {
    const headers = new Headers(init.headers)
    const source = headers.get('x-amz-copy-source')
    if (source !== null) sources.push(source)
    if (source?.includes('?')) return new Response('<CopyObjectResult/>')
    const answer = await fetch(url, init)
    if (init.method !== 'HEAD') return answer
    const named = new Headers(answer.headers)
    if (answer.ok) named.set('x-amz-version-id', version)
    return new Response(null, { status: answer.status, headers: named })
  })
  await confirm()
  expect(sources).toEqual([expect.stringMatching(/^\/uploads\/waiting\/[^?]+/)])
  expect(sources[0]?.replace(/^[^?]*/, '')).toBe(suffix)
})
