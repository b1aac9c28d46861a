/** One test per defect that was reproduced in another uploader (PEERS-UPPY 3.2): ours does not have it. Rows A to L. */
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import type { StoredPart } from '../../../src/core/index.ts'
import { grantOf } from '../../../src/testing/index.ts'
import {
  bench,
  errorAnswer,
  eventually,
  fileOf,
  first,
  loadChunks,
  patternFile,
  quiet,
  serve,
  testLine,
} from '../../support/engine.ts'
import { emptyWorld, numberOf, partBench } from './part-store.ts'

beforeAll(loadChunks)
beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }))
afterEach(() => void vi.useRealTimers())

const files = (count: number): File[] => Array.from({ length: count }, (_, at) => fileOf(String(at), 100))

test('A: one large file uses several requests at a time', async () => {
  const { uploader, transport } = partBench({ concurrency: 6 })
  uploader.add(patternFile('a', 400))
  await quiet()
  expect(transport.open()).toHaveLength(6)
})

test('B: a request on which nothing moves is given up, seen to wait, and tried again', async () => {
  const { uploader, transport, until } = bench({ now: Date.now, retry: 5, retryDelay: 1000 })
  const { id } = first(uploader.add(fileOf('a', 100)))
  const sent = await transport.next()
  sent.progress(10)
  await vi.advanceTimersByTimeAsync(30_000)
  expect(sent.aborted).toBe(true)
  expect(await until(id, 'waiting')).toMatchObject({ reason: 'backoff', error: { code: 'timeout' } })
  await vi.advanceTimersByTimeAsync(1000)
  ;(await transport.next()).respond()
  await until(id, 'success')
})

test('C: files that are paused one by one give their places to those that wait', async () => {
  const { uploader, transport } = bench({ concurrency: 6 })
  const items = uploader.add(files(8))
  await quiet()
  expect(transport.open()).toHaveLength(6)
  for (const { id } of items.slice(0, 6)) uploader.pause(id)
  await quiet()
  const names = transport.open().map(({ request: { body } }) => body?.kind === 'form' && body.fileName)
  expect(names).toEqual(['6', '7'])
  expect(uploader.getCounts()).toMatchObject({ paused: 6, uploading: 2 })
})

test('D: a queued file that is paused is not uploaded, and stays paused', async () => {
  const { uploader, transport } = bench({ concurrency: 1 })
  const [, two] = uploader.add(files(2))
  uploader.pause(two?.id)
  ;(await transport.next()).respond()
  await quiet()
  expect(uploader.getItem(two?.id ?? '')).toMatchObject({ status: 'paused', reason: 'user' })
  expect(transport.requests).toHaveLength(1)
})

test('E: when the upload is gone after a part failed, a retry begins anew instead of failing for ever', async () => {
  const { uploader, transport, until, take, world } = partBench({
    retry: 5,
    retryDelay: 1000,
    concurrency: 1,
  })
  const { id } = first(uploader.add(patternFile('a', 30)))
  take(await transport.next())
  ;(await transport.next()).fail()
  take(await transport.next())
  await until(id, 'waiting')
  world.uploads.clear()
  serve(transport, take)
  await vi.advanceTimersByTimeAsync(1000)
  await until(id, 'success')
  expect(world.objects.get(id)?.size).toBe(30)
})

test('F: 403 "Request has expired" is signed again and sent again', async () => {
  const { uploader, transport, backend, until } = bench({ retry: 5 })
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond(errorAnswer(403, 'AccessDenied', 'Request has expired'))
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(backend.calls).toHaveLength(2)
})

test('G: 503 SlowDown with Retry-After: 5 is left alone for five seconds, seen, and survived for longer than one', async () => {
  const { uploader, transport, until } = bench({ now: Date.now })
  uploader.setOptions({ retry: 5 })
  const { id } = first(uploader.add(fileOf('a')))
  const slowDown = { ...errorAnswer(503, 'SlowDown'), headers: { 'retry-after': '5' } }
  for (let round = 0; round < 4; round++) {
    ;(await transport.next()).respond(slowDown)
    await quiet()
    const item = await until(id, 'waiting')
    const until5 = item.status === 'waiting' ? (item.until ?? 0) - Date.now() : 0
    expect(until5).toBeGreaterThanOrEqual(5000)
    await vi.advanceTimersByTimeAsync(4999)
    expect(transport.requests).toHaveLength(round + 1)
    await vi.advanceTimersByTimeAsync(until5 - 4999)
  }
  ;(await transport.next()).respond()
  await until(id, 'success')
})

