/** Calls about many uploads: one's end is not another's. */
import { describe, expect, test, vi } from 'vitest'

import { wireLimits } from '../../src/protocol/limits.ts'
import type { BatchAnswer } from '../../src/protocol/wire-actions.ts'
import type { CompletedUpload, FetchLike } from '../../src/server/index.ts'
import { Reject } from '../../src/server/index.ts'
import type { Options, User } from './support.ts'
import { about, aFile, call, makeHandler, post, sign, throwing } from './support.ts'

const headed: FetchLike = (_url, { method }) =>
  Promise.resolve(
    method === 'HEAD'
      ? new Response(null, { headers: { 'content-length': '1000', etag: '"e"' } })
      : new Response(null, { status: 204 }),
  )

/** Receipts for files of these names. */
async function receiptsFor(...names: string[]): Promise<string[]> {
  const files = names.map((name) => aFile({ id: name, name: `${name}.png` }))
  const verdicts = await sign(makeHandler(), ...files)
  return verdicts.map((verdict) => (verdict.ok ? verdict.receipt : ''))
}

async function ask(action: string, receipts: readonly string[], options: Options = {}) {
  const { status, body, text } = await call(
    makeHandler({ fetch: headed, ...options }),
    about(action, ...receipts),
  )
  return { status, text, verdicts: (body as unknown as BatchAnswer).verdicts }
}

test('each receipt has its own verdict, in order; what fails for one is that one’s alone', async () => {
  const receipts = await receiptsFor('good', 'rejected', 'broken', 'unprintable', 'fine')
  const onError = vi.fn()
  const onComplete = vi.fn(({ name }: CompletedUpload<User>) => {
    if (name === 'rejected.png') throw new Reject('Upside down.')
    if (name === 'broken.png') throw new Error('password=hunter2')
    return name === 'unprintable.png' ? 5n : { name }
  })
  const { status, text, verdicts } = await ask('confirm', [...receipts, 'garbage'], { onComplete, onError })
  expect(status).toBe(200)
  const stored = { size: 1000, etag: '"e"' }
  expect(verdicts).toMatchObject([
    { ok: true, stored, result: { name: 'good.png' } },
    { ok: false, error: { status: 422, code: 'refused', detail: 'Upside down.' } },
    { ok: false, error: { status: 500, code: 'confirm-failed' } },
    { ok: false, error: { status: 500, code: 'internal' } },
    { ok: true, stored, result: { name: 'fine.png' } },
    { ok: false, error: { status: 403, code: 'receipt-invalid' } },
  ])
  expect(onComplete).toHaveBeenCalledTimes(5)
  expect(onError).toHaveBeenCalledTimes(2)
  expect(text).not.toContain('hunter2')
})

test('one receipt that is named twice is judged once', async () => {
  const [receipt = ''] = await receiptsFor('a')
  const onComplete = vi.fn(() => 'taken')
  const { verdicts } = await ask('confirm', [receipt, 'garbage', receipt], { onComplete })
  expect(verdicts).toMatchObject([
    { ok: true, result: 'taken' },
    { ok: false },
    { ok: true, result: 'taken' },
  ])
  expect(onComplete).toHaveBeenCalledOnce()
})

test('all are judged at the same time', async () => {
  const receipts = await receiptsFor('a', 'b', 'c')
  const waiting: (() => void)[] = []
  const onComplete = async (): Promise<string> => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
      if (waiting.length === 3) for (const go of waiting) go()
    })
    return 'taken'
  }
  const { verdicts } = await ask('confirm', receipts, { onComplete })
  expect(verdicts.map(({ ok }) => ok)).toEqual([true, true, true])
})

describe('bounds', () => {
  test('50 receipts of the largest kind fit into a call, 51 are refused before anything is looked at', async () => {
    const fetch = vi.fn(headed)
    const longest = Array.from({ length: 50 }, () => 'x'.repeat(wireLimits.receipt))
    expect((await ask('confirm', longest, { fetch })).status).toBe(200)
    expect((await ask('confirm', [...longest, 'x'], { fetch })).status).toBe(400)
    expect((await ask('confirm', [], { fetch })).status).toBe(400)
    expect(fetch).not.toHaveBeenCalled()
  })

  test('the rate limit hears how many', async () => {
    const rateLimit = vi.fn(() => true)
    await ask('abort', await receiptsFor('a', 'b', 'c'), { rateLimit })
    expect(rateLimit).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ action: 'abort', count: 3 }))
  })

  test('what concerns all is said of the whole call', async () => {
    const receipts = await receiptsFor('a', 'b')
    expect((await ask('confirm', receipts, { authorize: () => null })).status).toBe(401)
    expect((await ask('confirm', receipts, { rateLimit: () => 9 })).status).toBe(429)
    const lost = throwing(new Error('no credentials'))
    const storage = { bucket: 'b', region: 'eu-central-1', credentials: lost }
    expect(
      (await ask('confirm', receipts, { storage, secret: 'x'.repeat(16), onError: vi.fn() })).status,
    ).toBe(500)
  })
})

test('the old form, with one receipt, is none', async () => {
  const [receipt] = await receiptsFor('a')
  const answer = await call(makeHandler({ fetch: headed }), post({ v: 1, action: 'confirm', receipt }))
  expect(answer).toMatchObject({ status: 400, body: { code: 'bad-request' } })
})
