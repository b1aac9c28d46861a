/** What Fine Uploader's client says to the app's server: PROTOCOLS 2.3, 2.6 to 2.8 and 2.11, SEED-FEATURES F and H. */
import { describe, expect, test } from 'vitest'

import { fineUploader } from '../../src/backends/index.ts'
import type { FineUploaderOptions, FineUploaderTypes } from '../../src/backends/index.ts'
import type { FileFacts, StoredObject } from '../../src/core/index.ts'
import type { Wire, WireAnswer } from '../support/backend-call.ts'
import { wire } from '../support/backend-call.ts'
import { fileOf } from '../support/engine.ts'
import { asking, failureOf } from './conformance/stage.ts'

const base: FineUploaderOptions = {
  request: { endpoint: 'https://bkt.s3.amazonaws.com', accessKey: 'AK' },
  signature: { endpoint: '/s3handler' },
}
const signature = 'ab'.repeat(32)
const signed: WireAnswer = { text: JSON.stringify({ policy: 'cG9saWN5', signature }) }
const ref = { uuid: 'bc81', key: 'dir one/naïve + (1)!.txt', bucket: 'bkt' }
const file = asking<FineUploaderTypes>(fileOf('my fïle + 1.txt'))

const textOf = ({ sent }: Wire, at = 0): string => {
  const body = sent[at]?.body
  return body?.kind === 'text' ? body.text : ''
}

describe('asking for a signature', () => {
  test.each<[Partial<FineUploaderOptions>, object]>([
    [
      {},
      {
        url: '/s3handler?v4=true',
        headers: [
          ['Content-Type', 'application/json; charset=utf-8'],
          ['Accept', 'application/json'],
          ['X-Requested-With', 'XMLHttpRequest'],
          ['Cache-Control', 'no-cache'],
        ],
      },
    ],
    [
      {
        signature: { endpoint: 'https://sign.test/s?a=1', customHeaders: async () => ({ 'X-Token': 't' }) },
        cors: { expected: true, sendCredentials: true },
      },
      {
        url: 'https://sign.test/s?a=1&v4=true',
        credentials: 'include',
        headers: [
          ['Content-Type', 'application/json; charset=utf-8'],
          ['Accept', 'application/json'],
          ['X-Token', 't'],
        ],
      },
    ],
  ])('%j', async (options, expected) => {
    const call = wire([signed])
    await fineUploader({ ...base, ...options }).createUploads([file], call)
    expect(call.sent).toEqual([{ method: 'POST', body: expect.anything(), ...expected }])
  })

  const refused = { code: 'refused', retry: 'never' }
  test.each<[string, WireAnswer, object]>([
    ['PHP refuses', { text: '{"invalid":true}' }, refused],
    ['Node refuses', { status: 400, text: '{"invalid":true}' }, refused],
    ['the manual refuses', { status: 500, text: '{"invalid":true}' }, refused],
    [
      'Flask refuses with words',
      { text: '{"error":"This file has not been approved."}' },
      { ...refused, userMessage: 'This file has not been approved.' },
    ],
    [
      'words count before a signature',
      { text: JSON.stringify({ error: 'No.', policy: 'p', signature }) },
      { ...refused, userMessage: 'No.' },
    ],
    [
      "a framework's 500 is no refusal",
      { status: 500, text: '{"status":500,"error":"Internal Server Error"}' },
      { code: 'signer-failed', retry: 'later', userMessage: undefined },
    ],
    [
      'unless it is said to be for good',
      { status: 500, text: '{"error":"Never.","preventRetry":true}' },
      { ...refused, userMessage: 'Never.' },
    ],
    ['a login', { status: 401, text: '{"error":"Log in."}' }, { code: 'unauthorized', status: 401 }],
    ['no policy', { text: JSON.stringify({ signature }) }, { code: 'bad-answer' }],
    ['no signature', { text: '{"policy":"p"}' }, { code: 'bad-answer' }],
    ['a signature of version 2', { text: '{"policy":"p","signature":"c2ln"}' }, { code: 'bad-answer' }],
    ['a good body under 404', { ...signed, status: 404 }, { code: 'bad-answer', status: 404 }],
  ])('%s', async (_what, answer, error) => {
    const call = wire([answer])
    expect(await fineUploader(base).createUploads([file], call)).toMatchObject([{ ok: false, error }])
    expect(call.sent).toHaveLength(1)
  })
})

