import { describe, expect, test, vi } from 'vitest'

import type { CompletedUpload, FetchLike } from '../../src/server/index.ts'
import { Reject } from '../../src/server/index.ts'
import type { Answer, Options, User } from './support.ts'
import { about, call, credentials, grant, makeHandler, only, start, storage, throwing } from './support.ts'

const stored = (size = 1000): FetchLike =>
  vi.fn<FetchLike>(() =>
    Promise.resolve(new Response(null, { headers: { 'content-length': `${size}`, etag: '"e1"' } })),
  )
const answers = (status: number, headers: Record<string, string> = {}): FetchLike =>
  vi.fn<FetchLike>(() => Promise.resolve(new Response(null, { status, headers })))

/** Grants with one signer, confirms with another of the same settings. */
async function confirm(options: Options, receipt?: string): Promise<Answer> {
  const granted = receipt ?? (await grant(makeHandler())).receipt
  return only(await call(makeHandler(options), about('confirm', granted)))
}

test('looks at the object and gives back what the app answers', async () => {
  const { receipt, fields } = await grant(makeHandler(), { name: 'my photo.png' })
  const onComplete = vi.fn((upload: CompletedUpload<User>) => ({ photo: upload.key, at: new Date(start) }))
  const { status, body } = await confirm({ fetch: stored(), onComplete }, receipt)
  const key = fields.get('key')
  expect(status).toBe(200)
  expect(body).toEqual({
    stored: { key, size: 1000, etag: '"e1"' },
    result: { photo: key, at: '2026-11-20T12:00:00.000Z' },
  })
  expect(onComplete).toHaveBeenCalledExactlyOnceWith({
    bucket: 'uploads',
    key,
    storedKey: key,
    metadata: undefined,
    record: null,
    size: 1000,
    type: 'image/png',
    name: 'my photo.png',
    etag: '"e1"',
    user: { id: 'ann' },
  })
})

test('asks the store itself, signed, at its inner address', async () => {
  const fetch = stored()
  const inner = {
    ...storage,
    endpoint: 'http://minio:9000',
    publicEndpoint: 'https://files.example.com',
    forcePathStyle: true,
  }
  const { receipt } = await grant(makeHandler({ storage: inner, key: () => 'a b/%2e/写#?.png' }))
  await confirm({ storage: inner, fetch }, receipt)
  const [url, init] = vi.mocked(fetch).mock.calls[0] ?? []
  expect(url).toBe('http://minio:9000/uploads/a%20b/%252e/%E5%86%99%23%3F.png')
  expect(init).toMatchObject({ method: 'HEAD', redirect: 'manual' })
  expect(init?.headers).toMatchObject({
    authorization: expect.stringContaining(`Credential=${credentials.accessKeyId}/20261120/eu-central-1/s3/`),
    'x-amz-date': '20261120T120000Z',
  })
})

test.each([
  [undefined, null],
  [null, null],
  ['text', 'text'],
  [{ a: undefined, b: new Map() }, { b: {} }],
])('what onComplete returns is made JSON: %j', async (returned, expected) => {
  const { body } = await confirm({ fetch: stored(), onComplete: () => returned })
  expect(body['result']).toEqual(expected)
})

test('works without onComplete, and twice', async () => {
  const { receipt } = await grant(makeHandler())
  const first = await confirm({ fetch: stored() }, receipt)
  const second = await confirm({ fetch: stored() }, receipt)
  expect(first.status).toBe(200)
  expect(second.body).toEqual(first.body)
})

describe('is refused', () => {
  const never = vi.fn(() => 'must not run')

  test.each<[why: string, fetch: FetchLike, status: number, code: string]>([
    ['if the object is missing', answers(404), 409, 'not-stored'],
    ['if it is shorter', stored(999), 409, 'not-stored'],
    ['if it is longer', stored(1001), 409, 'not-stored'],
    ['if the store forbids it', answers(403, { 'content-length': '1000' }), 502, 'storage-failed'],
    ['if the store is elsewhere', answers(301, { location: 'https://evil.example/' }), 502, 'storage-failed'],
    ['if the store is down', answers(503), 502, 'storage-failed'],
    ['if no size is told', answers(200), 502, 'storage-failed'],
    ['if the store is away', () => Promise.reject(new TypeError('fetch failed')), 502, 'storage-failed'],
  ])('%s', async (_why, fetch, status, code) => {
    const onError = vi.fn()
    const answer = await confirm({ fetch, onComplete: never, onError })
    expect(answer).toMatchObject({ status, body: { status, code } })
    expect(never).not.toHaveBeenCalled()
    expect(onError).toHaveBeenCalledTimes(status >= 500 ? 1 : 0)
  })

  test('if the receipt is garbage, foreign or too old, before S3 is asked', async () => {
    const fetch = stored()
    const { receipt } = await grant(makeHandler())
    const bob = { fetch, authorize: () => ({ id: 'bob' }) }
    expect(await confirm({ fetch }, 'garbage')).toMatchObject({
      status: 403,
      body: { code: 'receipt-invalid' },
    })
    expect(await confirm(bob, receipt)).toMatchObject({ status: 403, body: { code: 'receipt-invalid' } })
    const late = { fetch, now: () => start + 15 * 86_400_000 }
    expect(await confirm(late, receipt)).toMatchObject({ status: 410, body: { code: 'expired' } })
    expect(fetch).not.toHaveBeenCalled()
  })

  test('if authorize says no by now', async () => {
    const answer = await confirm({ fetch: stored(), authorize: () => null })
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } })
  })
})

test('a grant renewed on its last day can still be confirmed when it ends', async () => {
  const { receipt } = await grant(makeHandler())
  const answer = await confirm({ fetch: stored(), now: () => start + 14 * 86_400_000 }, receipt)
  expect(answer.status).toBe(200)
})

test('Reject is final and in the app’s own words', async () => {
  const onComplete = throwing(new Reject('This photo is upside down.'))
  const answer = await confirm({ fetch: stored(), onComplete })
  expect(answer).toMatchObject({
    status: 422,
    body: { code: 'refused', detail: 'This photo is upside down.' },
  })
})

test('a rejection has the route’s own code, and no other', async () => {
  const rejects = ['upside-down', 'too-dark']
  const codeOf = async (code?: string): Promise<unknown> => {
    const onComplete = throwing(new Reject('Not this one.', code))
    return (await confirm({ fetch: stored(), onComplete, rejects })).body['rejectCode']
  }
  expect(await codeOf('too-dark')).toBe('too-dark')
  expect(await codeOf('database-down')).toBeUndefined()
  expect(await codeOf()).toBeUndefined()
})

test('any other error of onComplete stays on the server, which is told', async () => {
  const fault = new Error('password=hunter2')
  const onError = vi.fn()
  const answer = await confirm({ fetch: stored(), onComplete: throwing(fault), onError })
  expect(answer).toMatchObject({ status: 500, body: { code: 'confirm-failed' } })
  expect(answer.text).not.toContain('hunter2')
  expect(onError).toHaveBeenCalledExactlyOnceWith(
    fault,
    expect.objectContaining({ doing: expect.any(String) }),
  )
})

test('an answer that has no JSON form is a fault of the server', async () => {
  const onError = vi.fn()
  const answer = await confirm({ fetch: stored(), onComplete: () => 5n, onError })
  expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } })
  expect(onError).toHaveBeenCalledOnce()
})