test('H: a signer that throws once is asked again', async () => {
  let calls = 0
  const { uploader, transport, until } = bench(
    { now: Date.now, retry: 5, retryDelay: 1000 },
    {
      grant(file) {
        if (++calls === 1) throw new UploadError('signer-unreachable', 'later', 'down')
        return grantOf(file)
      },
    },
  )
  const { id } = first(uploader.add(fileOf('a')))
  await until(id, 'waiting')
  await vi.advanceTimersByTimeAsync(1000)
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(calls).toBe(2)
})

test('I: after 100 % and a 500 the second try is seen from its beginning: no bar that is stuck', async () => {
  const seen: number[] = []
  const { uploader, transport, until } = bench({ now: Date.now, retry: 5, retryDelay: 1000 })
  const { id } = first(uploader.add(fileOf('a', 100)))
  uploader.subscribe(`progress:${id}`, () => seen.push(uploader.getProgress(id).loaded))
  for (const isLast of [false, true]) {
    const sent = await transport.next()
    for (const loaded of [25, 50, 75, 100]) {
      sent.progress(loaded)
      await quiet(2)
    }
    sent.respond(isLast ? {} : errorAnswer(500, 'InternalError'))
    if (isLast) break
    await until(id, 'waiting')
    await vi.advanceTimersByTimeAsync(1000)
  }
  await until(id, 'success')
  expect(seen).toEqual([25, 50, 75, 99, 0, 25, 50, 75, 99, 100])
})

test('J: a network error with a moment offline in the second part costs that part only', async () => {
  const line = testLine()
  const { uploader, transport, until, take, sent } = partBench({
    now: Date.now,
    retry: 5,
    concurrency: 1,
    line,
  })
  const { id } = first(uploader.add(patternFile('a', 30)))
  take(await transport.next())
  const two = await transport.next()
  line.online = false
  two.fail()
  take(await transport.next())
  expect(await until(id, 'waiting')).toMatchObject({ reason: 'offline' })
  await vi.advanceTimersByTimeAsync(50)
  line.mend()
  serve(transport, take)
  await until(id, 'success')
  expect(sent()).toEqual([1, 2, 3, 2])
})

test('K: parts that were stored with another part size are never mixed with ours: the object is whole', async () => {
  const world = emptyWorld()
  const file = patternFile('a', 200)
  world.uploads.set('u1', new Map([1, 2].map((number) => [number, file.slice((number - 1) * 5, number * 5)])))
  const { uploader, transport, until, take } = partBench(
    {},
    {
      script: {
        grant: ({ id }) => ({
          ok: true,
          ref: { key: id, uploadId: 'u1' },
          target: { type: 'multipart', partSize: 50, stored: 'ask' },
        }),
      },
    },
    world,
  )
  const { id } = first(uploader.add(file))
  serve(transport, take)
  await until(id, 'success')
  expect(await world.objects.get(id)?.arrayBuffer()).toEqual(await file.arrayBuffer())
})

test('L: a list of more than 1,000 parts is used whole: none of them is sent again', async () => {
  const listed = Array.from({ length: 1500 }, (_, at): StoredPart => ({
    number: at + 1,
    size: 10,
    etag: `"${at + 1}"`,
  }))
  const complete = vi.fn()
  const { uploader, transport, until } = partBench(
    {},
    {
      script: {
        grant: ({ id }) => ({
          ok: true,
          ref: { key: id, uploadId: 'u1' },
          target: { type: 'multipart', partSize: 10, stored: 'ask' },
        }),
      },
      multipart: () => ({
        listParts: async () => listed,
        complete: async (_ref, parts) => {
          complete(parts.length)
          return { location: 'x' }
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 15_010)))
  const sent = await transport.next()
  expect(numberOf(sent.request)).toBe(1501)
  sent.respond({ status: 200, headers: { etag: '"1501"' } })
  await until(id, 'success')
  expect(transport.requests).toHaveLength(1)
  await eventually(() => complete.mock.calls.length === 1)
  expect(complete).toHaveBeenCalledWith(1501)
})
