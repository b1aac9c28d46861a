/** What goes on by itself after a failure, on a clock that the test moves. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { UploadError } from '../../src/core/index.ts'
import type { HttpTransport, Line, RetryAdvice, RetryRules, UploadErrorCode } from '../../src/core/index.ts'
import { decideRetry } from '../../src/core/rules/retry.ts'
import type { Tries } from '../../src/core/rules/retry.ts'
import { scriptedTransport } from '../../src/testing/index.ts'
import { bench, fileOf, first } from '../support/engine.ts'

const errorOf = (code: UploadErrorCode, retry: RetryAdvice, retryAfter?: number): UploadError =>
  new UploadError(code, retry, 'no', retryAfter === undefined ? {} : { retryAfter })
const none: Tries = { failures: 0, atOnce: 0 }
const luck = { online: true, random: 1 }

describe('the decision', () => {
  const rows: readonly [string, UploadError, Partial<Tries>, RetryRules, Partial<typeof luck>, object][] = [
    ['a refusal', errorOf('file-too-large', 'never'), {}, {}, {}, { do: 'fail' }],
    ['retry: false', errorOf('throttled', 'later'), {}, { retry: false }, {}, { do: 'fail' }],
    [
      'the first time',
      errorOf('throttled', 'later'),
      {},
      {},
      {},
      { do: 'wait', reason: 'backoff', delay: 1000 },
    ],
    ['half of the pause is certain', errorOf('throttled', 'later'), {}, {}, { random: 0 }, { delay: 500 }],
    ['each pause is twice the last', errorOf('throttled', 'later'), { failures: 3 }, {}, {}, { delay: 8000 }],
    [
      'up to half a minute',
      errorOf('throttled', 'later'),
      { failures: 20 },
      { retry: true },
      {},
      { delay: 30_000 },
    ],
    ['five times', errorOf('throttled', 'later'), { failures: 5 }, {}, {}, { do: 'fail' }],
    ['as often as said', errorOf('throttled', 'later'), { failures: 1 }, { retry: 1 }, {}, { do: 'fail' }],
    [
      'a function decides',
      errorOf('timeout', 'later'),
      { failures: 9 },
      { retry: (n, { code }) => n === 9 && code === 'timeout' },
      {},
      { do: 'wait' },
    ],
    [
      'no function turns a refusal',
      errorOf('refused', 'never'),
      {},
      { retry: () => true },
      {},
      { do: 'fail' },
    ],
    [
      'an own pause',
      errorOf('throttled', 'later'),
      { failures: 2 },
      { retryDelay: (n) => n * 7 },
      {},
      { delay: 14 },
    ],
    [
      'a pause without end is one, not none',
      errorOf('throttled', 'later'),
      {},
      { retryDelay: Infinity },
      {},
      { delay: 2_147_483_647 },
    ],
    ['Retry-After is kept', errorOf('throttled', 'later', 20), {}, { retryDelay: 5 }, {}, { delay: 20_000 }],
    ['but not for ever', errorOf('throttled', 'later', 1e9), {}, {}, {}, { delay: 600_000 }],
    ['a stale signature: at once', errorOf('expired', 'sign-again'), {}, {}, {}, { do: 'again' }],
    ['and only once', errorOf('expired', 'sign-again'), { failures: 1, atOnce: 1 }, {}, {}, { do: 'fail' }],
    [
      'offline is no failure, however often',
      errorOf('network', 'later'),
      { failures: 99 },
      {},
      { online: false },
      { do: 'wait', reason: 'offline' },
    ],
    [
      'a stall is no failure either while there is no line',
      errorOf('timeout', 'later'),
      { failures: 99 },
      {},
      { online: false },
      { do: 'wait', reason: 'offline' },
    ],
    [
      'an answer proves the line, also one that says that the body was cut off',
      new UploadError('network', 'later', 'IncompleteBody', { status: 400 }),
      {},
      {},
      { online: false },
      { reason: 'backoff' },
    ],
    [
      'an answer proves the line',
      errorOf('throttled', 'later'),
      {},
      {},
      { online: false },
      { reason: 'backoff' },
    ],
  ]
  test.each(rows)('%s', (_what, error, tries, rules, chances, wanted) => {
    expect(decideRetry(error, { ...none, ...tries }, rules, { ...luck, ...chances })).toMatchObject(wanted)
  })
})

/** A line that the test cuts and mends. */
function testLine(): Line & { online: boolean; mend: () => void } {
  const listeners = new Set<() => void>()
  const line = {
    online: true,
    isOnline: () => line.online,
    onOnline(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    mend() {
      line.online = true
      for (const listener of listeners) listener()
    },
  }
  return line
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const slowDown = { status: 503, text: '<Error><Code>SlowDown</Code></Error>' }

describe('backing off', () => {
  test('is seen: waiting, why, until when; it holds no slot and then goes on first', async () => {
    const { uploader, transport, clock, until } = bench({ retry: 5, retryDelay: 4000, concurrency: 1 })
    const [a] = uploader.add([fileOf('a'), fileOf('b'), fileOf('c')])
    ;(await transport.next()).respond(slowDown)
    const waiting = await until(a?.id ?? '', 'waiting')
    expect(waiting).toMatchObject({
      reason: 'backoff',
      until: clock.now + 4000,
      error: { code: 'throttled' },
    })
    const b = await transport.next()
    expect(b.request.body).toMatchObject({ fileName: 'b' })
    await vi.advanceTimersByTimeAsync(4000)
    b.respond()
    expect((await transport.next()).request.body).toMatchObject({ fileName: 'a' })
  })

  test('ends in success without a click, and the count does not outlive it', async () => {
    const { uploader, transport, until } = bench({ retry: 2, retryDelay: 10 })
    const { id } = first(uploader.add(fileOf('a')))
    for (let at = 0; at < 2; at++) {
      ;(await transport.next()).fail()
      await vi.advanceTimersByTimeAsync(0) // the last wait may still be what is published
      await until(id, 'waiting')
      await vi.advanceTimersByTimeAsync(10)
    }
    ;(await transport.next()).respond()
    expect(await until(id, 'success')).not.toHaveProperty('error')
  })

  test('ends in an error when it was tried often enough; a click begins to count anew', async () => {
    const { uploader, transport, until } = bench({ retry: 1, retryDelay: 10 })
    const { id } = first(uploader.add(fileOf('a')))
    for (let round = 0; round < 2; round++) {
      ;(await transport.next()).fail()
      await vi.advanceTimersByTimeAsync(0) // the last wait may still be what is published
      await until(id, 'waiting')
      await vi.advanceTimersByTimeAsync(10)
      ;(await transport.next()).fail()
      expect(await until(id, 'error')).toMatchObject({ error: { code: 'network' } })
      uploader.retry(id)
    }
  })

  test('counts anew once bytes got further than before', async () => {
    const { uploader, transport, until } = bench({ retry: 1, retryDelay: 10 })
    const { id } = first(uploader.add(fileOf('a', 100)))
    for (const loaded of [10, 20, 30, 40]) {
      const sent = await transport.next()
      sent.progress(loaded)
      sent.fail()
      await vi.advanceTimersByTimeAsync(0) // the last wait may still be what is published
      await until(id, 'waiting')
      await vi.advanceTimersByTimeAsync(10)
    }
    const sent = await transport.next()
    sent.progress(40)
    sent.fail()
    expect(await until(id, 'error')).toMatchObject({ error: { code: 'network' } })
  })

  test.each(['retry', 'resume'] as const)('%s goes on now', async (command) => {
    const { uploader, transport, until } = bench({ retry: 5, retryDelay: 60_000 })
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).fail()
    await until(id, 'waiting')
    uploader[command](id)
    ;(await transport.next()).respond()
    await until(id, 'success')
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each(['pause', 'cancel', 'remove'] as const)('%s ends the wait for good', async (command) => {
    const { uploader, transport, until } = bench({ retry: 5, retryDelay: 1000 })
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).fail()
    await until(id, 'waiting')
    uploader[command](id)
    await vi.advanceTimersByTimeAsync(5000)
    expect(transport.requests).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a confirm that fails is asked again in the same way, and nothing else is repeated', async () => {
    let calls = 0
    const confirm = (): string => {
      if (++calls < 3) throw errorOf('signer-failed', 'later')
      return 'done'
    }
    const { uploader, transport, until } = bench({ retry: 5, retryDelay: 10 }, { confirm })
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).respond()
    await until(id, 'processing')
    await vi.advanceTimersByTimeAsync(20)
    expect(await until(id, 'success')).toMatchObject({ result: 'done' })
    expect(transport.requests).toHaveLength(1)
  })
})

describe('offline', () => {
  test('is a state: items wait without an end and go on when the line is back', async () => {
    const line = testLine()
    const { uploader, transport, until } = bench({ retry: 1, line })
    const { id } = first(uploader.add(fileOf('a')))
    line.online = false
    for (let at = 0; at < 4; at++) {
      ;(await transport.next()).fail()
      expect(await until(id, 'waiting')).toMatchObject({ reason: 'offline' })
      line.mend()
      line.online = false
    }
    line.online = true
    ;(await transport.next()).respond()
    await until(id, 'success')
  })

  test('a browser that never says that it is online again is not believed', async () => {
    const line = testLine()
    const { uploader, transport, until } = bench({ retry: 1, line })
    line.online = false
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).fail()
    await until(id, 'waiting')
    await vi.advanceTimersByTimeAsync(15_000)
    ;(await transport.next()).respond()
    expect(await until(id, 'success')).toMatchObject({ name: 'a' })
  })
})

