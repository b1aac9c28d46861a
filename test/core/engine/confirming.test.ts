/** The bytes are in S3, and the app's server cannot be told: the file waits, says why and until when, and goes on. */
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import type { UploaderOptions, UploadItem } from '../../../src/core/index.ts'
import { UploadError } from '../../../src/core/index.ts'
import type { Bench } from '../../support/engine.ts'
import { bench, fileOf, first, loadChunks, quiet, serve, testLine } from '../../support/engine.ts'
import { visits } from './visits.ts'

beforeAll(loadChunks)
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const busy = new UploadError('signer-failed', 'later', 'down', { status: 503 })
const silent = new UploadError('signer-unreachable', 'later', 'no answer')

/** An app that fails so often, and then answers. */
function app(failures: number, error = busy): () => string {
  let left = failures
  return () => {
    if (left-- > 0) throw error
    return 'done'
  }
}

/** One file of 4 bytes that is in S3, and whose app does not answer. */
async function waiting(
  options: Partial<UploaderOptions> = {},
  confirm: () => unknown = app(1),
): Promise<Bench & { id: string; asked: () => number; item: UploadItem }> {
  const asked = vi.fn(confirm)
  const it = bench({ retry: 5, retryDelay: 10_000, ...options }, { confirm: asked })
  const { id } = first(it.uploader.add(fileOf('a')))
  ;(await it.transport.next()).respond()
  return { ...it, id, asked: () => asked.mock.calls.length, item: await it.until(id, 'waiting') }
}

/** The statuses that it goes through, from the next one on. */
function followed(): { statuses: string[]; onStatus: (item: UploadItem) => void } {
  const statuses: string[] = []
  return { statuses, onStatus: ({ status }) => void statuses.push(status) }
}

test('it waits visibly, at 100 %, and asks again when its time has come', async () => {
  const { uploader, id, item, until, clock, asked, transport } = await waiting()
  expect(item).toMatchObject({
    reason: 'backoff',
    until: clock.now + 10_000,
    error: busy,
    stored: { key: `${id}/a` },
  })
  expect(uploader.getProgress(id)).toEqual({ loaded: 4, total: 4 })
  expect(uploader.getTotals()).toMatchObject({ loaded: 4, total: 4, active: 1, failed: 0 })
  await vi.advanceTimersByTimeAsync(9_999)
  expect(asked()).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(await until(id, 'success')).toMatchObject({ result: 'done' })
  expect(asked()).toBe(2)
  expect(transport.requests).toHaveLength(1)
  expect(vi.getTimerCount()).toBe(0)
})

test('it goes back to processing, through no slot, and is told of once', async () => {
  const { statuses, onStatus } = followed()
  const [onSuccess, onError, onSettled] = [vi.fn(), vi.fn(), vi.fn()]
  const { uploader, id, until, transport } = await waiting({
    onStatus,
    onSuccess,
    onError,
    onSettled,
    concurrency: 1,
  })
  // The only slot is another's.
  const { id: other } = first(uploader.add(fileOf('b')))
  const sent = await transport.next()
  await vi.advanceTimersByTimeAsync(10_000)
  await until(id, 'success')
  expect(uploader.getItem(other)).toMatchObject({ status: 'uploading' })
  const late = ['processing', 'waiting', 'preparing', 'uploading', 'processing', 'success']
  expect(statuses).toEqual(['preparing', 'uploading', ...late])
  expect(onSuccess).toHaveBeenCalledTimes(1)
  expect(onSettled).not.toHaveBeenCalled()
  sent.respond()
  await until(other, 'success')
  expect(onSettled).toHaveBeenCalledTimes(1)
  expect(onError).not.toHaveBeenCalled()
})

test('without a line it waits for that, at no try, and goes on with it', async () => {
  const line = testLine()
  line.online = false
  const { id, item, until, asked } = await waiting({ line, retry: 1 }, app(3, silent))
  expect(item).toMatchObject({ reason: 'offline', error: silent, stored: { key: `${id}/a` } })
  expect(item).not.toHaveProperty('until')
  // The browser may be wrong about it: it is looked for.
  await vi.advanceTimersByTimeAsync(30_000)
  expect(await until(id, 'waiting')).toMatchObject({ reason: 'offline' })
  expect(asked()).toBe(3)
  line.mend()
  expect(await until(id, 'success')).toMatchObject({ result: 'done' })
  expect(asked()).toBe(4)
  expect(vi.getTimerCount()).toBe(0)
})

describe('a command meanwhile', () => {
  test.each(['resume', 'retry'] as const)('%s asks at once, and once', async (command) => {
    const { uploader, id, until, asked } = await waiting()
    uploader[command](id)
    expect(uploader.getItem(id)).toMatchObject({ status: 'processing' })
    uploader[command](id)
    await until(id, 'success')
    expect(vi.getTimerCount()).toBe(0)
    expect(asked()).toBe(2)
  })

  test.each(['pause', 'cancel', 'remove', 'clear'] as const)('%s passes it over', async (command) => {
    const { uploader, id, item, until, asked } = await waiting()
    if (command === 'clear') uploader.clear()
    else uploader[command](id)
    expect(uploader.getItem(id)).toBe(item)
    await vi.advanceTimersByTimeAsync(10_000)
    await until(id, 'success')
    expect(asked()).toBe(2)
  })

  test('what is awaited is not over', async () => {
    const { uploader, id } = await waiting()
    const settled = vi.fn()
    void uploader.whenSettled([id]).then(settled)
    uploader.cancel()
    await quiet()
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(settled).toHaveBeenCalledWith(expect.objectContaining({ succeeded: [expect.anything()] }))
  })
})

