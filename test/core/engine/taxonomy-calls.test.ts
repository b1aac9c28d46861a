/** Faults of parts, of the signer and of the app's server: what the user sees, and what it costs. See `faultTable`. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import type { RetryAdvice, UploadErrorCode } from '../../../src/core/index.ts'
import { UploadError } from '../../../src/core/index.ts'
import { en } from '../../../src/i18n/locales/en.ts'
import { errorText } from '../../../src/i18n/messages.ts'
import { grantOf } from '../../../src/testing/index.ts'
import type { ScriptedExchange } from '../../../src/testing/index.ts'
import { bench, errorAnswer, first, loadChunks, patternFile, quiet, serve } from '../../support/engine.ts'
import type { Bench } from '../../support/engine.ts'
import { faultTable } from '../../support/fault-table.ts'
import { numberOf, partBench } from './part-store.ts'
import type { PartBench, PartStoreOptions } from './part-store.ts'

vi.mock(import('../../../src/core/resume/fingerprint.ts'), async (original) => {
  const { instantFingerprint } = await import('../../support/instant-fingerprint.ts')
  return instantFingerprint(original)
})

const table = faultTable(
  'engine-calls',
  'One file of 40 bytes, in four parts where it goes in parts; scripted network; a pause is 1 s, five tries.',
)

beforeAll(loadChunks)
beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }))
afterEach(() => void vi.useRealTimers())
afterAll(() => void table.write())

const size = 40
const options = { now: Date.now, retry: 5, retryDelay: 1000 }

/** Lets it go to its end; says what was seen, and which bytes went more than once. */
async function run(it: Bench, fault: string, calls: () => number): Promise<object> {
  const waits = new Set<string>()
  it.uploader.setOptions({
    onStatus: (item) => item.status === 'waiting' && void waits.add(item.error?.code ?? item.reason),
  })
  const { id } = first(it.uploader.add(patternFile('a', size)))
  const isOver = (): boolean => ['success', 'error'].includes(it.uploader.getItem(id)?.status ?? '')
  for (let second = 0; second < 30 && !isOver(); second++) {
    await quiet()
    await vi.advanceTimersByTimeAsync(1000)
  }
  const item = it.uploader.getItem(id)
  const bodies = it.transport.requests.flatMap(({ body }) =>
    body?.kind === 'form' ? [body.file.size] : body?.kind === 'blob' ? [body.blob.size] : [],
  )
  const sent = bodies.reduce((sum, bytes) => sum + bytes, 0)
  const end = item?.status === 'error' ? item.error.code : (item?.status ?? 'gone')
  const sees = [...[...waits].map((code) => `waits (${code})`), end].join(', ')
  const words = item?.status === 'error' ? `: “${errorText(en, item)}”` : ''
  const parts = new Set(it.transport.requests.map(({ url }) => url.replace(/\?.*/, '').split('/').at(-1)))
  const row = {
    requests: bodies.length - parts.size,
    bytes: sent - (end === 'success' ? size : Math.min(sent, size)),
    signer: calls(),
  }
  table.add({ fault, sees: `${sees}${words}`, ...row })
  expect(vi.getTimerCount()).toBe(0)
  return { sees, ...row }
}

const fail = (code: UploadErrorCode, retry: RetryAdvice, status?: number): UploadError =>
  new UploadError(code, retry, 'no', status === undefined ? {} : { status })

describe('of one part', () => {
  const answer =
    (status: number, code: string, message = '') =>
    ({ respond }: ScriptedExchange): void =>
      respond(errorAnswer(status, code, message))
  /**
   * What part 2 meets, how often; requests again; calls for signatures again (what was signed ahead is not kept while a
   * file waits without a slot); what is seen.
   */
  const rows: readonly [
    string,
    (sent: ScriptedExchange, it: PartBench) => void,
    number,
    number,
    number,
    string,
  ][] = [
    ['503 SlowDown', answer(503, 'SlowDown'), 1, 1, 1, 'waits (throttled), success'],
    ['cut on its way', (sent) => sent.fail(), 1, 1, 1, 'waits (network), success'],
    ['cut without end', (sent) => sent.fail(), 99, 5, 5, 'waits (network), network'],
    ['403 URL expired', answer(403, 'AccessDenied', 'Request has expired'), 1, 1, 1, 'success'],
    ['400 RequestTimeout', answer(400, 'RequestTimeout'), 1, 1, 1, 'waits (timeout), success'],
    ['400 BadDigest', answer(400, 'BadDigest'), 1, 1, 1, 'success'],
    ['400 BadDigest, twice', answer(400, 'BadDigest'), 2, 1, 1, 'checksum-mismatch'],
    ['403 AccessDenied', answer(403, 'AccessDenied', 'Access Denied'), 99, 0, 0, 'access-denied'],
    [
      'stored, and its answer cut',
      (sent, it) => {
        it.take({ ...sent, respond: () => undefined })
        sent.fail()
      },
      1,
      1,
      1,
      'waits (network), success',
    ],
  ]
  test.each(rows)('%s', async (fault, happens, times, requests, signer, sees) => {
    const it = partBench(options, { expiresIn: 600 })
    let left = times
    serve(it.transport, (sent) => {
      if (numberOf(sent.request) === 2 && left-- > 0) happens(sent, it)
      else it.take(sent)
    })
    const price = await run(it, `a part: ${fault}`, () => it.signed().length - 1)
    expect(price).toEqual({ sees, requests, bytes: requests * 10, signer })
  })

  test('404 NoSuchUpload: all of it anew', async () => {
    const it = partBench({ ...options, concurrency: 1 })
    let isFirst = true
    serve(it.transport, (sent) => {
      if (isFirst && numberOf(sent.request) === 3) {
        isFirst = false
        it.world.uploads.clear()
      }
      it.take(sent)
    })
    const creations = (): number => it.log.filter((what) => what.startsWith('create')).length - 1
    const price = await run(it, 'a part: 404 NoSuchUpload, after two of four', creations)
    expect(price).toEqual({ sees: 'success', requests: 3, bytes: 30, signer: 1 })
  })
})

