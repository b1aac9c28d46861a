/** The client of our signer, call by call: what it asks, and what it makes of the answers. */
import { expect, test } from 'vitest'

import { kit } from '../../src/backends/kit.ts'
import type { BackendCall, HttpRequest } from '../../src/core/ports.ts'
import { createUploadRouter, route } from '../../src/server/index.ts'
import { aRequest, bytesOf, callTo, handlerFor } from '../server/store-suite.ts'

const mebibyte = 1024 ** 2
const authorize = (): string => 'ann'
const storage = {
  bucket: 'uploads',
  region: 'eu-central-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b'.repeat(40) },
}

/** A server that gives this one answer, and tells what it was asked. */
function answering(status: number, body: object): BackendCall & { asked: HttpRequest[] } {
  const asked: HttpRequest[] = []
  return {
    asked,
    signal: new AbortController().signal,
    now: Date.now,
    send(request) {
      asked.push(request)
      const type = status < 300 ? 'application/json' : 'application/problem+json'
      return Promise.resolve({
        status,
        text: JSON.stringify(body),
        headers: new Map([['content-type', type]]),
      })
    },
  }
}
const problem = (status: number, code: string) =>
  answering(status, { type: 'about:blank', title: 'x', status, detail: 'Because.', code })

test.each([
  ['/api/uploads', '/api/uploads?route=a'],
  ['/api/uploads?v=2', '/api/uploads?v=2&route=a'],
  ['https://x.example/up#top', 'https://x.example/up?route=a#top'],
])('the route goes into the address %s', async (endpoint, expected) => {
  const call = answering(200, { v: 1, verdicts: [{ ok: true }] })
  await kit({ endpoint, route: 'a' }).release?.('r', call)
  expect(call.asked[0]).toMatchObject({ method: 'POST', url: expected })
})

test('limits are those of the route, as it publishes them', async () => {
  const router = createUploadRouter({
    a: route({ authorize, accept: { 'image/*': [] }, minSize: 1, maxSize: 9, maxFiles: 2 }),
    b: route({ authorize }),
    odd: route({ authorize, minSize: 0.5, maxSize: 0.1 * 1024 ** 2, maxFiles: Infinity }),
    endless: route({ authorize, maxSize: Infinity }),
  })
  const call = callTo(handlerFor({ storage, now: Date.now }, router))
  const limits = (name: string) => kit({ endpoint: '/up', route: name }).limits?.(call)
  const checksums = ['crc32', 'crc32c', 'crc64nvme', 'sha256']
  const always = { checksums, multipartFrom: 64 * mebibyte }
  expect(await limits('a')).toEqual({
    ...always,
    accept: { 'image/*': [] },
    minSize: 1,
    maxSize: 9,
    maxFiles: 2,
  })
  expect(await limits('b')).toEqual({ ...always, accept: {}, minSize: 0, maxSize: 5 * 1024 ** 3 })
  expect(await limits('odd')).toEqual({ ...always, accept: {}, minSize: 1, maxSize: 104_857 })
  expect(await limits('endless')).toMatchObject({ maxSize: Number.MAX_SAFE_INTEGER })
  await expect(limits('toString')).rejects.toMatchObject({ code: 'bad-answer' })
})

test('metadata goes along as JSON; too much of it, or a name too long, fails that file alone', async () => {
  const backend = kit({ endpoint: '/up' })
  const call = answering(200, {
    v: 1,
    files: [
      {
        ok: true,
        receipt: 'r',
        target: { type: 'put', url: 'https://x.example/k', headers: [], expiresIn: 60 },
      },
    ],
  })
  const grants = await backend.createUploads(
    [
      aRequest(bytesOf(1), { options: { metadata: { long: 'x'.repeat(3000) } } }),
      aRequest(bytesOf(1), { options: { metadata: { at: new Date(0) } } }),
      aRequest(bytesOf(1), { name: 'n'.repeat(600) }),
    ],
    call,
  )
  expect(grants).toMatchObject([
    { ok: false, error: { code: 'refused' } },
    { ok: true, ref: 'r', target: { type: 'put', request: { url: 'https://x.example/k' } } },
    { ok: false, error: { code: 'refused' } },
  ])
  const { body } = call.asked[0] ?? {}
  expect(body?.kind === 'text' && JSON.parse(body.text)).toMatchObject({
    files: [{ metadata: { at: '1970-01-01T00:00:00.000Z' } }],
  })
})

