/** Parts are signed in small windows shortly before they are sent, and again when what was signed is old. */
import { beforeAll, expect, test, vi } from 'vitest'

import type { Json } from '../../../src/core/index.ts'
import { UploadError } from '../../../src/core/index.ts'
import type { ScriptedExchange } from '../../../src/testing/index.ts'
import { errorAnswer, first, loadChunks, patternFile, quiet, serve } from '../../support/engine.ts'
import { numberOf, partBench } from './part-store.ts'

vi.mock(import('../../../src/core/resume/fingerprint.ts'), async (original) => {
  const { instantFingerprint } = await import('../../support/instant-fingerprint.ts')
  return instantFingerprint(original)
})

beforeAll(loadChunks)

test('a window is twice what is sent at a time: not one by one, and not all at once', async () => {
  const { uploader, transport, until, take, signed } = partBench({ concurrency: 4 })
  const { id } = first(uploader.add(patternFile('a', 400)))
  await transport.next('/1?').then(take)
  await quiet()
  expect(signed()[0]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  serve(transport, async (part) => {
    await quiet(3)
    take(part)
  })
  await until(id, 'success')
  const calls = signed()
  expect(calls.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, at) => at + 1))
  expect(Math.max(...calls.map((numbers) => numbers.length))).toBeLessThanOrEqual(9)
  expect(calls.length).toBeLessThanOrEqual(40 / 4)
})

test('the next window is asked for while parts of the last one are still on their way', async () => {
  let isSigning = 0
  const idle: number[] = []
  const { uploader, transport, until, take } = partBench(
    { concurrency: 2 },
    {
      multipart: ({ signParts }) => ({
        async signParts(...args) {
          isSigning++
          await quiet(10) // slow, but faster than two parts
          isSigning--
          return signParts(...args)
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 200)))
  serve(transport, async (part) => {
    await quiet(10)
    take(part)
    idle.push(isSigning)
  })
  await until(id, 'success')
  expect(idle.filter((n) => n > 0).length).toBeGreaterThan(2)
})

test('what was signed and is past half of its life is signed again', async () => {
  const { uploader, transport, until, take, clock, signed } = partBench({ concurrency: 1 })
  const { id } = first(uploader.add(patternFile('a', 30)))
  const one = await transport.next()
  expect(signed()).toEqual([[1, 2, 3]])
  clock.now += 30_001 // of 60 s
  take(one)
  const two = await transport.next()
  expect(signed()[1]).toContain(2)
  expect(two.request.url).toContain('s=2')
  take(two)
  take(await transport.next())
  await until(id, 'success')
})

test('what is still fresh is not signed again', async () => {
  const { uploader, transport, until, take, clock, signed } = partBench({ concurrency: 1 })
  const { id } = first(uploader.add(patternFile('a', 30)))
  for (let part = 1; part <= 3; part++) {
    take(await transport.next())
    clock.now += 9000
  }
  await until(id, 'success')
  expect(signed()).toEqual([[1, 2, 3]])
})

test('a part that waits for its turn behind other files is not sent with what ran out meanwhile', async () => {
  const signedAt = new Map<string, number>()
  const { uploader, transport, take, clock } = partBench(
    { concurrency: 2 },
    {
      multipart: ({ signParts }) => ({
        async signParts(...args) {
          const answer = await signParts(...args)
          for (const { request } of answer.parts) signedAt.set(request.url, clock.now)
          return answer
        },
      }),
    },
  )
  uploader.add([patternFile('a', 20), patternFile('b', 20)])
  const ages: number[] = []
  const next = async (): Promise<ScriptedExchange> => {
    const part = await transport.next()
    ages.push(clock.now - (signedAt.get(part.request.url) ?? 0))
    return part
  }
  for (let round = 0; round < 2; round++) {
    const both = [await next(), await next()]
    await quiet() // the other two parts stand in line for the storage
    clock.now += 59_000
    both.forEach(take)
  }
  await uploader.whenSettled()
  expect(uploader.getCounts()).toMatchObject({ success: 2 })
  expect(Math.max(...ages)).toBeLessThanOrEqual(30_000)
})

test('fewer signed than asked: the rest is asked for again', async () => {
  const { uploader, transport, until, take, signed } = partBench(
    { concurrency: 3 },
    {
      multipart: ({ signParts }) => ({
        signParts: (ref, parts, call) => signParts(ref, parts.slice(0, 2), call),
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 70)))
  serve(transport, take)
  await until(id, 'success')
  expect(new Set(signed().flat())).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]))
  expect(transport.requests).toHaveLength(7)
})

