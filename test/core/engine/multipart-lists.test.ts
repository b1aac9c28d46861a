/** What S3 has of an upload is asked of S3: after hidden ETags, and of uploads that were begun before. */
import { beforeAll, describe, expect, test, vi } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import type { StoredPart } from '../../../src/core/index.ts'
import type { ScriptedBackendOptions } from '../../../src/testing/index.ts'
import { eventually, first, loadChunks, patternFile, serve } from '../../support/engine.ts'
import { emptyWorld, numberOf, partBench } from './part-store.ts'
import type { PartWorld } from './part-store.ts'

beforeAll(loadChunks)

/** An S3 that has parts of these sizes of the upload `u1` already, and a signer that says so in its grant. */
function begunWith(
  sizes: readonly number[],
  stored: readonly StoredPart[] | 'ask',
): { world: PartWorld; script: ScriptedBackendOptions } {
  const world = emptyWorld()
  const whole = patternFile('a', 40)
  let start = 0
  world.uploads.set(
    'u1',
    new Map(sizes.map((size, at) => [at + 1, whole.slice(start, (start += size))] as const)),
  )
  world.begun = 1
  return {
    world,
    script: {
      grant: ({ id, reason }) => {
        if (reason === 'first')
          return {
            ok: true,
            ref: { key: id, uploadId: 'u1' },
            target: { type: 'multipart', partSize: 10, stored },
          }
        const uploadId = `u${++world.begun}`
        world.uploads.set(uploadId, new Map())
        return {
          ok: true,
          ref: { key: id, uploadId },
          target: { type: 'multipart', partSize: 10, stored: [] },
        }
      },
    },
  }
}

const etagged = (number: number, size: number): StoredPart => ({ number, size, etag: `"u1-${number}"` })

test('ETags that CORS hides come from the list, for the completion', async () => {
  const { uploader, transport, until, take, log, world } = partBench({}, { hidesETags: true })
  const { id } = first(uploader.add(patternFile('a', 30)))
  serve(transport, take)
  await until(id, 'success')
  expect(log.slice(-2)).toEqual(['list', 'complete'])
  expect(world.objects.get(id)?.size).toBe(30)
})

