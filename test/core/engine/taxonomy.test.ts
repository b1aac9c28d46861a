/**
 * Each row of `rules/s3-error.ts`, and what has no answer at all, through the engine: what the user sees, and what it
 * costs. The run writes its table, see `faultTable`.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import type { UploadItem, UploadTarget } from '../../../src/core/index.ts'
import { en } from '../../../src/i18n/locales/en.ts'
import { errorText } from '../../../src/i18n/messages.ts'
import { grantOf } from '../../../src/testing/index.ts'
import type { ScriptedBackendOptions } from '../../../src/testing/index.ts'
import { bench, eventually, fileOf, first, loadChunks, quiet, serve, testLine } from '../../support/engine.ts'
import { faultTable } from '../../support/fault-table.ts'
import type { Row } from './fault-rows.ts'
import { cut, final, local, notAForm, passing, says, size, stale } from './fault-rows.ts'

const table = faultTable('engine', `One file of ${size} bytes, scripted network; a pause is 1 s, five tries.`)

beforeAll(loadChunks)
beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }))
afterEach(() => void vi.useRealTimers())
afterAll(() => void table.write())

const putOf: ScriptedBackendOptions['grant'] = ({ id }) => {
  const target: UploadTarget = {
    type: 'put',
    request: { url: `https://bucket.test/${id}`, headers: [] },
    expiresIn: 600,
  }
  return { ok: true, ref: { key: id }, target }
}

/** Waits and the end, in the words of the table. */
function story(waits: ReadonlySet<string>, item: UploadItem | undefined): string {
  const end = item?.status === 'error' ? item.error.code : (item?.status ?? 'gone')
  return [...[...waits].map((code) => `waits (${code})`), end].join(', ')
}

/** With the words for the user, where there is something to say. */
function worded(seen: string, item: UploadItem | undefined): string {
  return item?.status === 'error' ? `${seen}: “${errorText(en, item)}”` : seen
}

async function suffer(
  [fault, happens, times]: Row,
  script: ScriptedBackendOptions,
): Promise<{ seen: string; again: number; signer: number; bytes: number }> {
  const waits = new Set<string>()
  const { uploader, transport, backend } = bench(
    {
      now: Date.now,
      retry: 5,
      retryDelay: 1000,
      onStatus: (item) => item.status === 'waiting' && void waits.add(item.error?.code ?? item.reason),
    },
    { probe: async () => 'absent', ...script },
  )
  let happened = 0
  serve(transport, (sent) => {
    if (happened++ < times) happens(sent)
    else sent.respond({ status: 200 })
  })
  const { id } = first(uploader.add(fileOf('a', size)))
  const isOver = (): boolean => ['success', 'error'].includes(uploader.getItem(id)?.status ?? '')
  for (let second = 0; second < 40 && !isOver(); second++) {
    await quiet()
    await vi.advanceTimersByTimeAsync(1000)
  }
  const item = uploader.getItem(id)
  const seen = story(waits, item)
  const bytes = transport.requests
    .slice(1)
    .reduce(
      (sum, { body }) =>
        sum + (body?.kind === 'form' ? body.file.size : body?.kind === 'blob' ? body.blob.size : 0),
      0,
    )
  const [again, signer] = [transport.requests.length - 1, backend.calls.length - 1]
  table.add({ fault, sees: worded(seen, item), requests: again, bytes, signer })
  expect(vi.getTimerCount()).toBe(0)
  return { seen, again, signer, bytes }
}

/** What a row says of itself. */
const priceOf = ([, , , again, signer, seen]: Row): Awaited<ReturnType<typeof suffer>> => ({
  seen,
  again,
  signer,
  bytes: again * size,
})

const byPost: ScriptedBackendOptions = {
  grant: (request) => (request.accepts.includes('post') ? grantOf(request, 600) : putOf(request)),
}

describe.each([
  ['what passes by itself', passing],
  ['what a new signature or a fresh read mends', stale],
  ['what is final', [...final, notAForm, local]],
])('%s', (_what, rows) => {
  test.each(rows)('%s', async (...row) => {
    expect(await suffer(row, byPost)).toEqual(priceOf(row))
  })
})

test('a PUT is judged by the same table', async () => {
  const row: Row = ['503 SlowDown on a PUT', says(503, 'SlowDown'), 1, 1, 0, 'waits (throttled), success']
  expect(await suffer(row, { grant: putOf })).toEqual(priceOf(row))
})

test('an answer that was lost, of an object that is there', async () => {
  const row: Row = ['cut after the last byte, stored', cut(size), 1, 0, 0, 'waits (network), success']
  const probe = async (): Promise<{ location: string }> => ({ location: 'https://bucket.test/a' })
  expect(await suffer(row, { ...byPost, probe })).toEqual(priceOf(row))
})

test('offline', async () => {
  const line = testLine()
  const { uploader, transport, backend, until } = bench({ now: Date.now, retry: 1, line })
  const { id } = first(uploader.add(fileOf('a', size)))
  line.online = false
  for (let at = 0; at < 3; at++) {
    cut(600)(await transport.next())
    await until(id, 'waiting')
    await vi.advanceTimersByTimeAsync(15_000)
    await eventually(() => uploader.getItem(id)?.status === 'uploading')
  }
  expect(uploader.getItem(id)?.status).toBe('uploading')
  line.mend()
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(transport.requests).toHaveLength(4)
  expect(backend.calls).toHaveLength(2) // it was signed for a minute
  table.add({
    fault: 'offline for 45 s',
    sees: 'waits (offline), success',
    requests: 3,
    bytes: 3 * size,
    signer: 1,
  })
})
