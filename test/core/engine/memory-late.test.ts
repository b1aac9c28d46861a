/** The code of the memory cannot be fetched at first: the line is down. */
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'

import type * as Chunk from '../../../src/core/transfers/parts-chunk.ts'
import type * as Support from '../../support/engine.ts'
import type * as Visits from './visits.ts'

const path = '../../../src/core/transfers/parts-chunk.ts'
/** Can it not be had now? The code that sends parts can. */
let isGone = false
const reported = vi.fn()

beforeEach(() => {
  isGone = true
  vi.resetModules()
  vi.doMock(path, async (original) => {
    const chunk = await original<typeof Chunk>()
    return {
      ...chunk,
      createResumption(context: Parameters<typeof Chunk.createResumption>[0]) {
        if (isGone) throw new TypeError('Failed to fetch dynamically imported module')
        return chunk.createResumption(context)
      },
    }
  })
  vi.stubGlobal('reportError', reported)
})
afterEach(() => {
  vi.doUnmock(path)
  vi.unstubAllGlobals()
  reported.mockClear()
})

const tools = async (): Promise<typeof Support & typeof Visits> => ({
  ...(await import('../../support/engine.ts')),
  ...(await import('./visits.ts')),
})

test('the next upload that needs it is remembered; that it was missing is reported once', async () => {
  const { visits, first, patternFile, serve, eventually } = await tools()
  const { page, records } = visits()
  const it = page()
  onTestFinished(() => it.uploader.destroy())
  serve(it.transport, it.take)
  await it.until(first(it.uploader.add(patternFile('a', 30))).id, 'success')
  await it.until(first(it.uploader.add(patternFile('b', 30))).id, 'success')
  expect(reported).toHaveBeenCalledExactlyOnceWith(expect.any(TypeError))
  isGone = false
  const save = vi.spyOn(records, 'set')
  await it.until(first(it.uploader.add(patternFile('c', 30))).id, 'success')
  expect(save).toHaveBeenCalled()
  await eventually(() => records.size === 0)
})

test('an upload that was under way without it goes on, and is remembered from its next run on', async () => {
  const { visits, first, patternFile, quiet, serve } = await tools()
  const { page, records } = visits()
  const file = patternFile('a', 40)
  const before = page({ concurrency: 1 }, { without: ['listParts'] })
  const { id } = first(before.uploader.add(file))
  before.take(await before.transport.next())
  const two = await before.transport.next()
  isGone = false
  before.take(two) // told to a memory that has never heard of it
  await before.transport.next()
  await quiet()
  expect(records.size).toBe(0)
  before.uploader.pause(id)
  before.uploader.resume(id)
  await before.transport.next()
  before.uploader.destroy()
  const after = page({ concurrency: 1 }, { without: ['listParts'] })
  await after.uploader.restore()
  await after.uploader.attach(id, file)
  serve(after.transport, after.take)
  await after.until(id, 'success')
  expect(after.sent()).toEqual([3, 4])
  expect(await after.world.objects.get(id)?.text()).toBe(await file.text())
})

test('what earlier visits left comes back with a later restore()', async () => {
  const { visits, interrupt, patternFile } = await tools()
  const { page } = visits()
  isGone = false
  const id = await interrupt(page(), patternFile('a', 50), 1)
  isGone = true
  const { uploader } = page()
  expect(await uploader.restore()).toEqual([])
  expect(await uploader.attach('x', patternFile('a', 50))).toBe(false)
  isGone = false
  expect(await uploader.restore()).toMatchObject([{ id, status: 'paused' }])
  expect(await uploader.restore()).toHaveLength(1)
  expect(reported).toHaveBeenCalledTimes(1)
})
