/** Lists that do not go on, cursors that no list has given, and what is too long for a form or a receipt. */
import { expect, onTestFinished, test, vi } from 'vitest'

import type { FetchLike } from '../../src/server/index.ts'
import { createUploadHandler, createUploadRouter, route, sweep } from '../../src/server/index.ts'
import { createBucket } from '../../src/server/storage/bucket.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import { authorize, handlerFor } from './store-suite.ts'
import { aFile, call, grant, makeHandler, post, start, storage } from './support.ts'

const xml = (root: string, content: string): string =>
  `<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated>${content}</${root}>`

const uploads = xml(
  'ListMultipartUploadsResult',
  '<NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker>',
)
const objects = xml('ListBucketResult', '<NextContinuationToken>t</NextContinuationToken>')
const parts = xml('ListPartsResult', '<NextPartNumberMarker>1</NextPartNumberMarker>')

/** A store that says the same page for ever. It counts, so that a loop ends. */
const repeating = (page: (url: string) => string) =>
  vi.fn<FetchLike>((url) => {
    if (repeatedTooOften()) return Promise.reject(new Error('asked for ever'))
    return Promise.resolve(new Response(page(url)))
  })
let asked = 0
const repeatedTooOften = (): boolean => (asked += 1) > 50

test.each([
  ['open uploads', () => uploads],
  ['objects', (url: string) => (url.includes('?uploads=') ? uploads.replace('true', 'false') : objects)],
])('sweep() ends where a store repeats its list of %s', async (_what, page) => {
  asked = 0
  const router = createUploadRouter({ files: route({ authorize, promote: 'incoming/' }) })
  await expect(sweep(router, { storage, fetch: repeating(page) })).rejects.toMatchObject({
    message: 'The store answered with a list that does not go on.',
  })
  expect(asked).toBeLessThan(5)
})

test('a list of parts that says "truncated" without parts has an end', async () => {
  asked = 0
  const bucket = createBucket(
    storage,
    repeating(() => parts),
  )
  const session = await bucket.openSession(Date.now(), new AbortController().signal)
  await expect(bucket.listParts('k', 'u', session)).rejects.toThrow('a list that does not go on')
  expect(asked).toBe(1)
})

test.each(['x', '../', '=', '%00', 'a'.repeat(2048), '写'])(
  'the cursor %s, which no list has given',
  async (cursor) => {
    const server = await startS3Server({ region: 'eu-central-1' })
    onTestFinished(() => server.close())
    await server.createBucket('uploads')
    const { endpoint, credentials } = server
    const files = route({ authorize, list: () => 'users/' })
    const handler = handlerFor(
      { storage: { ...storage, endpoint, credentials }, now: Date.now },
      createUploadRouter({ default: files }),
    )
    const { status, body } = await call(handler, post({ v: 1, action: 'list', cursor }))
    expect(status).toBe(400)
    expect(body).toMatchObject({ code: 'bad-request' })
  },
)

test('metadata of the browser in Chinese, as long as the wire takes it, is granted with a name as long', async () => {
  const handler = createUploadHandler({
    storage,
    authorize: () => ({ id: 'ann' }),
    metadata: anything,
    now: () => start,
  })
  const metadata = { a: '写'.repeat(2048 - '{"a":""}'.length) }
  expect(JSON.stringify(metadata)).toHaveLength(2048)
  const { receipt } = await grant(handler, { metadata, name: `${'写'.repeat(508)}.png` })
  expect(receipt.length).toBeLessThan(16_384)
})

const anything = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
} as const

test('a form larger than S3 reads before the file is not granted, and the log says why', async () => {
  const told: unknown[] = []
  const onAbort = vi.fn()
  const tags = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`k${at}`, 'v'.repeat(256)]))
  const handler = makeHandler({
    object: { tags, metadata: { a: 'x'.repeat(2000) } },
    storage: { ...storage, credentials: { ...storage.credentials, sessionToken: 't'.repeat(4096) } },
    secret: 'a secret for receipts',
    onAbort,
    onError: (error) => told.push(error),
  })
  const { body } = await call(handler, post({ v: 1, action: 'sign', files: [aFile()] }))
  expect(body).toMatchObject({ files: [{ ok: false }] })
  expect(String(told[0])).toMatch(/^TypeError: The form has \d+ bytes before the file/)
  expect(onAbort).toHaveBeenCalledOnce()
})

test('an upload in parts whose receipt would be too long is aborted at once', async () => {
  const methods: unknown[] = []
  const fetch: FetchLike = (_url, { method }) => {
    methods.push(method)
    const text = method === 'POST' ? '<R><UploadId>id</UploadId></R>' : '<R/>'
    return Promise.resolve(method === 'HEAD' ? new Response(null, { status: 404 }) : new Response(text))
  }
  const told: unknown[] = []
  const handler = makeHandler({
    prepare: () => '写'.repeat(5000),
    transport: 'multipart',
    fetch,
    onError: (error) => told.push(error),
  })
  const file = aFile({ accepts: ['multipart'] })
  const { body } = await call(handler, post({ v: 1, action: 'sign', files: [file] }))
  expect(body).toMatchObject({ files: [{ ok: false }] })
  expect(String(told[0])).toContain('The receipt would have')
  expect(methods.slice(-2)).toEqual(['POST', 'DELETE'])
})