test('a signer that signs nothing is an error in the end, not a circle', async () => {
  let calls = 0
  const { uploader, transport, until } = partBench(
    {},
    {
      multipart: () => ({
        async signParts() {
          calls++
          return { parts: [] }
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 10)))
  expect(await until(id, 'error')).toMatchObject({ error: { code: 'bad-answer' } })
  expect(transport.requests).toEqual([])
  expect(calls).toBe(3)
})

test('a failing signer is asked again, and what is stored stays stored', async () => {
  let calls = 0
  const { uploader, transport, until, take, log } = partBench(
    { retry: 5, retryDelay: 1, concurrency: 1 },
    {
      multipart: ({ signParts }) => ({
        async signParts(...args) {
          if (++calls === 2) throw new UploadError('signer-failed', 'later', 'down')
          return signParts(...args)
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 60)))
  serve(transport, take)
  await until(id, 'success')
  expect(transport.requests.map(numberOf)).toEqual([1, 2, 3, 4, 5, 6])
  expect(log.filter((what) => what.startsWith('create'))).toHaveLength(1)
})

test('a signature that S3 refuses is not used again, and those of the others are', async () => {
  const { uploader, transport, until, take, signed } = partBench({ retry: 5, concurrency: 1 })
  const { id } = first(uploader.add(patternFile('a', 30)))
  ;(await transport.next()).respond(errorAnswer(403, 'AccessDenied', 'Request has expired'))
  const again = await transport.next()
  expect(again.request.url).toContain('/1?s=2')
  take(again)
  for (const number of [2, 3]) {
    const part = await transport.next()
    expect(part.request.url).toContain(`/${number}?s=1`)
    take(part)
  }
  await until(id, 'success')
  expect(signed()).toEqual([[1, 2, 3], [1]])
})

test('a ref that was prolonged on the way is the one that is used from then on', async () => {
  const refs: Json[] = []
  const { uploader, transport, until, take } = partBench(
    { concurrency: 1 },
    {
      multipart: (calls) => ({
        async signParts(ref, parts, call) {
          refs.push(ref)
          const answer = await calls.signParts(ref, parts, call)
          return { ...answer, ref: { ...Object(ref), life: refs.length } }
        },
        async partStored(ref) {
          refs.push(ref)
        },
        complete(ref, parts, call) {
          refs.push(ref)
          return calls.complete(ref, parts, call)
        },
      }),
      script: {
        confirm: (ref) => {
          refs.push(ref)
          return 'done'
        },
      },
    },
  )
  const { id } = first(uploader.add(patternFile('a', 10)))
  serve(transport, take)
  await until(id, 'success')
  const plain = { key: id, uploadId: 'u1' }
  const prolonged = { ...plain, life: 1 }
  expect(refs).toEqual([plain, prolonged, prolonged, prolonged])
})

test('signing ahead is called off when the file has failed', async () => {
  let ahead: AbortSignal | undefined
  const { uploader, transport, until, take } = partBench(
    { concurrency: 1 },
    {
      multipart: ({ signParts }) => ({
        signParts(ref, parts, call) {
          if (parts[0]?.number !== 4) return signParts(ref, parts, call)
          ahead = call.signal
          return new Promise(() => undefined)
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 100)))
  take(await transport.next())
  take(await transport.next())
  ;(await transport.next()).respond(errorAnswer(403, 'AccessDenied'))
  await until(id, 'error')
  expect(ahead?.aborted).toBe(true)
})
