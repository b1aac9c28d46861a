/** A memory that does not work costs no upload. */
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import { memoryResumeStore } from '../../../src/core/resume/memory.ts'
import type { ResumeStore } from '../../../src/core/resume/types.ts'
import { eventually, first, loadChunks, patternFile, serve } from '../../support/engine.ts'
import { partBench } from './part-store.ts'
import { interrupt, visits } from './visits.ts'

beforeAll(loadChunks)

const file = (): File => patternFile('a', 50)

/** Where faults that are no item's error are told. */
function reports(): ReturnType<typeof vi.fn> {
  const reported = vi.fn()
  vi.stubGlobal('reportError', reported)
  onTestFinished(() => void vi.unstubAllGlobals())
  return reported
}

describe('records that are of no use', () => {
  test('of another backend: left alone', async () => {
    const { page, records } = visits()
    await interrupt(page(), file(), 1)
    const after = page({}, { script: { name: 'another' } })
    expect(await after.uploader.restore()).toEqual([])
    expect(records.size).toBe(1)
  })

  test('with a ref that the backend does not take back: deleted', async () => {
    const { page, records } = visits()
    await interrupt(page(), file(), 1)
    const after = page({}, { script: { parseRef: () => undefined } })
    expect(await after.uploader.restore()).toEqual([])
    expect(records.size).toBe(0)
  })
})

describe('a memory that does not work', () => {
  const broken = (): Promise<never> =>
    Promise.reject(new UploadError('resume-unavailable', 'never', 'The disk is full.'))
  const stores: readonly [string, Partial<ResumeStore>][] = [
    ['cannot save', { save: broken }],
    ['cannot lock', { lock: broken }],
    ['cannot delete', { delete: broken }],
  ]
  test.each(stores)('%s: the upload goes on without, and the app is told', async (_what, broke) => {
    const reported = reports()
    const { uploader, transport, take, until } = partBench({ resume: { ...memoryResumeStore(), ...broke } })
    const { id } = first(uploader.add(file()))
    serve(transport, take)
    await until(id, 'success')
    await eventually(() => reported.mock.calls.length > 0)
    expect(reported.mock.calls[0]?.[0]).toMatchObject({ code: 'resume-unavailable' })
  })

  test('cannot lock one of two: the other one comes back', async () => {
    const reported = reports()
    const { page, records } = visits()
    const one = await interrupt(page(), file(), 1)
    const two = await interrupt(page(), file(), 1)
    const store = memoryResumeStore({ records, now: () => 1_700_000_000_000 })
    const lock: ResumeStore['lock'] = (id, ...how) => (id === one ? broken() : store.lock(id, ...how))
    const after = page({ resume: { ...store, lock } })
    expect(await after.uploader.restore()).toMatchObject([{ id: two, reason: 'needs-file' }])
    expect(reported).toHaveBeenCalledTimes(1)
  })

  test('cannot load what another tab has left: it is told, and a third tab can go on', async () => {
    const reported = reports()
    const { page, tab, records } = visits()
    const store = memoryResumeStore({ records, now: () => 1_700_000_000_000 })
    const busy = page({ resume: store })
    const { id } = first(busy.uploader.add(file()))
    await busy.transport.next()
    await eventually(() => records.size === 1)
    let loads = 0
    const load: ResumeStore['load'] = (name) => (++loads === 1 ? store.load(name) : broken())
    const other = tab({ resume: { ...store, load } })
    await other.uploader.restore()
    busy.uploader.destroy()
    await eventually(() => reported.mock.calls.length > 0)
    expect(other.uploader.getItem(id)).toMatchObject({ status: 'paused', reason: 'other-tab' })
    expect(await tab({ resume: store }).uploader.restore()).toMatchObject([{ id, reason: 'needs-file' }])
  })

  test('cannot load: there is nothing to restore', async () => {
    const reported = reports()
    const { uploader } = partBench({ resume: { ...memoryResumeStore(), load: broken } })
    expect(await uploader.restore()).toEqual([])
    expect(reported).toHaveBeenCalledTimes(1)
  })
})
