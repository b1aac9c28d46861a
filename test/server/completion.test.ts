/** The end of an upload in parts where answers are lost, lie, or come late. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import type { FetchLike } from '../../src/server/index.ts'
import { createUploadRouter, route } from '../../src/server/index.ts'
import type { Fault, S3Server } from '../../src/testing/s3-server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import type { Store } from './store-suite.ts'
import { aRequest, authorize, backendFor, bytesOf, granted, openSigner, put } from './store-suite.ts'

const mebibyte = 1024 ** 2
const content = bytesOf(6 * mebibyte)
const sizes = [5 * mebibyte, mebibyte]
let server: S3Server

beforeAll(async () => {
  server = await startS3Server({ region: 'eu-central-1' })
  await server.createBucket('uploads')
})
afterAll(() => server.close())
beforeEach(() => server.faults.clear())

/** An upload whose parts are all there. */
async function sent(options: { readonly fetch?: FetchLike } = {}) {
  const prefix = `${crypto.randomUUID()}/`
  const { endpoint, region, credentials } = server
  const store: Store = { storage: { bucket: 'uploads', region, endpoint, credentials }, now: Date.now }
  const router = createUploadRouter({ files: route({ authorize, prefix, partSize: 5 * mebibyte }) })
  const { call, witness } = openSigner(store, router, { onError: () => {}, ...options })
  const backend = backendFor('files')
  const file = aRequest(content, { accepts: ['multipart'] })
  const { ref } = granted((await backend.createUploads([file], call))[0])
  const parts = sizes.map((size, at) => ({ number: at + 1, size }))
  const signed = await backend.multipart?.signParts(ref, parts, call)
  const send = async (number: number, bytes: Uint8Array<ArrayBuffer>) => {
    const { url = '', headers = [] } = signed?.parts[number - 1]?.request ?? {}
    expect((await put(url, headers, bytes)).status).toBe(200)
  }
  await send(1, content.slice(0, 5 * mebibyte))
  await send(2, content.slice(5 * mebibyte))
  const complete = () =>
    backend.multipart?.complete(ref, parts, call) ?? Promise.reject(new Error('no multipart'))
  return { backend, call, witness, ref, prefix, complete, send, file }
}
const onComplete = (fault: Fault): void =>
  void server.faults.add({ fault, on: 'CompleteMultipartUpload', times: 1 })

describe('completing', () => {
  test('whose answer was lost is settled by looking: the object is the answer', async () => {
    const { complete, witness, prefix } = await sent()
    onComplete({ type: 'lost-answer' })
    const { key } = await complete()
    expect(await witness.keys(prefix)).toEqual([key])
    expect(await complete()).toMatchObject({ key })
  })

  test('that never came to S3 fails, and can be repeated', async () => {
    const { complete, witness, prefix } = await sent()
    onComplete({ type: 'reset', afterBytes: 0 })
    await expect(complete()).rejects.toMatchObject({ code: 'signer-failed', retry: 'later', status: 502 })
    expect(await witness.keys(prefix)).toEqual([])
    expect(await complete()).toHaveProperty('key')
  })

  test('with an error under status 200 is an error', async () => {
    const { complete, witness, prefix } = await sent()
    onComplete({ type: 'error-under-200', code: 'InternalError' })
    await expect(complete()).rejects.toMatchObject({ code: 'signer-failed', retry: 'later' })
    expect(await witness.keys(prefix)).toEqual([])
    expect(await complete()).toHaveProperty('key')
  })

  test('with NoSuchUpload is the end of the upload, where there is no object', async () => {
    const { complete } = await sent()
    onComplete({ type: 'vanished-upload' })
    await expect(complete()).rejects.toMatchObject({ code: 'expired', retry: 'restart' })
  })

  test('with NoSuchUpload after it succeeded is success: two calls at once, one object', async () => {
    const { complete, witness, prefix } = await sent()
    const ends = await Promise.all([complete(), complete(), complete()])
    expect(new Set(ends.map(({ key }) => key))).toHaveProperty('size', 1)
    expect(await witness.keys(prefix)).toHaveLength(1)
  })

  test('tells S3 the size of the whole', async () => {
    const headers: (string | null)[] = []
    const fetch: FetchLike = (url, init) => {
      if (init.method === 'POST' && url.includes('uploadId='))
        headers.push(new Headers(init.headers).get('x-amz-mp-object-size'))
      return globalThis.fetch(url, init)
    }
    await (await sent({ fetch })).complete()
    expect(headers).toEqual([String(content.length)])
  })

  test('of a part that was replaced after it was looked at makes no object', async () => {
    let replace = (): Promise<void> => Promise.resolve()
    const fetch: FetchLike = async (url, init) => {
      if (init.method === 'POST' && url.includes('uploadId=')) await replace()
      return globalThis.fetch(url, init)
    }
    const { complete, send, witness, prefix } = await sent({ fetch })
    replace = () => send(2, bytesOf(mebibyte).toReversed())
    await expect(complete()).rejects.toMatchObject({ code: 'storage-refused', retry: 'sign-again' })
    expect(await witness.keys(prefix)).toEqual([])
  })
})

describe('giving up', () => {
  afterEach(() => vi.useRealTimers())

  /** A store where parts of a given-up upload are still there for so many looks. */
  function slowStore(looks: number): { fetch: FetchLike; asked: string[] } {
    const asked: string[] = []
    let left = looks
    return {
      asked,
      fetch: async (url, init) => {
        const isAbout = url.includes('uploadId=')
        if (isAbout) asked.push(init.method ?? 'GET')
        if (isAbout && init.method === 'DELETE') return new Response(null, { status: 204 })
        if (isAbout && init.method === 'GET' && left-- > 0)
          return new Response('<R><Part><PartNumber>1</PartNumber><Size>5</Size></Part></R>')
        if (isAbout && init.method === 'GET')
          return new Response('<Error><Code>NoSuchUpload</Code></Error>', { status: 404 })
        return globalThis.fetch(url, init)
      },
    }
  }

  async function giveUp(looks: number) {
    const { fetch, asked } = slowStore(looks)
    const { backend, ref, call } = await sent({ fetch })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const end = Promise.resolve(backend.multipart?.abort(ref, call)).then(
      () => 'done',
      (error: unknown) => error,
    )
    for (let turn = 0; turn < 5; turn++) {
      await vi.waitFor(
        () => expect(asked.length).toBeGreaterThanOrEqual(Math.min(2 * turn + 2, 2 * looks + 2)),
        {
          interval: 1,
        },
      )
      await vi.advanceTimersByTimeAsync(5000)
    }
    return { end: await end, asked }
  }

  test('is repeated until S3 knows nothing any more: parts on their way may land late', async () => {
    const { end, asked } = await giveUp(2)
    expect(end).toBe('done')
    expect(asked).toEqual(['DELETE', 'GET', 'DELETE', 'GET', 'DELETE', 'GET'])
  })

  test('that finds no end is to be repeated later', async () => {
    const { end, asked } = await giveUp(100)
    expect(end).toMatchObject({ code: 'signer-failed', retry: 'later' })
    expect(asked).toHaveLength(10)
  })
})
