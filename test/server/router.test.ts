/** Named routes: who is found, what is published, and what runs for each file. */
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'

import { parseLimits } from '../../src/protocol/action-answers.ts'
import type { SignVerdict } from '../../src/protocol/wire.ts'
import type { AnyRouter, HandlerOptions } from '../../src/server/index.ts'
import { createUploadHandler, createUploadRouter, r2, Reject, route } from '../../src/server/index.ts'
import { aFile, call, makeHandler, only, post, start, storage, throwing, url } from './support.ts'

const authorize = vi.fn((request: Request) => ({ id: request.headers.get('x-user') ?? 'ann' }))

const handlerOf = (router: AnyRouter, options: Partial<HandlerOptions> = {}) =>
  createUploadHandler(router, {
    storage,
    now: () => start,
    fetch: () => Promise.reject(new Error('no store in this test')),
    onError(error) {
      throw error
    },
    ...options,
  })

const to = (name: string, body: object): Request =>
  new Request(`${url}?route=${encodeURIComponent(name)}`, post(body))

async function verdicts(router: AnyRouter, files: object[], options?: Partial<HandlerOptions>) {
  const { status, body, text } = await call(
    handlerOf(router, options),
    to('files', { v: 1, action: 'sign', files: files.map((facts) => ({ ...aFile(), ...facts })) }),
  )
  if (status !== 200) throw new Error(text)
  return body['files'] as SignVerdict[]
}

const codes = (answers: readonly SignVerdict[]): string[] =>
  answers.map((verdict) => (verdict.ok ? 'ok' : verdict.error.code))

test('a call is answered by the route it names, and authorised by that route alone', async () => {
  const [avatar, report] = [vi.fn(() => 'ann'), vi.fn(() => false as const)]
  const router = createUploadRouter({
    avatar: route({ authorize: avatar, maxSize: 500 }),
    report: route({ authorize: report }),
  })
  const wanted = { v: 1, action: 'sign', files: [aFile()] }
  const first = await call(handlerOf(router), to('avatar', wanted))
  expect(first.body).toMatchObject({ files: [{ ok: false, error: { code: 'file-too-large', limit: 500 } }] })
  expect(report).not.toHaveBeenCalled()
  expect((await call(handlerOf(router), to('report', wanted))).status).toBe(403)
  expect(avatar).toHaveBeenCalledOnce()
})

test.each([
  'toString',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'valueOf',
  '',
  'Files',
  'files ',
  'x'.repeat(9999),
])('the route %j is none', async (name) => {
  authorize.mockClear()
  const handler = handlerOf(createUploadRouter({ files: route({ authorize }) }))
  for (const action of ['sign', 'confirm', 'list', 'abort', 'complete', 'view', 'delete']) {
    const answer = await call(handler, to(name, { v: 1, action, files: [aFile()] }))
    expect(answer).toMatchObject({ status: 404, body: { code: 'unknown-route' } })
  }
  expect(authorize).not.toHaveBeenCalled()
})

test('two names are none, and without a name the route must be called default', async () => {
  const router = createUploadRouter({ files: route({ authorize }) })
  const wanted = { v: 1, action: 'sign', files: [aFile()] }
  const twice = new Request(`${url}?route=files&route=files`, post(wanted))
  expect((await call(handlerOf(router), twice)).status).toBe(404)
  expect((await call(handlerOf(router), post(wanted))).status).toBe(404)
  const named = createUploadRouter({ default: route({ authorize }) })
  expect((await call(handlerOf(named), post(wanted))).status).toBe(200)
})

test('a receipt of one route is none of another', async () => {
  const one = route({ authorize })
  const router = createUploadRouter({ files: one, other: one })
  const [verdict] = await verdicts(router, [{}])
  const receipt = verdict?.ok ? verdict.receipt : ''
  for (const action of ['confirm', 'abort', 'probe', 'view', 'delete', 'list-parts']) {
    const about = action === 'list-parts' ? { receipt } : { receipts: [receipt] }
    const answer = only(await call(handlerOf(router), to('other', { v: 1, action, ...about })))
    expect(answer).toMatchObject({ status: 403, body: { code: 'receipt-invalid' } })
  }
})

