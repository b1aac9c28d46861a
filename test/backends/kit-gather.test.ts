/** Calls about single uploads become calls about many. */
import { afterEach, describe, expect, test, vi } from 'vitest'

import { kit } from '../../src/backends/kit.ts'
import { UploadError } from '../../src/core/errors.ts'
import type { BackendCall, HttpRequest, HttpResponse } from '../../src/core/ports.ts'
import { aRequest, bytesOf } from '../server/store-suite.ts'

interface Asked {
  readonly receipts: readonly string[]
  readonly answer: (...verdicts: object[]) => void
  readonly fail: (error: unknown) => void
}

/** A signer that answers when it is told to. */
function heldSigner() {
  const asked: Asked[] = []
  const send = (request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> =>
    new Promise((resolve, reject) => {
      const text = request.body?.kind === 'text' ? request.body.text : '{}'
      const { receipts } = JSON.parse(text) as { receipts: string[] }
      signal.addEventListener('abort', () => reject(signal.reason as Error))
      asked.push({
        receipts,
        answer: (...verdicts) =>
          resolve({ status: 200, headers: new Map(), text: JSON.stringify({ v: 1, verdicts }) }),
        fail: reject,
      })
    })
  const call = (signal: AbortSignal = new AbortController().signal): BackendCall => ({
    signal,
    now: Date.now,
    send: (request) => send(request, signal),
  })
  return { asked, call }
}

const good = (result: unknown): object => ({ ok: true, stored: { key: 'k', size: 1, etag: '' }, result })
const bad = (status: number, code: string): object => ({ ok: false, error: { status, code, detail: code } })
const small = aRequest(bytesOf(1))
const aborted = new UploadError('aborted', 'never', 'Paused.')
/** Until all that can go on has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function open() {
  const backend = kit({ endpoint: '/up' })
  const { asked, call } = heldSigner()
  const confirm = (ref: string, signal?: AbortSignal, file = small): Promise<unknown> =>
    backend.confirm?.(ref, { location: '' }, file, call(signal)) ?? Promise.reject(new Error('no confirm'))
  return { backend, asked, call, confirm }
}

describe('confirm', () => {
  test('of the same turn goes in one call; each has its own end', async () => {
    const { asked, confirm } = open()
    const ends = Promise.allSettled(['a', 'b', 'c'].map((ref) => confirm(ref)))
    await settled()
    expect(asked.map(({ receipts }) => receipts)).toEqual([['a', 'b', 'c']])
    asked[0]?.answer(good(1), bad(422, 'refused'), good(3))
    expect(await ends).toMatchObject([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: { code: 'confirm-failed', retry: 'never', status: 422 } },
      { status: 'fulfilled', value: 3 },
    ])
  })

  test('while a call is under way goes with the next', async () => {
    const { asked, confirm } = open()
    const first = confirm('a')
    await settled()
    const more = [confirm('b'), confirm('c')]
    await settled()
    expect(asked).toHaveLength(1)
    asked[0]?.answer(good('a'))
    expect(await first).toBe('a')
    await settled()
    expect(asked[1]?.receipts).toEqual(['b', 'c'])
    asked[1]?.answer(good('b'), good('c'))
    expect(await Promise.all(more)).toEqual(['b', 'c'])
  })

  test('goes at once where a call is full', async () => {
    const { asked, confirm } = open()
    const ends = Array.from({ length: 120 }, (_, at) => confirm(`${at}`))
    await settled()
    expect(asked.map(({ receipts }) => receipts.length)).toEqual([50, 50])
    for (const { receipts, answer } of asked) answer(...receipts.map((one) => good(one)))
    await settled()
    expect(asked[2]?.receipts).toHaveLength(20)
    asked[2]?.answer(...(asked[2]?.receipts ?? []).map((one) => good(one)))
    expect(await Promise.all(ends)).toEqual(ends.map((_, at) => `${at}`))
  })

  test('a large file is confirmed alone: its promotion must not hold up the others', async () => {
    const { asked, confirm } = open()
    const large = confirm('large', undefined, { ...small, size: 64 * 1024 ** 2 })
    const others = confirm('a')
    await settled()
    expect(asked.map(({ receipts }) => receipts)).toEqual([['large'], ['a']])
    asked[1]?.answer(good(1))
    expect(await others).toBe(1)
    asked[0]?.answer(good(2))
    expect(await large).toBe(2)
  })

  test('a call that fails as a whole fails for all, and nobody is asked twice', async () => {
    const { asked, confirm } = open()
    const ends = Promise.allSettled([confirm('a'), confirm('b')])
    await settled()
    asked[0]?.fail(new UploadError('network', 'later', 'Offline.'))
    const failure = { status: 'rejected', reason: { code: 'signer-unreachable', retry: 'later' } }
    expect(await ends).toMatchObject([failure, failure])
    await settled()
    expect(asked).toHaveLength(1)
  })

  test('verdicts that do not fit the question are no answer to anybody', async () => {
    const { asked, confirm } = open()
    const ends = Promise.allSettled([confirm('a'), confirm('b')])
    await settled()
    asked[0]?.answer(good(1))
    const failure = { status: 'rejected', reason: { code: 'bad-answer', retry: 'never' } }
    expect(await ends).toMatchObject([failure, failure])
  })
})

describe('who gives up', () => {
  test('while waiting just leaves', async () => {
    const { asked, confirm } = open()
    const first = confirm('a')
    await settled()
    const quitter = new AbortController()
    const given = confirm('b', quitter.signal).catch((error: unknown) => error)
    const other = confirm('c')
    quitter.abort(aborted)
    expect(await given).toBe(aborted)
    asked[0]?.answer(good(1))
    await first
    await settled()
    expect(asked[1]?.receipts).toEqual(['c'])
    asked[1]?.answer(good(3))
    expect(await other).toBe(3)
  })

  test('and had lent the call does not end it for the others', async () => {
    const { asked, confirm } = open()
    const quitter = new AbortController()
    const given = confirm('a', quitter.signal).catch((error: unknown) => error)
    const others = [confirm('b'), confirm('c')]
    await settled()
    expect(asked[0]?.receipts).toEqual(['a', 'b', 'c'])
    quitter.abort(aborted)
    expect(await given).toBe(aborted)
    await settled()
    expect(asked[1]?.receipts).toEqual(['b', 'c'])
    asked[1]?.answer(good(2), good(3))
    expect(await Promise.all(others)).toEqual([2, 3])
  })

  test('and had not lent the call leaves it alone', async () => {
    const { asked, confirm } = open()
    const quitter = new AbortController()
    const first = confirm('a')
    const given = confirm('b', quitter.signal).catch((error: unknown) => error)
    await settled()
    quitter.abort(aborted)
    expect(await given).toBe(aborted)
    asked[0]?.answer(good(1), good(2))
    expect(await first).toBe(1)
    await settled()
    expect(asked).toHaveLength(1)
  })

  test('before it began asks for nothing', async () => {
    const { asked, confirm } = open()
    await expect(confirm('a', AbortSignal.abort(aborted))).rejects.toBe(aborted)
    await settled()
    expect(asked).toEqual([])
  })
})

test('give up, probe, remove and view are gathered too, each by itself', async () => {
  const { backend, asked, call } = open()
  const calls = ['a', 'b'].flatMap((ref): (Promise<unknown> | undefined)[] => [
    backend.release?.(ref, call()),
    backend.multipart?.abort(ref, call()),
    backend.probe?.(ref, call()),
    backend.deleteObject?.(ref, call()),
    backend.view?.(ref, call()),
  ])
  await settled()
  expect(asked.map(({ receipts }) => receipts)).toEqual([
    ['a', 'a', 'b', 'b'],
    ['a', 'b'],
    ['a', 'b'],
    ['a', 'b'],
  ])
  const [aborts, probes, removals, views] = asked
  aborts?.answer(...Array.from({ length: 4 }, () => ({ ok: true })))
  probes?.answer({ ok: true, stored: null }, bad(403, 'receipt-invalid'))
  removals?.answer({ ok: true }, { ok: true })
  views?.answer(...Array.from({ length: 2 }, () => ({ ok: true, url: 'https://x.example/', expiresIn: 9 })))
  const ends = await Promise.allSettled(calls.map((one) => one ?? Promise.reject(new Error('none'))))
  expect(ends.map(({ status }) => status)).toEqual([
    ...Array.from({ length: 7 }, () => 'fulfilled'),
    'rejected',
    'fulfilled',
    'fulfilled',
  ])
  expect(ends[2]).toMatchObject({ value: 'absent' })
  expect(ends[7]).toMatchObject({ reason: { code: 'refused', status: 403 } })
})

describe('a thousand small files, six at a time, with a signer 50 ms away', () => {
  afterEach(() => vi.useRealTimers())

  test('cost tens of calls', async () => {
    vi.useFakeTimers()
    const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
    let calls = 0
    const call: BackendCall = {
      signal: new AbortController().signal,
      now: Date.now,
      async send({ body }) {
        calls += 1
        const { receipts } = JSON.parse(body?.kind === 'text' ? body.text : '') as { receipts: string[] }
        await after(50)
        return {
          status: 200,
          headers: new Map(),
          text: JSON.stringify({ v: 1, verdicts: receipts.map((one) => good(one)) }),
        }
      },
    }
    const backend = kit({ endpoint: '/up' })
    const left = Array.from({ length: 1000 }, (_, at) => `${at}`)
    const ends: Promise<unknown>[] = []
    const lane = async (): Promise<void> => {
      for (let ref = left.shift(); ref !== undefined; ref = left.shift()) {
        await after(20) // the bytes
        ends.push(backend.confirm?.(ref, { location: '' }, small, call) ?? Promise.reject(new Error('none')))
      }
    }
    const lanes = Promise.all(Array.from({ length: 6 }, lane))
    await vi.runAllTimersAsync()
    await lanes
    expect(new Set(await Promise.all(ends))).toHaveProperty('size', 1000)
    expect(calls).toBeLessThan(80)
    console.log(`1,000 confirmations in ${calls} calls`)
  })
})
