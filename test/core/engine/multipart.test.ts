/** Uploads in parts: the plan, how many at a time, the completion. */
import { beforeAll, expect, test, vi } from 'vitest'

import { eventually, first, loadChunks, patternFile, quiet, serve } from '../../support/engine.ts'
import { numberOf, partBench } from './part-store.ts'

beforeAll(loadChunks)

const bytesOf = async (blob: Blob | undefined): Promise<number[]> => [
  ...new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0)),
]

test('the parts follow the size that was granted; what is stored has the file’s bytes, in order', async () => {
  const { uploader, transport, until, world, take } = partBench()
  const file = patternFile('a', 35)
  const { id } = first(uploader.add(file))
  const sent = [
    await transport.next(),
    await transport.next(),
    await transport.next(),
    await transport.next(),
  ]
  expect(sent.map(({ request }) => numberOf(request))).toEqual([1, 2, 3, 4])
  expect(sent.map(({ request: { body } }) => (body?.kind === 'blob' ? body.blob.size : -1))).toEqual([
    10, 10, 10, 5,
  ])
  // The last to begin is the first to end: order is the completion's affair.
  for (const part of sent.toReversed()) take(part)
  expect(await until(id, 'success')).toMatchObject({ canResume: true, stored: { key: id, etag: '"whole"' } })
  expect(await bytesOf(world.objects.get(id))).toEqual(await bytesOf(file))
})

test('a part is a PUT as signed, and says no type of its own', async () => {
  const { uploader, transport } = partBench(
    {},
    {
      multipart: ({ signParts }) => ({
        async signParts(...args) {
          const { parts } = await signParts(...args)
          return {
            parts: parts.map((part) => ({
              ...part,
              request: { ...part.request, headers: [['x-amz-checksum-crc32', 'AAAA']] },
            })),
          }
        },
      }),
    },
  )
  uploader.add(new File(['0123456789abc'], 'a.txt', { type: 'text/plain' }))
  const { request } = await transport.next()
  expect(request).toMatchObject({
    method: 'PUT',
    url: 'https://bucket.test/u1/1?s=1',
    headers: [['x-amz-checksum-crc32', 'AAAA']],
  })
  expect(request.body).toMatchObject({ kind: 'blob', blob: { type: '', size: 10 } })
})

test('an empty file is one empty part', async () => {
  const { uploader, transport, until, world, take } = partBench()
  const { id } = first(uploader.add(patternFile('empty', 0)))
  take(await transport.next())
  await until(id, 'success')
  expect(world.objects.get(id)?.size).toBe(0)
})

test('parts go side by side, `concurrency` of them and no more', async () => {
  const { uploader, transport, take } = partBench({ concurrency: 3 })
  uploader.add(patternFile('a', 100))
  let most = 0
  serve(transport, async (part) => {
    await quiet(3)
    most = Math.max(most, transport.open().length)
    take(part)
  })
  await uploader.whenSettled()
  expect(most).toBe(3)
  expect(uploader.getCounts()).toMatchObject({ success: 1 })
})

