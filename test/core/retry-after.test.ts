/** `Retry-After`, as seconds and as a date, from stores and from signers. */
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import { fineUploader, kit, plupload } from '../../src/backends/index.ts'
import type { UploadBackend } from '../../src/core/index.ts'
import { readRetryAfter } from '../../src/core/rules/retry-after.ts'
import { asking } from '../backends/conformance/stage.ts'
import { wire } from '../support/backend-call.ts'
import { bench, errorAnswer, fileOf, first, loadChunks } from '../support/engine.ts'

beforeAll(loadChunks)

const now = Date.UTC(2026, 10, 20, 17, 18, 11)
const inTen = new Date(now + 10_000).toUTCString()

describe('reading it', () => {
  test.each<[string, Readonly<Record<string, string>>, number | undefined]>([
    ['seconds', { 'retry-after': '120' }, 120],
    ['none', { 'retry-after': '0' }, 0],
    ['a date', { 'retry-after': inTen }, 10],
    ['a date that breaks a second', { 'retry-after': new Date(now - 1000).toUTCString() }, 0],
    ['a date long past', { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 0],
    ['the old form of RFC 850', { 'retry-after': 'Friday, 20-Nov-26 17:18:21 GMT' }, 10],
    ['that of asctime, which is UTC', { 'retry-after': 'Fri Nov 20 17:18:21 2026' }, 10],
    [
      'by the clock that wrote it, where it is exposed',
      { 'retry-after': inTen, date: new Date(now - 3_600_000).toUTCString() },
      3610,
    ],
    ['by ours where that is nonsense', { 'retry-after': inTen, date: 'now' }, 10],
    ['no header', {}, undefined],
    ['nothing', { 'retry-after': '' }, undefined],
    ['words', { 'retry-after': 'soon' }, undefined],
    ['what only looks like a date to Date.parse', { 'retry-after': 'in 5 minutes' }, undefined],
    ['a fraction', { 'retry-after': '1.5' }, undefined],
    ['a negative number', { 'retry-after': '-5' }, undefined],
    ['a date that is none', { 'retry-after': 'Fri, 99 Nov 2026 17:18:21 GMT' }, undefined],
  ])('%s', (_what, headers, retryAfter) => {
    expect(readRetryAfter(new Map(Object.entries(headers)), now).retryAfter).toBe(retryAfter)
  })
})

describe('what signers say', () => {
  const backends: readonly UploadBackend[] = [
    kit({ endpoint: '/sign' }),
    plupload({ save: '/save' }),
    fineUploader({
      request: { endpoint: 'https://bkt.s3.amazonaws.com', accessKey: 'AK' },
      signature: { endpoint: '/sign' },
    }),
  ]
  test.each(backends)('$name: a date is read by the engine’s clock', async (backend) => {
    const call = wire(() => ({ status: 503, headers: { 'retry-after': inTen } }), now)
    const failure = await backend
      .createUploads([asking(fileOf('a.png'))], call)
      .then(([grant]) => (grant?.ok ? undefined : grant?.error))
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'signer-failed', retryAfter: 10 })
  })
})

describe('what a store says', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  test.each([
    ['is kept', inTen, 10],
    ['is kept for ten minutes at most', 'Fri, 31 Dec 9999 23:59:59 GMT', 600],
  ])('a date %s', async (_what, date, seconds) => {
    const clock = { now }
    const { uploader, transport, until } = bench({ retry: 5, retryDelay: 0, now: () => clock.now })
    const { id } = first(uploader.add(fileOf('a')))
    const answer = errorAnswer(503, 'SlowDown')
    ;(await transport.next()).respond({ ...answer, headers: { 'retry-after': date } })
    expect(await until(id, 'waiting')).toMatchObject({ until: now + seconds * 1000 })
    await vi.advanceTimersByTimeAsync(seconds * 1000)
    ;(await transport.next()).respond()
    await until(id, 'success')
  })
})