test.each<[status: number, code: string, expected: object]>([
  [410, 'no-such-upload', { code: 'expired', retry: 'restart' }],
  [410, 'expired', { code: 'expired', retry: 'restart' }],
  [409, 'not-stored', { code: 'storage-refused', retry: 'restart' }],
  [409, 'parts-missing', { code: 'storage-refused', retry: 'sign-again' }],
  [409, 'already-exists', { code: 'already-exists', retry: 'never' }],
  [403, 'receipt-invalid', { code: 'refused', retry: 'never' }],
  [403, 'forbidden', { code: 'unauthorized', retry: 'never' }],
  [429, 'rate-limited', { code: 'throttled', retry: 'later' }],
  [408, 'body-timeout', { code: 'signer-failed', retry: 'later' }],
  [502, 'storage-failed', { code: 'signer-failed', retry: 'later' }],
  [404, 'unknown-route', { code: 'refused', retry: 'never' }],
])('%d %s', async (status, code, expected) => {
  const backend = kit({ endpoint: '/up' })
  const part = [{ number: 1, size: 1 }]
  const calls = [
    () => backend.multipart?.signParts('r', part, problem(status, code)),
    () => backend.multipart?.listParts?.('r', problem(status, code)),
    () => backend.multipart?.complete('r', part, problem(status, code)),
    () => backend.multipart?.abort('r', problem(status, code)),
    () => backend.probe?.('r', problem(status, code)),
    () => backend.release?.('r', problem(status, code)),
    () => backend.deleteObject?.('r', problem(status, code)),
    () => backend.view?.('r', problem(status, code)),
  ]
  for (const ask of calls) await expect(ask()).rejects.toMatchObject(expected)
})

test.each<[why: string, body: object]>([
  ['no version', { parts: [], done: true, stored: null, url: 'https://x.example', files: [] }],
  ['another version', { v: 2, parts: [], done: true, stored: null, files: [] }],
  ['members of other kinds', { v: 1, parts: {}, done: 'yes', stored: [], url: 5, files: 'x', routes: [] }],
  [
    'addresses that are none',
    {
      v: 1,
      parts: [{ number: 1, url: 'javascript:x', headers: [], expiresIn: 1 }],
      url: 'ftp://x',
      expiresIn: 1,
      done: 1,
      stored: 1,
      files: [{}],
    },
  ],
])('answers with %s are no answers', async (_why, body) => {
  const backend = kit({ endpoint: '/up' })
  const part = [{ number: 1, size: 1 }]
  const calls = [
    () => backend.multipart?.signParts('r', part, answering(200, body)),
    () => backend.multipart?.listParts?.('r', answering(200, { ...body, parts: 'x' })),
    () => backend.multipart?.complete('r', part, answering(200, body)),
    () => backend.multipart?.abort('r', answering(200, body)),
    () => backend.probe?.('r', answering(200, { ...body, stored: 5 })),
    () => backend.view?.('r', answering(200, body)),
    () => backend.list?.(undefined, answering(200, body)),
    () => backend.limits?.(answering(200, body)),
  ]
  for (const ask of calls) await expect(ask()).rejects.toMatchObject({ code: 'bad-answer', retry: 'never' })
})

test('files that may go in parts are not asked for before their turn', () => {
  const backend = kit({ endpoint: '/up' })
  const file = aRequest(bytesOf(1))
  expect(backend.signsAhead(file)).toBe(true)
  expect(backend.signsAhead({ ...file, size: 64 * 1024 ** 2 })).toBe(false)
})