test('every part is named in the completion once, in order, with its ETag', async () => {
  const complete = vi.fn()
  const { uploader, transport, until, take } = partBench(
    { concurrency: 2 },
    {
      multipart: (calls) => ({
        complete(ref, parts, call) {
          complete(parts)
          return calls.complete(ref, parts, call)
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 45)))
  serve(transport, async (part) => {
    await quiet(numberOf(part.request) === 2 ? 30 : 1)
    take(part)
  })
  await until(id, 'success')
  expect(complete.mock.calls).toEqual([
    [[1, 2, 3, 4, 5].map((number) => ({ number, size: number < 5 ? 10 : 5, etag: `"u1-${number}"` }))],
  ])
})

test('nothing is complete before the completion is answered: 99 %, and no success', async () => {
  let answer: (() => void) | undefined
  const { uploader, transport, until, take } = partBench(
    {},
    {
      multipart: ({ complete }) => ({
        async complete(...args) {
          await new Promise<void>((resolve) => (answer = resolve))
          return complete(...args)
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 20)))
  serve(transport, (part) => {
    part.progress(10)
    take(part)
  })
  await eventually(() => answer !== undefined)
  expect(uploader.getItem(id)?.status).toBe('uploading')
  expect(uploader.getProgress(id)).toEqual({ loaded: 19, total: 20 })
  answer?.()
  await until(id, 'success')
  expect(uploader.getProgress(id)).toEqual({ loaded: 20, total: 20 })
})

test('progress is the sum of what is stored and what is under way', async () => {
  const { uploader, transport, take } = partBench({ concurrency: 2 })
  const { id } = first(uploader.add(patternFile('a', 40)))
  const [one, two] = [await transport.next(), await transport.next()]
  one.progress(10)
  two.progress(4)
  await quiet()
  expect(uploader.getProgress(id)).toEqual({ loaded: 14, total: 40 })
  take(one)
  const three = await transport.next()
  three.progress(3)
  await quiet()
  expect(uploader.getProgress(id).loaded).toBe(17)
  two.progress(6)
  await quiet()
  expect(uploader.getProgress(id).loaded).toBe(19)
})

test('stored parts are progress, though no byte was reported on the way', async () => {
  const { uploader, transport, take } = partBench()
  const { id } = first(uploader.add(patternFile('a', 40)))
  const parts = [await transport.next(), await transport.next()]
  await quiet()
  parts.forEach(take)
  await quiet()
  expect(uploader.getProgress(id)).toEqual({ loaded: 20, total: 40 })
})

test('a completion that names another object is an error, not a success', async () => {
  const { uploader, transport, until, take } = partBench(
    { retry: 5, retryDelay: 1 },
    {
      script: {
        grant: ({ id }) => ({
          ok: true,
          ref: { key: id, uploadId: 'u1' },
          target: { type: 'multipart', partSize: 10, stored: [], object: { bucket: 'b', key: id } },
        }),
      },
      multipart: () => ({ complete: async () => ({ location: 'x', bucket: 'b', key: 'somebody/else' }) }),
    },
    { uploads: new Map([['u1', new Map()]]), objects: new Map(), begun: 1 },
  )
  const { id } = first(uploader.add(patternFile('a', 20)))
  serve(transport, take)
  expect(await until(id, 'error')).toMatchObject({
    step: 'complete',
    error: { code: 'bad-answer', retry: 'never' },
  })
})

test('a failed completion is an error of that step; a retry completes and sends nothing again', async () => {
  let fails = true
  const { uploader, transport, until, take, log } = partBench(
    {},
    {
      multipart: ({ complete }) => ({
        complete(...args) {
          if (fails) throw new TypeError('boom')
          return complete(...args)
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 20)))
  serve(transport, take)
  expect(await until(id, 'error')).toMatchObject({ step: 'complete', error: { code: 'internal' } })
  fails = false
  uploader.retry(id)
  await until(id, 'success')
  expect(transport.requests).toHaveLength(2)
  expect(log.filter((what) => what.startsWith('create'))).toHaveLength(1)
})

test('onPartDone gets the whole item and the part, one by one', async () => {
  const onPartDone = vi.fn()
  const { uploader, transport, until, take } = partBench({ onPartDone, concurrency: 1 })
  const { id } = first(uploader.add(patternFile('a', 15)))
  serve(transport, take)
  await until(id, 'success')
  expect(onPartDone.mock.calls).toEqual([
    [
      expect.objectContaining({ id, name: 'a', status: 'uploading' }),
      { number: 1, size: 10, etag: '"u1-1"' },
    ],
    [expect.objectContaining({ id, name: 'a', status: 'uploading' }), { number: 2, size: 5, etag: '"u1-2"' }],
  ])
})

test('the server is told of each part, one call at a time, all before the completion', async () => {
  let calls = 0
  let most = 0
  const { uploader, transport, until, take, log } = partBench(
    {},
    {
      multipart: ({ partStored }) => ({
        async partStored(...args) {
          most = Math.max(most, ++calls)
          await quiet(3)
          await partStored(...args)
          calls--
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 40)))
  const sent = [
    await transport.next(),
    await transport.next(),
    await transport.next(),
    await transport.next(),
  ]
  for (const part of sent) take(part)
  await until(id, 'success')
  expect(most).toBe(1)
  expect(log.slice(-5)).toEqual(['told 1', 'told 2', 'told 3', 'told 4', 'complete'])
})

test('`concurrency: 0` on the way: nothing more is sent until it is raised, and the page does not freeze', async () => {
  const { uploader, transport, until, take, sent } = partBench({ concurrency: 1 })
  const { id } = first(uploader.add(patternFile('a', 30)))
  const one = await transport.next()
  uploader.setOptions({ concurrency: 0 })
  take(one)
  await quiet()
  expect(sent()).toEqual([1])
  serve(transport, take)
  uploader.setOptions({ concurrency: 1 })
  await until(id, 'success')
  expect(sent()).toEqual([1, 2, 3])
})