test('a part that the list does not have was not stored, whatever its answer said: it is sent again', async () => {
  let lists = 0
  const { uploader, transport, until, take, sent } = partBench(
    {},
    {
      hidesETags: true,
      multipart: ({ listParts }) => ({
        async listParts(...args) {
          const listed = await listParts(...args)
          return ++lists === 1 && listed !== 'gone' ? listed.filter(({ number }) => number !== 2) : listed
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 30)))
  serve(transport, take)
  await until(id, 'success')
  expect(sent()).toEqual([1, 2, 3, 2])
})

test('a part that no list ever has is an error in the end, not bytes for ever', async () => {
  const { uploader, transport, until, take, sent } = partBench(
    {},
    {
      hidesETags: true,
      multipart: ({ listParts }) => ({
        async listParts(...args) {
          const listed = await listParts(...args)
          return listed === 'gone' ? listed : listed.filter(({ number }) => number !== 2)
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 30)))
  serve(transport, (exchange) => {
    if (sent().length < 20) take(exchange)
  })
  expect(await until(id, 'error')).toMatchObject({ error: { code: 'storage-failed', retry: 'later' } })
  expect(sent()).toEqual([1, 2, 3, 2])
})

test('without a list, parts without ETags are completed as they are: their server knows them', async () => {
  const complete = vi.fn()
  const { uploader, transport, until, take } = partBench(
    {},
    {
      hidesETags: true,
      without: ['listParts'],
      multipart: () => ({
        complete: async (_ref, parts) => {
          complete(parts)
          return { location: 'x' }
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 20)))
  serve(transport, take)
  await until(id, 'success')
  expect(complete).toHaveBeenCalledWith([
    { number: 1, size: 10 },
    { number: 2, size: 10 },
  ])
})

describe('an upload that was begun before', () => {
  test('parts that the grant names are not sent again', async () => {
    const { world, script } = begunWith([10, 10], [etagged(1, 10), etagged(2, 10)])
    const { uploader, transport, until, take, sent } = partBench({}, { script }, world)
    const { id } = first(uploader.add(patternFile('a', 40)))
    serve(transport, take)
    await until(id, 'success')
    expect(sent()).toEqual([3, 4])
    const bytes = await world.objects.get(id)?.arrayBuffer()
    expect(bytes).toEqual(await patternFile('a', 40).arrayBuffer())
  })

  test('`ask`: they are listed before anything is sent, and count as progress', async () => {
    const { world, script } = begunWith([10, 10], 'ask')
    const { uploader, transport, until, take, sent, log } = partBench({}, { script }, world)
    const { id } = first(uploader.add(patternFile('a', 40)))
    const three = await transport.next()
    expect(log).toEqual(['list', 'sign 3,4'])
    three.progress(5)
    await eventually(() => uploader.getProgress(id).loaded === 25)
    take(three)
    serve(transport, take)
    await until(id, 'success')
    expect(sent()).toEqual([3, 4])
  })

  test('what S3 has stays to be seen when it is paused before anything new has arrived', async () => {
    const { world, script } = begunWith([10, 10], 'ask')
    const { uploader, transport } = partBench({}, { script }, world)
    const { id } = first(uploader.add(patternFile('a', 40)))
    await transport.next()
    uploader.pause(id)
    expect(uploader.getProgress(id)).toEqual({ loaded: 20, total: 40 })
  })

  test('parts of another size were cut by another plan: they are sent again, never mixed', async () => {
    const { world, script } = begunWith([5, 10], 'ask')
    const { uploader, transport, until, take, sent } = partBench({}, { script }, world)
    const { id } = first(uploader.add(patternFile('a', 20)))
    serve(transport, take)
    await until(id, 'success')
    expect(sent()).toContain(1)
    expect(world.objects.get(id)?.size).toBe(20)
  })

  test('the same where the grant names them, and for a part that the file does not have', async () => {
    const parts = [etagged(1, 5), etagged(2, 10), etagged(3, 10)]
    const { world, script } = begunWith([5, 10, 10], parts)
    const { uploader, transport, until, take, sent, log } = partBench({}, { script }, world)
    const { id } = first(uploader.add(patternFile('a', 20)))
    serve(transport, take)
    await until(id, 'success')
    expect(sent()).toEqual([1])
    expect(log.at(-1)).toBe('complete')
    expect(world.objects.get(id)?.size).toBe(20)
  })

  test('gone, and the object is there: it was completed, and nothing is sent', async () => {
    const { world, script } = begunWith([], 'ask')
    world.uploads.clear()
    const found = { location: 'https://bucket.test/there' }
    const { uploader, transport, until } = partBench(
      {},
      { script: { ...script, probe: async () => found } },
      world,
    )
    const { id } = first(uploader.add(patternFile('a', 20)))
    expect(await until(id, 'success')).toMatchObject({ stored: found })
    expect(transport.requests).toEqual([])
  })

  test('gone, and no object: a new upload, in the place of the old one', async () => {
    const { world, script } = begunWith([], 'ask')
    world.uploads.clear()
    const { uploader, transport, until, take, backend, sent, log } = partBench(
      { retry: 5 },
      { script },
      world,
    )
    const { id } = first(uploader.add(patternFile('a', 20)))
    serve(transport, take)
    await until(id, 'success')
    expect(log.slice(0, 2)).toEqual(['list', 'probe'])
    expect(backend.calls).toMatchObject([
      [{ id, reason: 'first' }],
      [{ id, reason: 'restart', previous: { uploadId: 'u1' } }],
    ])
    expect(sent()).toEqual([1, 2])
  })
})

test('a pause between a part and its telling: it is told after all, before the completion', async () => {
  let answer: (() => void) | undefined
  const { uploader, transport, until, take, log } = partBench(
    {},
    {
      multipart: ({ partStored }) => ({
        async partStored(...args) {
          if (args[1].number === 1 && !answer) await new Promise<void>((resolve) => (answer = resolve))
          return partStored(...args)
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 20)))
  serve(transport, take)
  await eventually(() => answer !== undefined && transport.open().length === 0)
  uploader.pause(id)
  answer?.()
  uploader.resume(id)
  await until(id, 'success')
  expect([...new Set(log.filter((what) => what.startsWith('told')))].toSorted()).toEqual(['told 1', 'told 2'])
  expect(log.at(-1)).toBe('complete')
  expect(transport.requests.map(numberOf)).toEqual([1, 2])
})

test('a completion that misses a part: S3 is asked what it has, and only that part is sent again', async () => {
  const { uploader, transport, until, take, world, sent, log } = partBench(
    { retry: 5 },
    {
      multipart: ({ complete }) => ({
        async complete(ref, parts, call) {
          if (world.uploads.get('u1')?.has(2)) return complete(ref, parts, call)
          throw new UploadError('storage-refused', 'sign-again', 'InvalidPart', { s3Code: 'InvalidPart' })
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 30)))
  let isLost = false
  serve(transport, (part) => {
    take(part)
    if (!isLost && sent().length === 3) isLost = world.uploads.get('u1')?.delete(2) === true
  })
  await until(id, 'success')
  expect(sent()).toEqual([1, 2, 3, 2])
  expect(log.filter((what) => what === 'list')).toHaveLength(1)
  expect(world.objects.get(id)?.size).toBe(30)
})

test('parts that are sent again are told again: their ETags may be others', async () => {
  let isOld = true
  const { uploader, transport, until, take, log } = partBench(
    { retry: 5 },
    {
      without: ['listParts'],
      multipart: ({ complete }) => ({
        async complete(...args) {
          if (!isOld) return complete(...args)
          isOld = false
          throw new UploadError('expired', 'sign-again', 'InvalidPart')
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 20)))
  serve(transport, take)
  await until(id, 'success')
  expect(log.filter((what) => what.startsWith('told'))).toEqual(['told 1', 'told 2', 'told 1', 'told 2'])
})

test('a pause while they are told again: they are told after all', async () => {
  let completions = 0
  const heard: number[] = []
  const { uploader, transport, until, take } = partBench(
    { retry: 5, concurrency: 1 },
    {
      without: ['listParts'],
      multipart: ({ complete }) => ({
        partStored: async (_ref, { number }, { signal }) => {
          heard.push(number)
          if (heard.length === 3)
            await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        },
        async complete(...args) {
          if (++completions > 1) return complete(...args)
          throw new UploadError('expired', 'sign-again', 'InvalidPart')
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 20)))
  serve(transport, take)
  await eventually(() => heard.length === 3)
  uploader.pause(id)
  uploader.resume(id)
  await until(id, 'success')
  expect(heard.slice(0, 3)).toEqual([1, 2, 1])
  expect(new Set(heard.slice(3))).toEqual(new Set([1, 2]))
})
