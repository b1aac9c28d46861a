/** A copy names the version that was checked. Stores without versions: see pinned.test.ts. */
import { onTestFinished, expect, test } from 'vitest'

import type { FetchLike } from '../../src/server/index.ts'
import { createUploadRouter, route, s3 } from '../../src/server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import {
  aRequest,
  authorize,
  backendFor,
  bytesOf,
  callTo,
  carryOut,
  granted,
  handlerFor,
} from './store-suite.ts'

async function open(over: FetchLike) {
  const time = Date.now()
  const server = await startS3Server({ now: () => new Date(time) })
  onTestFinished(() => server.close())
  await server.createBucket('uploads')
  const { endpoint, region, credentials } = server
  const capabilities = { unsignedHeaders: 'refused' } as const
  const storage = s3({ bucket: 'uploads', endpoint, region, credentials, capabilities })
  const backend = backendFor('files')
  const files = route({ authorize, prefix: 'done/', promote: 'waiting/' })
  const store = { storage, now: () => time }
  const call = callTo(handlerFor(store, createUploadRouter({ files }), { fetch: over }))
  const content = bytesOf(100)
  const file = aRequest(content, { accepts: ['put'] })
  const mine = granted((await backend.createUploads([file], call))[0])
  await carryOut(mine, content, backend, call)
  return () => backend.confirm?.(mine.ref, { location: '' }, file, call)
}

test.each([
  ['v/1 2', '?versionId=v%2F1%202'],
  ['null', ''],
])('the copy is of the version %s that was checked', async (version, suffix) => {
  const sources: string[] = []
  // The local S3 keeps no versions, so they are made up in between.
  const confirm = await open(async (url, init) => {
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