test('GET publishes what each route takes, to anybody of an allowed origin', async () => {
  const router = createUploadRouter({
    avatar: route({
      authorize: () => false,
      accept: { 'image/*': ['.png'] },
      minSize: 1,
      maxSize: 5000,
      maxFiles: 1,
    }),
    files: route({ authorize, transport: 'put' }),
  })
  const handler = handlerOf(router, { storage: r2({ accountId: 'abc', ...storage }) })
  const { status, text } = await call(handler, new Request(url))
  expect(status).toBe(200)
  const limits = parseLimits(text)
  expect(limits.get('avatar')).toEqual({
    accept: { 'image/*': ['.png'] },
    minSize: 1,
    maxSize: 5000,
    maxFiles: 1,
    multipartFrom: 64 * 1024 ** 2,
    checksums: ['crc32', 'crc32c', 'crc64nvme', 'sha256'],
  })
  expect(limits.get('files')).toMatchObject({
    accept: {},
    minSize: 0,
    maxSize: 5 * 1024 ** 3,
    multipartFrom: null,
  })
  const foreign = new Request(url, { headers: { origin: 'https://evil.example' } })
  expect((await call(handler, foreign)).status).toBe(403)
})

describe.each([
  ['zod', z.object({ album: z.string().max(9), at: z.coerce.date() })],
  [
    'valibot',
    v.object({
      album: v.pipe(v.string(), v.maxLength(9)),
      at: v.pipe(
        v.string(),
        v.transform((text) => new Date(text)),
      ),
    }),
  ],
  ['arktype', type({ album: 'string<=9', at: 'string.date.iso.parse' })],
] as const)('metadata by %s', (_library, schema) => {
  const good = { album: 'a1', at: '2026-11-20T00:00:00.000Z' }
  const seen = vi.fn()
  const router = createUploadRouter({
    files: route({
      authorize,
      metadata: schema,
      key: ({ metadata, file }) => `${metadata.album}/${file.uniqueName}`,
      prepare({ metadata, key }) {
        seen(metadata.at)
        return { key, year: metadata.at.getUTCFullYear() }
      },
      onComplete({ metadata, record }) {
        seen(metadata.at)
        return { year: record.year }
      },
    }),
  })

  test('reaches key, prepare and onComplete as the schema makes it', async () => {
    seen.mockClear()
    const [verdict] = await verdicts(router, [{ metadata: good }])
    expect(verdict).toMatchObject({ ok: true, record: { year: 2026, key: expect.stringMatching(/^a1\//) } })
    const found = () => Promise.resolve(new Response(null, { headers: { 'content-length': '1000' } }))
    const receipt = verdict?.ok ? verdict.receipt : ''
    const answer = await call(
      handlerOf(router, { fetch: found }),
      to('files', { v: 1, action: 'confirm', receipts: [receipt] }),
    )
    expect(only(answer).body).toMatchObject({ result: { year: 2026 } })
    expect(seen.mock.calls).toEqual([[new Date(good.at)], [new Date(good.at)]])
  })

  test('is refused for the file that has the wrong one, with the place', async () => {
    const answers = await verdicts(router, [
      { metadata: { ...good, album: 'far too long' } },
      {},
      { metadata: good },
    ])
    expect(codes(answers)).toEqual(['refused', 'refused', 'ok'])
    expect(JSON.stringify(answers[0])).toContain('album')
  })
})

test('prepare runs once per file, not for renewals; Reject refuses one file, another error asks to try again', async () => {
  const prepare = vi.fn(({ file }: { file: { id: string } }) => {
    if (file.id === 'bad') throw new Reject('No more files this month.')
    if (file.id === 'down') throw new Error('database at 10.0.0.7 is down')
    return { row: file.id }
  })
  const onError = vi.fn()
  const router = createUploadRouter({ files: route({ authorize, prepare }) })
  const answers = await verdicts(router, [{ id: 'bad' }, { id: 'down' }, { id: 'good' }], { onError })
  expect(answers).toMatchObject([
    { ok: false, error: { code: 'refused', message: 'No more files this month.' } },
    { ok: false, error: { code: 'signer-failed' } },
    { ok: true, record: { row: 'good' } },
  ])
  expect(JSON.stringify(answers)).not.toContain('10.0.0.7')
  expect(onError).toHaveBeenCalledOnce()
  const receipt = answers[2]?.ok ? answers[2].receipt : ''
  const again = await verdicts(router, [{ id: 'good', reason: 'renew', receipt }])
  expect(again).toMatchObject([{ ok: true, record: { row: 'good' }, receipt }])
  expect(prepare).toHaveBeenCalledTimes(3)
})

test('what prepare made is given back where the grant fails', async () => {
  const onAbort = vi.fn()
  const router = createUploadRouter({
    files: route({ authorize, prepare: () => ({ row: 1 }), onAbort, transport: 'multipart' }),
  })
  const onError = vi.fn()
  const fetch = vi.fn((address: string) =>
    Promise.resolve(
      new Response('', {
        status: address.includes('uploads=&prefix') ? 200 : address.includes('uploads=') ? 503 : 404,
      }),
    ),
  )
  expect(codes(await verdicts(router, [{ accepts: ['multipart'] }], { fetch, onError }))).toEqual([
    'storage-failed',
  ])
  expect(onAbort).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ id: 'item-1', record: { row: 1 }, stored: false, user: { id: 'ann' } }),
  )
})

test('quota: files beyond what is left are refused, in order; renewals are not counted', async () => {
  const quota = vi.fn(() => 2500)
  const router = createUploadRouter({ files: route({ authorize, quota, maxSize: 2000 }) })
  const sizes = [1000, 5000, 2000, 1500, 1]
  const answers = await verdicts(
    router,
    sizes.map((size, at) => ({ id: `${at}`, size })),
  )
  expect(codes(answers)).toEqual(['ok', 'file-too-large', 'total-too-large', 'ok', 'total-too-large'])
  expect(answers[2]).toMatchObject({ error: { limit: 1500, actual: 2000 } })
  expect(quota).toHaveBeenCalledExactlyOnceWith({ user: { id: 'ann' } })
  const receipt = answers[0]?.ok ? answers[0].receipt : ''
  quota.mockReturnValue(0)
  const again = { id: '0', size: 1000, reason: 'renew', receipt }
  expect(codes(await verdicts(router, [again, { id: '9', size: 1 }]))).toEqual(['ok', 'total-too-large'])
})

test('rate limit: 429 with Retry-After, before any of the app’s other callbacks', async () => {
  const prepare = vi.fn()
  const rateLimit = vi.fn((facts: { count: number }) => (facts.count > 1 ? 7.2 : true))
  const handler = handlerOf(createUploadRouter({ files: route({ authorize, prepare }) }), { rateLimit })
  const wanted = { v: 1, action: 'sign', files: [aFile(), aFile()] }
  const answer = await call(handler, to('files', wanted))
  expect(answer).toMatchObject({ status: 429, body: { code: 'rate-limited' } })
  expect(answer.headers.get('retry-after')).toBe('8')
  expect(prepare).not.toHaveBeenCalled()
  expect(rateLimit.mock.calls[0]?.[0]).toMatchObject({ route: 'files', action: 'sign', userId: 'string:ann' })
  expect((await call(handler, to('files', { ...wanted, files: [aFile()] }))).status).toBe(200)
})

test('a body that trickles in is not waited for', async () => {
  vi.useFakeTimers()
  const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) })
  const answer = call(makeHandler(), new Request(post('{}'), { body, duplex: 'half' } as RequestInit))
  await vi.advanceTimersByTimeAsync(30_000)
  vi.useRealTimers()
  expect(await answer).toMatchObject({ status: 408, body: { code: 'body-timeout' } })
})