describe('telling of a success', () => {
  const stored: StoredObject = { location: 'x', key: ref.key, etag: '"e"' }
  const options: FineUploaderOptions = {
    ...base,
    request: { ...base.request, params: { Foo: 'b a+r é', 'Cache-Control': 'max-age=60' } },
    uploadSuccess: { endpoint: '/s3handler?success', params: { isBrowserPreviewCapable: true } },
  }
  const tell = (
    answer: WireAnswer,
    more: Partial<FineUploaderOptions> = {},
    facts: FileFacts<FineUploaderTypes['options']> = file,
    of: FineUploaderTypes['ref'] = ref,
  ) => {
    const call = wire([answer])
    const told = fineUploader({ ...options, ...more }).confirm?.(of, stored, facts, call)
    return { call, told: told ?? Promise.reject(new Error('no confirm')) }
  }

  test("own params, the object, then the file's, as a form", async () => {
    const { call, told } = tell({ text: '{"tempLink":"https://l.test/"}' })
    expect(await told).toEqual({ tempLink: 'https://l.test/' })
    expect(call.sent[0]).toMatchObject({ method: 'POST', url: '/s3handler?success' })
    expect(call.sent[0]?.headers?.slice(0, 2)).toEqual([
      ['Content-Type', 'application/x-www-form-urlencoded'],
      ['Accept', 'application/json'],
    ])
    expect([...new URLSearchParams(textOf(call))]).toEqual([
      ['isBrowserPreviewCapable', 'true'],
      ['key', 'dir one/naïve + (1)!.txt'],
      ['uuid', 'bc81'],
      ['name', 'my fïle + 1.txt'],
      ['bucket', 'bkt'],
      ['etag', '"e"'],
      ['foo', 'b a+r é'],
      ['Cache-Control', 'max-age=60'],
    ])
    expect(textOf(call)).toContain('key=dir+one%2Fna%C3%AFve+%2B+')
  })

  test('after an upload in parts there is no ETag', async () => {
    const { call, told } = tell({ status: 204 }, {}, file, { ...ref, uploadId: 'U' })
    expect(await told).toBeNull()
    expect(new URLSearchParams(textOf(call)).has('etag')).toBe(false)
  })

  test("a file's own address, method, params that win", async () => {
    const facts = { ...file, options: { params: { Name: 'mine' }, uploadSuccess: { endpoint: '/mine' } } }
    const { call, told } = tell(
      {},
      { uploadSuccess: { endpoint: '/all', method: 'PUT', customHeaders: { 'X-A': '1' } } },
      facts,
    )
    await told
    expect(call.sent[0]).toMatchObject({ method: 'PUT', url: '/mine' })
    expect(call.sent[0]?.headers).toContainEqual(['X-A', '1'])
    expect(new URLSearchParams(textOf(call)).getAll('name')).toEqual(['mine'])
  })

  test('nobody, where nobody wants to know', async () => {
    const call = wire([])
    expect(await fineUploader(base).confirm?.(ref, stored, file, call)).toBeNull()
    expect(call.sent).toEqual([])
  })

  test.each<[WireAnswer, unknown]>([
    [{ text: '' }, null],
    [{ text: 'OK' }, null],
    [{ status: 202, text: '{"success":true}' }, { success: true }],
  ])('%j is good', async (answer, result) => {
    expect(await tell(answer).told).toEqual(result)
  })

  const failed = { code: 'confirm-failed', retry: 'never' }
  test.each<[WireAnswer, object]>([
    [{ text: '{"error":"Too large."}' }, { ...failed, userMessage: 'Too large.' }],
    [{ text: '{"success":false}' }, { ...failed, userMessage: undefined }],
    [
      { status: 400, text: '{"success":false,"error":"No."}' },
      { ...failed, userMessage: 'No.' },
    ],
    [{ text: '{"success":false,"reset":true}' }, { code: 'confirm-failed', retry: 'restart' }],
    [
      { status: 500, text: '{"error":"No.","preventRetry":true}' },
      { ...failed, userMessage: 'No.' },
    ],
    [
      { status: 500, text: '{"error":"Internal Server Error"}' },
      { code: 'signer-failed', retry: 'later' },
    ],
    [{ status: 503 }, { code: 'signer-failed', retry: 'later' }],
    [{ status: 401 }, { code: 'unauthorized' }],
  ])('%j is not', async (answer, error) => {
    expect(await failureOf(tell(answer).told)).toMatchObject(error)
  })
})

