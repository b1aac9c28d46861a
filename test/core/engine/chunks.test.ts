/** Code that is fetched when it is needed, and cannot be had just then: the line is down, or a release took it away. */
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import { memoryResumeStore } from '../../../src/core/resume/memory.ts'
import type * as Support from '../../support/engine.ts'
import { recordOf } from '../resume/records.ts'
import type * as PartStore from './part-store.ts'

/** Paths of the chunks that cannot be had now. */
const gone = new Set<string>()
const chunks = {
  recovery: '../../../src/core/recovery/index.ts',
  digest: '../../../src/core/integrity/digest.ts',
  parts: '../../../src/core/transfers/parts-chunk.ts',
} as const

beforeEach(() => {
  vi.resetModules()
  for (const [name, path] of Object.entries(chunks))
    vi.doMock(path, async (original) => {
      if (gone.has(name)) throw new TypeError('Failed to fetch dynamically imported module')
      return original()
    })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  gone.clear()
  for (const path of Object.values(chunks)) vi.doUnmock(path)
  vi.useRealTimers()
})

/** The engine, with what it finds when it looks for its chunks. */
async function without(name: keyof typeof chunks): Promise<typeof Support & typeof PartStore> {
  gone.add(name)
  if (name !== 'recovery') await import('../../../src/core/recovery/index.ts')
  return { ...(await import('../../support/engine.ts')), ...(await import('./part-store.ts')) }
}

test('what digests: the file waits, and goes on when it is there', async () => {
  const { bench, fileOf, first, eventually } = await without('digest')
  const { uploader, transport, until, backend } = bench({ checksum: 'crc32', retry: 5 })
  const { id } = first(uploader.add(fileOf('a')))
  await eventually(() => uploader.getItem(id)?.status === 'waiting')
  expect(uploader.getItem(id)).toMatchObject({ error: { code: 'network', retry: 'later' } })
  gone.clear()
  await vi.advanceTimersByTimeAsync(5000)
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(backend.calls).toMatchObject([[{ checksum: { algorithm: 'crc32' } }]])
})

test('what sends parts: the same', async () => {
  const { partBench, fileOf, first, eventually, serve } = await without('parts')
  const { uploader, transport, until, take, log } = partBench({ retry: 5 })
  const { id } = first(uploader.add(fileOf('a', 30)))
  await eventually(() => uploader.getItem(id)?.status === 'waiting')
  gone.clear()
  await vi.advanceTimersByTimeAsync(5000)
  serve(transport, take)
  await until(id, 'success')
  expect(log.filter((what) => what.startsWith('create'))).toHaveLength(1)
})

test('what decides on failures: the file waits, and goes on without it', async () => {
  const { bench, fileOf, first, eventually } = await without('recovery')
  const { uploader, transport, until } = bench({ retry: 5 })
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).fail()
  await eventually(() => uploader.getItem(id)?.status === 'waiting')
  await vi.advanceTimersByTimeAsync(5000)
  ;(await transport.next()).respond()
  expect(await until(id, 'success')).not.toHaveProperty('error')
})

test('the same while the app is told of what is stored', async () => {
  const { bench, fileOf, first, quiet } = await without('recovery')
  const confirm = vi
    .fn(() => 'done')
    .mockImplementationOnce(() => {
      throw new UploadError('signer-failed', 'later', 'down')
    })
  const { uploader, transport, until } = bench({ retry: 5 }, { confirm })
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond()
  await until(id, 'processing')
  await quiet()
  await vi.advanceTimersByTimeAsync(5000)
  expect(await until(id, 'success')).toMatchObject({ result: 'done' })
  expect(confirm).toHaveBeenCalledTimes(2)
})

/** Where faults that are no item's error are told. */
function reports(): ReturnType<typeof vi.fn> {
  const reported = vi.fn()
  vi.stubGlobal('reportError', reported)
  onTestFinished(() => void vi.unstubAllGlobals())
  return reported
}

test('the server is told of what was canceled when it can be told', async () => {
  const reported = reports()
  const { bench, fileOf, first, quiet, eventually } = await without('recovery')
  const release = vi.fn(async () => undefined)
  const { uploader, transport } = bench({}, { release })
  const { id } = first(uploader.add(fileOf('a')))
  await transport.next()
  uploader.cancel(id)
  await quiet()
  expect(release).not.toHaveBeenCalled()
  gone.clear()
  await vi.advanceTimersByTimeAsync(5000)
  await eventually(() => release.mock.calls.length === 1)
  expect(reported).not.toHaveBeenCalled()
})

test('with nothing that could tell it, that is reported in the end', async () => {
  const reported = reports()
  const { bench, fileOf, first, quiet } = await without('recovery')
  const { uploader, transport } = bench({}, { release: async () => undefined })
  const { id } = first(uploader.add(fileOf('a')))
  await transport.next()
  uploader.cancel(id)
  for (let turn = 0; turn < 60 && !reported.mock.calls.length; turn++) {
    await quiet()
    await vi.advanceTimersByTimeAsync(5000)
  }
  expect(reported).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'network' }))
})

describe('what earlier visits gave up', () => {
  const now = 1_700_000_000_000
  /** A page that finds sixty such uploads and cannot fetch the words for the server, and its calls to it. */
  async function restored(): Promise<
    { told: ReturnType<typeof vi.fn>; left: () => number } & typeof Support
  > {
    const tools = await without('recovery')
    const told = vi.fn(async () => undefined)
    const ids = Array.from({ length: 60 }, (_, at) => `r${at}`)
    const given = { backend: 'scripted', state: 'abandoned', updatedAt: now } as const
    const records = new Map(ids.map((id) => [id, recordOf(id, given)]))
    const resume = memoryResumeStore({ records, now: () => now })
    const { uploader } = tools.partBench({ resume }, { multipart: () => ({ abort: told }) })
    await uploader.restore()
    await tools.quiet()
    return { ...tools, told, left: () => records.size }
  }

  test('the server is told when it can be told', async () => {
    const reported = reports()
    const { told, left, quiet, eventually } = await restored()
    await vi.advanceTimersByTimeAsync(5000)
    await quiet()
    expect(told).not.toHaveBeenCalled()
    gone.clear()
    await vi.advanceTimersByTimeAsync(5000)
    await eventually(() => left() === 0)
    expect(told).toHaveBeenCalledTimes(60)
    expect(reported).not.toHaveBeenCalled()
  })

  test('with nothing that could tell it, that is reported in the end, and left to the next visit', async () => {
    const reported = reports()
    const { told, left, quiet } = await restored()
    for (let turn = 0; turn < 60 && !reported.mock.calls.length; turn++) {
      await quiet()
      await vi.advanceTimersByTimeAsync(5000)
    }
    expect(reported).toHaveBeenCalledWith(expect.objectContaining({ code: 'network' }))
    expect(told).not.toHaveBeenCalled()
    expect(left()).toBe(60)
  })
})