describe('its tries', () => {
  test('are counted over all waits, and end in an error that still knows where the bytes are', async () => {
    const { statuses, onStatus } = followed()
    const { uploader, id, until, asked, transport } = await waiting({ retry: 2, onStatus }, app(99))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await until(id, 'waiting')).toMatchObject({ reason: 'backoff', error: busy })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await until(id, 'error')).toMatchObject({
      step: 'confirm',
      error: busy,
      stored: { key: `${id}/a` },
    })
    expect(asked()).toBe(3)
    const again = ['processing', 'waiting']
    expect(statuses).toEqual(['preparing', 'uploading', ...again, ...again, 'processing', 'error'])
    expect(uploader.getTotals()).toMatchObject({ active: 0, failed: 1 })
    expect(vi.getTimerCount()).toBe(0)
    // Asked by hand, it has as many again, and sends nothing.
    uploader.retry(id)
    await until(id, 'waiting')
    expect(transport.requests).toHaveLength(1)
  })

  test('are no fewer for being hastened', async () => {
    const { uploader, id, until, asked } = await waiting({ retry: 2 }, app(99))
    uploader.retry(id)
    await until(id, 'waiting')
    uploader.retry(id)
    await until(id, 'error')
    expect(asked()).toBe(3)
  })

  test('wait longer each time', async () => {
    const until: (number | undefined)[] = []
    const it = await waiting(
      {
        retry: 3,
        retryDelay: (failures) => 1000 * (failures + 1),
        onStatus: (item) => void (item.status === 'waiting' && until.push(item.until)),
      },
      app(3),
    )
    await vi.advanceTimersByTimeAsync(10_000)
    await it.until(it.id, 'success')
    expect(until.map((at) => (at ?? 0) - it.clock.now)).toEqual([1000, 2000, 3000])
  })
})

test('an upload that turns out to be dead on the server begins anew', async () => {
  let tries = 0
  const gone = new UploadError('confirm-failed', 'restart', 'The receipt has run out.')
  const { uploader, id, until, transport, backend } = await waiting({}, () => {
    if (++tries < 3) throw tries === 1 ? busy : gone
    return 'done'
  })
  await vi.advanceTimersByTimeAsync(10_000)
  const failed = await until(id, 'error')
  expect(failed).toMatchObject({ step: 'transfer', error: gone })
  expect(failed).not.toHaveProperty('stored')
  uploader.retry(id)
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(backend.calls[1]).toMatchObject([{ reason: 'restart' }])
})

test('what fails again after it was hastened waits its whole time, and says why', async () => {
  let tries = 0
  const { uploader, id, until, clock, asked } = await waiting({}, () => {
    throw ++tries === 1 ? busy : silent
  })
  await vi.advanceTimersByTimeAsync(6_000)
  clock.now += 6_000
  uploader.retry(id)
  expect(await until(id, 'waiting')).toMatchObject({ error: silent, until: clock.now + 10_000 })
  await vi.advanceTimersByTimeAsync(9_999)
  expect(asked()).toBe(2)
  await vi.advanceTimersByTimeAsync(1)
  expect(asked()).toBe(3)
})

test('destroy() leaves no timer, and asks nothing any more', async () => {
  const { uploader, asked } = await waiting()
  expect(vi.getTimerCount()).toBeGreaterThan(0)
  uploader.destroy()
  expect(vi.getTimerCount()).toBe(0)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked()).toBe(1)
})

describe('over a reload', () => {
  const file = (): File => fileOf('a', 30)
  const options = { retry: 5, retryDelay: 10_000 }

  test('it is found again, waits again, and needs no file', async () => {
    const { page, world, records } = visits()
    const before = page(options, { script: { confirm: app(99) } })
    const { id } = first(before.uploader.add(file()))
    serve(before.transport, before.take)
    await before.until(id, 'waiting')
    await quiet()
    expect(records.get(id)).toMatchObject({ state: 'open', stored: { key: id } })
    before.uploader.destroy()

    const after = page(options, { script: { confirm: app(1) } })
    await after.uploader.restore()
    expect(await after.until(id, 'waiting')).toMatchObject({
      file: undefined,
      reason: 'backoff',
      error: busy,
      stored: { key: id },
    })
    expect(after.uploader.getProgress(id)).toEqual({ loaded: 30, total: 30 })
    after.uploader.resume(id)
    expect(await after.until(id, 'success')).toMatchObject({ result: 'done', stored: { key: id } })
    expect(after.transport.requests).toEqual([])
    expect(world.begun).toBe(1)
    await quiet()
    expect(records.size).toBe(0)
  })

  test('where it is is written down once, however often it waits', async () => {
    const { page, records } = visits()
    const written = vi.spyOn(records, 'set')
    const it = page(options, { script: { confirm: app(3) } })
    const { id } = first(it.uploader.add(file()))
    serve(it.transport, it.take)
    await it.until(id, 'waiting')
    await quiet()
    const times = written.mock.calls.length
    expect(times).toBeGreaterThan(0)
    await vi.advanceTimersByTimeAsync(30_000)
    await it.until(id, 'success')
    expect(written).toHaveBeenCalledTimes(times)
  })
})
