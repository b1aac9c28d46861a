/** Parts that fail: each is tried again by itself, and holds up neither the others nor a slot. */
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import {
  errorAnswer,
  eventually,
  first,
  loadChunks,
  patternFile,
  quiet,
  serve,
  testLine,
} from '../../support/engine.ts'
import { numberOf, partBench } from './part-store.ts'

vi.mock(import('../../../src/core/resume/fingerprint.ts'), async (original) => {
  const { instantFingerprint } = await import('../../support/instant-fingerprint.ts')
  return instantFingerprint(original)
})

beforeAll(loadChunks)
beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }))
afterEach(() => void vi.useRealTimers())

const slowDown = errorAnswer(503, 'SlowDown')

test('only the part that failed is sent again', async () => {
  const { uploader, transport, until, take, sent } = partBench({ retry: 5, retryDelay: 1000, now: Date.now })
  const { id } = first(uploader.add(patternFile('a', 50)))
  let failures = 0
  serve(transport, (part) => {
    if (numberOf(part.request) === 3 && failures++ < 2) part.fail()
    else take(part)
  })
  await until(id, 'waiting')
  await vi.advanceTimersByTimeAsync(1000)
  await quiet()
  await vi.advanceTimersByTimeAsync(1000)
  await until(id, 'success')
  expect(sent().toSorted((a, b) => a - b)).toEqual([1, 2, 3, 3, 3, 4, 5])
})

test('a part in back-off does not hold up the others', async () => {
  const { uploader, transport, take, sent } = partBench({
    retry: 5,
    retryDelay: 60_000,
    now: Date.now,
    concurrency: 2,
  })
  const { id } = first(uploader.add(patternFile('a', 60)))
  serve(transport, (part) => (numberOf(part.request) === 1 ? part.respond(slowDown) : take(part)))
  await eventually(() => sent().length === 6)
  expect(sent()).toEqual([1, 2, 3, 4, 5, 6])
  await eventually(() => uploader.getItem(id)?.status === 'waiting')
})

test('it is sent again beside the others that are still under way, without anybody’s click', async () => {
  const { uploader, transport, until, take, sent } = partBench({ retry: 5, retryDelay: 1000, now: Date.now })
  const { id } = first(uploader.add(patternFile('a', 20)))
  const [one, two] = [await transport.next(), await transport.next()]
  one.fail()
  await quiet()
  expect(uploader.getItem(id)?.status).toBe('uploading') // part 2 is under way
  await vi.advanceTimersByTimeAsync(1000)
  take(await transport.next())
  take(two)
  await until(id, 'success')
  expect(sent()).toEqual([1, 2, 1])
})

describe('when all that is left backs off', () => {
  test('the item waits, says why and until when, and gives its slot to another', async () => {
    const { uploader, transport, until, take } = partBench({
      retry: 5,
      retryDelay: 4000,
      now: Date.now,
      concurrency: 1,
    })
    const [a, b] = uploader.add([patternFile('a', 20), patternFile('b', 10)])
    let fails = true
    serve(transport, (part) => {
      if (fails && part.request.url.includes('/u1/2')) part.respond(slowDown)
      else take(part)
    })
    expect(await until(a?.id ?? '', 'waiting')).toMatchObject({
      reason: 'backoff',
      until: Date.now() + 4000,
      error: { code: 'throttled' },
    })
    await until(b?.id ?? '', 'success')
    // What S3 keeps is not forgotten meanwhile.
    expect(uploader.getProgress(a?.id ?? '').loaded).toBe(10)
    fails = false
    await vi.advanceTimersByTimeAsync(4000)
    await until(a?.id ?? '', 'success')
  })

  test('it goes on from what S3 has, in the same upload', async () => {
    const { uploader, transport, until, take, sent, log } = partBench({
      retry: 5,
      retryDelay: 10,
      now: Date.now,
    })
    const { id } = first(uploader.add(patternFile('a', 40)))
    let fails = true
    serve(transport, (part) => {
      if (fails && numberOf(part.request) > 2) part.respond(slowDown)
      else take(part)
    })
    await until(id, 'waiting')
    fails = false
    await vi.advanceTimersByTimeAsync(10)
    await until(id, 'success')
    expect(sent().toSorted((a, b) => a - b)).toEqual([1, 2, 3, 3, 4, 4])
    expect(log.filter((what) => /create|abort/.test(what))).toEqual(['create a'])
  })

  test('offline is no failure: it waits without an end, and goes on when the line is back', async () => {
    const line = testLine()
    const { uploader, transport, until, take } = partBench({ retry: 1, line, now: Date.now })
    const { id } = first(uploader.add(patternFile('a', 20)))
    line.online = false
    for (const part of [await transport.next(), await transport.next()]) part.fail()
    expect(await until(id, 'waiting')).toMatchObject({ reason: 'offline', error: { code: 'network' } })
    await vi.advanceTimersByTimeAsync(15_000)
    for (const part of [await transport.next(), await transport.next()]) part.fail()
    await eventually(() => uploader.getItem(id)?.status === 'waiting')
    line.mend()
    serve(transport, take)
    await until(id, 'success')
  })

  test('what the server was not yet told of is told later, before the completion', async () => {
    let answer: (() => void) | undefined
    const { uploader, transport, until, take, log } = partBench(
      { retry: 5, retryDelay: 1000, now: Date.now },
      {
        multipart: ({ partStored }) => ({
          async partStored(...args) {
            if (args[1].number === 1) await new Promise<void>((resolve) => (answer = resolve))
            return partStored(...args)
          },
        }),
      },
    )
    const { id } = first(uploader.add(patternFile('a', 30)))
    const parts = [await transport.next(), await transport.next(), await transport.next()]
    parts.slice(0, 2).forEach(take)
    await eventually(() => answer !== undefined)
    parts[2]?.fail() // part 2 stands behind part 1 in the line of what is to be told
    await until(id, 'waiting')
    answer?.()
    await vi.advanceTimersByTimeAsync(1000)
    serve(transport, take)
    await until(id, 'success')
    const told = log.filter((what) => what.startsWith('told'))
    expect(told.toSorted()).toEqual(['told 1', 'told 2', 'told 3'])
    expect(log.at(-1)).toBe('complete')
  })
})