test('what failed without a line does not count once there is one again', async () => {
  const line = testLine()
  const { uploader, transport, until } = bench({ line, retry: 1, retryDelay: 10 })
  const { id } = first(uploader.add(fileOf('a')))
  line.online = false
  for (let look = 0; look < 3; look++) {
    ;(await transport.next()).fail()
    expect(await until(id, 'waiting')).toMatchObject({ reason: 'offline' })
    await vi.advanceTimersByTimeAsync(15_000)
  }
  line.mend()
  ;(await transport.next()).fail()
  expect(await until(id, 'waiting')).toMatchObject({ reason: 'backoff' })
  await vi.advanceTimersByTimeAsync(10)
  ;(await transport.next()).respond()
  await until(id, 'success')
})

describe('the watchdog', () => {
  test('gives up a line on which no byte moves, from the first byte on', async () => {
    const { uploader, transport, until } = bench({ retry: 1, retryDelay: 10, stallTimeout: 5000 })
    const { id } = first(uploader.add(fileOf('a', 100)))
    const sent = await transport.next()
    await vi.advanceTimersByTimeAsync(20_000) // waiting for a socket looks the same
    expect(sent.aborted).toBe(false)
    sent.progress(10)
    await vi.advanceTimersByTimeAsync(4999)
    sent.progress(20)
    await vi.advanceTimersByTimeAsync(4999)
    expect(sent.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(sent.aborted).toBe(true)
    expect(await until(id, 'waiting')).toMatchObject({ error: { code: 'timeout' } })
  })

  test('has more patience for the answer than for a byte, but not without end', async () => {
    const { uploader, transport, until } = bench({ stallTimeout: 5000 })
    const { id } = first(uploader.add(fileOf('a', 100)))
    const sent = await transport.next()
    sent.progress(100)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(sent.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(31_000)
    expect(await until(id, 'error')).toMatchObject({ error: { code: 'timeout' } })
  })

  test('where no byte is ever reported, as behind a service worker, the size says how long', async () => {
    const { uploader, transport, until } = bench({ stallTimeout: 5000 })
    const { id } = first(uploader.add(fileOf('a', 16_384 * 100))) // 100 s on the slowest line
    const sent = await transport.next()
    await vi.advanceTimersByTimeAsync(159_000)
    expect(sent.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await until(id, 'error')).toMatchObject({ error: { code: 'timeout' } })
  })

  test('is no cancel, whatever the transport makes of an abort', async () => {
    const script = scriptedTransport()
    const transport: HttpTransport = {
      send: (request, options) =>
        script.send(request, options).catch(() => {
          throw new UploadError('aborted', 'never', 'The request was aborted by the kit.')
        }),
    }
    const { uploader, until } = bench({ transport, retry: 1, retryDelay: 10, stallTimeout: 5000 })
    const { id } = first(uploader.add(fileOf('a', 100)))
    ;(await script.next()).progress(10)
    await vi.advanceTimersByTimeAsync(5000)
    expect(await until(id, 'waiting')).toMatchObject({ error: { code: 'timeout', retry: 'later' } })
  })

  test('notices that the machine was asleep: the line gets five seconds to show life, not the blame', async () => {
    const { uploader, transport, until, clock } = bench({ stallTimeout: 20_000 })
    const [a, b] = uploader.add([fileOf('a', 100), fileOf('b', 100)])
    const [alive, dead] = [await transport.next(), await transport.next()]
    alive.progress(10)
    dead.progress(10)
    clock.now += 3_600_000 // timers stand still while it sleeps
    await vi.advanceTimersByTimeAsync(20_000)
    expect([alive.aborted, dead.aborted]).toEqual([false, false])
    alive.progress(20)
    clock.now += 5000
    await vi.advanceTimersByTimeAsync(5000)
    expect([alive.aborted, dead.aborted]).toEqual([false, true])
    expect(await until(b?.id ?? '', 'error')).toMatchObject({ error: { code: 'timeout' } })
    alive.respond()
    await until(a?.id ?? '', 'success')
  })

  test('leaves no timer behind', async () => {
    const { uploader, transport, until } = bench()
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).respond()
    await until(id, 'success')
    expect(vi.getTimerCount()).toBe(0)
  })
})