describe('stored files', () => {
  test.each(['users/4', '', '/users/', 'users/../', '$x/', 'elsewhere/'])(
    'a list of %j is a fault',
    async (folder) => {
      const onError = vi.fn()
      const router = createUploadRouter({ files: route({ authorize, prefix: 'users/', list: () => folder }) })
      const answer = await call(handlerOf(router, { onError }), to('files', { v: 1, action: 'list' }))
      expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } })
      expect(String(onError.mock.calls[0]?.[0])).toContain('slash')
    },
  )

  test('nobody lists, views or removes where the route does not say so', async () => {
    const router = createUploadRouter({ files: route({ authorize }) })
    const [verdict] = await verdicts(router, [{}])
    const receipt = verdict?.ok ? verdict.receipt : ''
    const receipts = [receipt]
    for (const body of [{ action: 'list' }, { action: 'view', receipts }, { action: 'delete', receipts }])
      expect(only(await call(handlerOf(router), to('files', { v: 1, ...body })))).toMatchObject({
        status: 403,
      })
  })
})

test.each<[why: string, make: () => unknown, message: string]>([
  ['no routes', () => createUploadRouter({}), 'at least one route'],
  ['a name with a slash', () => createUploadRouter({ 'a/b': route({ authorize }) }), 'letters, digits'],
  [
    'a prefix with a slash in front',
    () => createUploadRouter({ a: route({ authorize, prefix: '/a/' }) }),
    'prefix',
  ],
  ['a prefix with $', () => createUploadRouter({ a: route({ authorize, prefix: '$a/' }) }), 'prefix'],
  ['no place to wait', () => createUploadRouter({ a: route({ authorize, promote: '' }) }), 'promote'],
  ['tiny parts', () => createUploadRouter({ a: route({ authorize, partSize: 5 }) }), 'partSize'],
  [
    'a form of 6 GB',
    () => createUploadRouter({ a: route({ authorize, transport: 'post', maxSize: 6e9 }) }),
    '5 GiB',
  ],
  [
    'acceleration of another store',
    () => makeHandler({ storage: { ...storage, accelerate: true, endpoint: 'https://x.example' } }),
    'endpoint',
  ],
  [
    'acceleration of a dotted bucket',
    () => makeHandler({ storage: { ...storage, accelerate: true, bucket: 'a.b' } }),
    'dots',
  ],
  [
    'acceleration in cn-north-1',
    () => makeHandler({ storage: { ...storage, accelerate: true, region: 'cn-north-1' } }),
    'storage.accelerate',
  ],
  [
    'acceleration in us-gov-west-1',
    () => makeHandler({ storage: { ...storage, accelerate: true, region: 'us-gov-west-1' } }),
    'storage.accelerate',
  ],
  [
    'acceleration in us-iso-east-1',
    () => makeHandler({ storage: { ...storage, accelerate: true, region: 'us-iso-east-1' } }),
    'storage.accelerate',
  ],
  [
    'acceleration in eu-isoe-west-1',
    () => makeHandler({ storage: { ...storage, accelerate: true, region: 'eu-isoe-west-1' } }),
    'storage.accelerate',
  ],
  [
    'acceleration in eusc-de-east-1',
    () => makeHandler({ storage: { ...storage, accelerate: true, region: 'eusc-de-east-1' } }),
    'storage.accelerate',
  ],
  [
    'two public addresses',
    () => makeHandler({ storage: { ...storage, accelerate: true, publicEndpoint: 'https://x.example' } }),
    'publicEndpoint',
  ],
])('%s is refused at once', (_why, make, message) => {
  expect(make).toThrow(message)
})

test('a key beside the route’s prefix is a fault of the app, and grants nothing', async () => {
  const onError = vi.fn()
  const router = createUploadRouter({ files: route({ authorize, prefix: 'a/', key: () => 'b/c' }) })
  expect(codes(await verdicts(router, [{}], { onError }))).toEqual(['refused'])
  expect(String(onError.mock.calls[0]?.[0])).toContain('prefix')
})

test('the app’s own fault in a stored-file callback tells the client nothing', async () => {
  const onError = vi.fn()
  const router = createUploadRouter({ files: route({ authorize, list: throwing(new Error('db-secret')) }) })
  const answer = await call(handlerOf(router, { onError }), to('files', { v: 1, action: 'list' }))
  expect(answer.status).toBe(500)
  expect(answer.text).not.toContain('db-secret')
})