test('a part that S3 wants left alone for a minute is, though another one may go on sooner', async () => {
  const { uploader, transport, until, take, sent } = partBench({ retry: 5, retryDelay: 1000, now: Date.now })
  const { id } = first(uploader.add(patternFile('a', 20)))
  const [one, two] = [await transport.next(), await transport.next()]
  one.respond({ ...slowDown, headers: { 'retry-after': '60' } })
  two.fail()
  await until(id, 'waiting')
  await vi.advanceTimersByTimeAsync(1000)
  take(await transport.next())
  await quiet()
  expect(sent()).toEqual([1, 2, 2])
  await vi.advanceTimersByTimeAsync(59_000)
  take(await transport.next())
  await until(id, 'success')
  expect(sent()).toEqual([1, 2, 2, 1])
})

test.each(['resume', 'retry'] as const)(
  '%s goes on now with all of its parts, whatever they were to wait',
  async (command) => {
    const { uploader, transport, until, take, sent } = partBench({
      retry: 5,
      retryDelay: 60_000,
      now: Date.now,
    })
    const { id } = first(uploader.add(patternFile('a', 20)))
    ;(await transport.next()).respond({ ...slowDown, headers: { 'retry-after': '300' } })
    ;(await transport.next()).respond(slowDown)
    await until(id, 'waiting')
    uploader[command](id)
    serve(transport, take)
    await until(id, 'success')
    expect(sent()).toEqual([1, 2, 1, 2])
  },
)

test('a part is tried as often as `retry` says, and then its file has failed', async () => {
  const { uploader, transport, until, sent, take } = partBench({ retry: 2, retryDelay: 10, now: Date.now })
  const { id } = first(uploader.add(patternFile('a', 30)))
  serve(transport, (part) => (numberOf(part.request) === 2 ? part.fail() : take(part)))
  for (let round = 0; round < 12; round++) {
    await quiet()
    await vi.advanceTimersByTimeAsync(10)
  }
  expect(await until(id, 'error')).toMatchObject({ step: 'transfer', error: { code: 'network' } })
  expect(sent().filter((number) => number === 2)).toHaveLength(3)
})

test('a refusal of one part fails the file, calls the others off, and keeps what is stored for a retry', async () => {
  const { uploader, transport, until, take, sent } = partBench({ retry: 5, concurrency: 2 })
  const { id } = first(uploader.add(patternFile('a', 30)))
  take(await transport.next('/1?'))
  const [two, three] = [await transport.next(), await transport.next()]
  two.respond(errorAnswer(403, 'AccessDenied', 'Access Denied'))
  expect(await until(id, 'error')).toMatchObject({ step: 'transfer', error: { code: 'access-denied' } })
  expect(three.aborted).toBe(true)
  uploader.retry(id)
  serve(transport, take)
  await until(id, 'success')
  expect(sent()).toEqual([1, 2, 3, 2, 3])
})

test('a server that cannot be told of a part is told again; the part is not sent again', async () => {
  let calls = 0
  const { uploader, transport, until, take, sent } = partBench(
    { retry: 5, retryDelay: 10, now: Date.now },
    {
      multipart: ({ partStored }) => ({
        async partStored(...args) {
          if (++calls === 1) throw new UploadError('signer-failed', 'later', 'down')
          return partStored(...args)
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 20)))
  serve(transport, take)
  await quiet()
  await vi.advanceTimersByTimeAsync(10)
  await until(id, 'success')
  expect(sent()).toEqual([1, 2])
  expect(calls).toBe(3)
})