describe('of the calls around the parts', () => {
  const once = (error: UploadError): (() => void) => {
    let isFirst = true
    return () => {
      if (isFirst) {
        isFirst = false
        throw error
      }
    }
  }
  const down = fail('signer-failed', 'later', 500)
  const rows: readonly [
    string,
    string,
    (trouble: () => void) => NonNullable<PartStoreOptions['multipart']>,
  ][] = [
    [
      // What was asked for while the upload was written down is asked for again by the part itself.
      'signatures: 500, ahead',
      'success',
      (trouble) =>
        ({ signParts }) => ({
          async signParts(...args) {
            trouble()
            return signParts(...args)
          },
        }),
    ],
    [
      'signatures: 500, three times',
      'waits (signer-failed), success',
      (_trouble, calls = 0) =>
        ({ signParts }) => ({
          async signParts(...args) {
            if (calls++ < 3) throw down
            return signParts(...args)
          },
        }),
    ],
    [
      'the server is told of a part: 500',
      'success',
      (trouble) =>
        ({ partStored }) => ({
          async partStored(...args) {
            trouble()
            return partStored(...args)
          },
        }),
    ],
    [
      'completion: 500',
      'waits (signer-failed), success',
      (trouble) =>
        ({ complete }) => ({
          async complete(...args) {
            trouble()
            return complete(...args)
          },
        }),
    ],
    [
      'completion: its answer lost',
      'waits (signer-failed), success',
      (trouble) =>
        ({ complete }) => ({
          async complete(...args) {
            const stored = await complete(...args)
            trouble()
            return stored
          },
        }),
    ],
  ]
  test.each(rows)('%s', async (fault, sees, multipart) => {
    const it = partBench(options, { multipart: multipart(once(down)) })
    serve(it.transport, it.take)
    const creations = (): number => it.log.filter((what) => what.startsWith('create')).length - 1
    expect(await run(it, fault, creations)).toEqual({ sees, requests: 0, bytes: 0, signer: 0 })
  })
})

describe('of the signer', () => {
  const rows: readonly [string, UploadError, number, number, string][] = [
    ['no answer', fail('signer-unreachable', 'later'), 1, 1, 'waits (signer-unreachable), success'],
    ['500', fail('signer-failed', 'later', 500), 1, 1, 'waits (signer-failed), success'],
    ['500 without end', fail('signer-failed', 'later', 500), 99, 5, 'waits (signer-failed), signer-failed'],
    ['403', fail('unauthorized', 'never', 403), 99, 0, 'unauthorized'],
    ['refuses the file', fail('refused', 'never'), 99, 0, 'refused'],
    ['refuses its type', fail('file-invalid-type', 'never'), 99, 0, 'file-invalid-type'],
  ]
  test.each(rows)('%s', async (what, error, times, signer, sees) => {
    let left = times
    const it = bench(options, { grant: (file) => (left-- > 0 ? { ok: false, error } : grantOf(file)) })
    serve(it.transport, (sent) => sent.respond())
    const price = await run(it, `the signer: ${what}`, () => it.backend.calls.length - 1)
    expect(price).toEqual({ sees, requests: 0, bytes: 0, signer })
  })
})

describe("of the app's server, at the end", () => {
  const rows: readonly [string, UploadError, number, string][] = [
    ['500', fail('signer-failed', 'later', 500), 1, 'waits (signer-failed), success'],
    ['500 without end', fail('signer-failed', 'later', 500), 99, 'waits (signer-failed), signer-failed'],
    ['refuses the object', fail('confirm-failed', 'never', 422), 99, 'confirm-failed'],
  ]
  test.each(rows)('%s', async (what, error, times, sees) => {
    let left = times
    const confirm = (): string => {
      if (left-- > 0) throw error
      return 'done'
    }
    const it = bench(options, { confirm })
    serve(it.transport, (sent) => sent.respond())
    const price = await run(it, `confirm: ${what}`, () => it.backend.calls.length - 1)
    expect(price).toEqual({ sees, requests: 0, bytes: 0, signer: 0 })
  })
})