describe('deleting', () => {
  const remove = async (answer: WireAnswer, deleteFile: FineUploaderOptions['deleteFile'], of = {}) => {
    const call = wire([answer])
    await fineUploader({ ...base, ...(deleteFile && { deleteFile }) }).deleteObject?.({ ...ref, ...of }, call)
    return call
  }

  test('by DELETE', async () => {
    const { sent } = await remove({ status: 204 }, { endpoint: '/delete?a=1', params: { why: 'x y' } })
    expect(sent[0]).toMatchObject({ method: 'DELETE' })
    expect(sent[0]).not.toHaveProperty('body')
    const url = new URL(sent[0]?.url ?? '', 'http://app.test')
    expect(url.pathname).toBe('/delete/bc81')
    expect([...url.searchParams]).toEqual([
      ['a', '1'],
      ['key', ref.key],
      ['bucket', 'bkt'],
      ['why', 'x y'],
    ])
  })

  test('by POST, with the uuid under both of its names', async () => {
    const call = await remove({}, { endpoint: '/delete', method: 'POST', params: { a: 'b' } })
    expect(call.sent[0]).toMatchObject({ method: 'POST', url: '/delete' })
    expect(Object.fromEntries(new URLSearchParams(textOf(call)))).toEqual({
      key: ref.key,
      bucket: 'bkt',
      uuid: 'bc81',
      qquuid: 'bc81',
      _method: 'DELETE',
      a: 'b',
    })
  })

  test("a file's own address and params", async () => {
    const own = { deleteEndpoint: '/mine', deleteParams: { b: '2' } }
    const { sent } = await remove({}, { endpoint: '/delete', params: { a: '1' } }, own)
    expect(sent[0]?.url).toMatch(/^\/mine\/bc81\?.*&a=1&b=2$/)
  })

  test.each([
    ['DELETE', [200, 202, 204], [201, 203, 205, 404, 500]],
    ['POST', [200, 201, 202, 203, 204], [205, 404, 500]],
  ] as const)('%s: %j are good, %j are not', async (method, good, bad) => {
    const deleteFile = { endpoint: '/delete', method }
    for (const status of good) await remove({ status }, deleteFile)
    for (const status of bad)
      expect(await failureOf(remove({ status }, deleteFile)), `${status}`).toMatchObject({ status })
  })

  test('is not there where no address is', () => {
    expect(fineUploader(base)).not.toHaveProperty('deleteObject')
  })
})

describe('files of earlier visits', () => {
  const backend = fineUploader({ ...base, session: { endpoint: '/session', params: { user: '1' } } })

  test('are listed; what lacks name, uuid or key is left out', async () => {
    const whole = {
      name: 'a.txt',
      uuid: 'u',
      size: 5,
      s3Key: 'k',
      s3Bucket: 'other',
      thumbnailUrl: '/thumb.png',
      deleteFileEndpoint: '/del',
      deleteFileParams: { x: '1' },
    }
    const files = [
      whole,
      { name: 'b', uuid: 'v', s3Key: 'l', thumbnailUrl: 'javascript:1' },
      { name: 'c', uuid: 'w' },
      7,
    ]
    const call = wire([{ text: JSON.stringify(files) }])
    expect(await backend.list?.(undefined, call)).toEqual({
      files: [
        {
          ref: { uuid: 'u', key: 'k', bucket: 'other', deleteEndpoint: '/del', deleteParams: { x: '1' } },
          name: 'a.txt',
          size: 5,
          previewUrl: '/thumb.png',
        },
        { ref: { uuid: 'v', key: 'l', bucket: 'bkt' }, name: 'b' },
      ],
    })
    expect(call.sent[0]).toMatchObject({ method: 'GET', url: `/session?user=1&qqtimestamp=${call.now()}` })
  })

  test.each<[WireAnswer, string]>([
    [{ text: '{}' }, 'bad-answer'],
    [{ text: '<html>' }, 'bad-answer'],
    [{ status: 500 }, 'signer-failed'],
  ])('%j: %s', async (answer, code) => {
    const listed = backend.list?.(undefined, wire([answer])) ?? Promise.resolve()
    expect(await failureOf(listed)).toMatchObject({ code })
  })
})

test('what an earlier visit left is looked at closely', () => {
  const { parseRef } = { parseRef: (value: unknown) => fineUploader(base).parseRef(value) }
  const full = {
    ...ref,
    endpoint: 'https://b',
    uploadId: 'U',
    deleteEndpoint: '/d',
    deleteParams: { a: '1' },
  }
  expect(parseRef({ ...full, more: 1 })).toEqual(full)
  const wrong = [
    { uuid: '' },
    { key: 1 },
    { bucket: null },
    { endpoint: 1 },
    { uploadId: '' },
    { deleteEndpoint: {} },
    { deleteParams: { a: 1 } },
    { deleteParams: [] },
  ]
  expect(wrong.map((part) => parseRef({ ...full, ...part }))).toEqual(wrong.map(() => undefined))
})

test('the limits are those that are written into the policies', async () => {
  const options = { ...base, validation: { sizeLimit: 9, minSizeLimit: 2 }, chunking: {} }
  expect(await fineUploader(options).limits?.(wire([]))).toEqual({
    minSize: 2,
    maxSize: 9,
    multipartFrom: 5 * 1024 ** 2 + 1,
  })
  expect(await fineUploader(base).limits?.(wire([]))).toEqual({})
})
