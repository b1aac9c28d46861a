/** Several tabs: never two at work on one upload, and none that forgets one. */
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'

import { memoryResumeStore } from '../../../src/core/resume/memory.ts'
import type { ResumeStore } from '../../../src/core/resume/types.ts'
import { eventually, first, loadChunks, patternFile, quiet, serve } from '../../support/engine.ts'
import type { PartBench } from './part-store.ts'
import { interrupt, visits } from './visits.ts'
import type { Visits } from './visits.ts'

beforeAll(loadChunks)

const file = (): File => patternFile('a', 50)

/** A tab that has sent two of five parts and is at the third. */
async function busyTab(): Promise<Visits & { busy: PartBench; id: string }> {
  const all = visits()
  const busy = all.page({ concurrency: 1 })
  const { id } = first(busy.uploader.add(file()))
  busy.take(await busy.transport.next())
  busy.take(await busy.transport.next())
  await quiet()
  return { ...all, busy, id }
}

test('what another tab is working on is shown, and cannot be gone on with here', async () => {
  const { tab, busy, id } = await busyTab()
  const other = tab()
  expect(await other.uploader.restore()).toMatchObject([
    { id, status: 'paused', reason: 'other-tab', file: undefined },
  ])
  other.uploader.resume()
  other.uploader.start()
  await quiet()
  expect(other.transport.requests).toEqual([])
  expect(busy.uploader.getItem(id)?.status).toBe('uploading')
})

test('the same file given there does not start a second upload of the same parts', async () => {
  const { tab, busy, id, world } = await busyTab()
  const other = tab()
  await other.uploader.restore()
  expect(await other.uploader.attach(id, file())).toBe(false)
  await quiet()
  expect(other.transport.requests).toEqual([])
  serve(busy.transport, busy.take)
  await busy.until(id, 'success')
  expect(world.objects.size).toBe(1)
})

test('added there it is a file of its own, in an upload of its own', async () => {
  const { tab, id, world } = await busyTab()
  const other = tab()
  await other.uploader.restore()
  const item = first(other.uploader.add(file()))
  serve(other.transport, other.take)
  await eventually(() => other.uploader.getCounts().success === 1)
  expect(item.id).not.toBe(id)
  expect(other.uploader.getItem(id)).toMatchObject({ status: 'paused', reason: 'other-tab' })
  expect(world.uploads.get('u1')?.size).toBe(2)
})

test('when that tab has finished it, it goes from the list here', async () => {
  const { tab, busy, id } = await busyTab()
  const other = tab()
  await other.uploader.restore()
  serve(busy.transport, busy.take)
  await busy.until(id, 'success')
  await eventually(() => other.uploader.getIds().length === 0)
  expect(other.log).toEqual([])
})

test('when that tab is closed, it can be gone on with here, from where it was', async () => {
  const { tab, busy, id } = await busyTab()
  const other = tab()
  await other.uploader.restore()
  busy.uploader.destroy()
  await eventually(() => {
    const item = other.uploader.getItem(id)
    return item?.status === 'paused' && item.reason === 'needs-file'
  })
  await other.uploader.attach(id, file())
  serve(other.transport, other.take)
  await other.until(id, 'success')
  expect(other.sent()).toEqual([3, 4, 5])
})

test('of three tabs one gets it, and the third still waits', async () => {
  const { tab, busy, id } = await busyTab()
  const [two, three] = [tab(), tab()]
  await two.uploader.restore()
  await three.uploader.restore()
  busy.uploader.destroy()
  await eventually(() => two.uploader.getItem(id)?.status === 'paused')
  await quiet()
  expect(two.uploader.getItem(id)).toMatchObject({ reason: 'needs-file' })
  expect(three.uploader.getItem(id)).toMatchObject({ reason: 'other-tab' })
})

test('what that tab had to begin anew is gone on with as it is now, not as it was', async () => {
  const { tab, busy, id, world } = await busyTab()
  busy.uploader.setOptions({ retry: 5 })
  const other = tab()
  await other.uploader.restore()
  world.uploads.clear() // S3 forgets the first upload
  busy.take(await busy.transport.next())
  busy.take(await busy.transport.next())
  await quiet()
  expect([...world.uploads.keys()]).toEqual(['u2'])
  busy.uploader.destroy()
  await eventually(() => {
    const item = other.uploader.getItem(id)
    return item?.status === 'paused' && item.reason === 'needs-file'
  })
  await other.uploader.attach(id, file())
  serve(other.transport, other.take)
  await other.until(id, 'success')
  expect(world.begun).toBe(2)
  expect(other.sent()).toEqual([2, 3, 4, 5])
})

describe('taken off here, it is still the other tab’s affair', () => {
  test.each(['cancel', 'remove'] as const)('%s ends nothing there', async (command) => {
    const { tab, busy, id, world } = await busyTab()
    const other = tab()
    await other.uploader.restore()
    other.uploader[command](id)
    await quiet()
    expect(other.log).toEqual([])
    serve(busy.transport, busy.take)
    await busy.until(id, 'success')
    expect(world.objects.size).toBe(1)
  })

  test('and once that one is closed, a third can go on', async () => {
    const { tab, busy, id } = await busyTab()
    const other = tab()
    await other.uploader.restore()
    other.uploader.remove(id)
    busy.uploader.destroy()
    await quiet()
    const third = tab()
    expect(await third.uploader.restore()).toMatchObject([{ id, reason: 'needs-file' }])
  })
})

test('what is abandoned in a tab that still tries to abort it is not aborted twice', async () => {
  const unheard = vi.fn()
  process.on('unhandledRejection', unheard)
  onTestFinished(() => void process.off('unhandledRejection', unheard))
  const all = visits()
  const busy = all.page({}, { multipart: () => ({ abort: () => new Promise(() => undefined) }) })
  const { id } = first(busy.uploader.add(file()))
  await busy.transport.next()
  await eventually(() => all.records.size === 1)
  busy.uploader.cancel(id)
  await eventually(() => all.records.get(id)?.state === 'abandoned')
  const other = all.tab()
  expect(await other.uploader.restore()).toEqual([])
  await quiet()
  expect(other.log).toEqual([])
  other.uploader.destroy() // nobody waits there for its end
  await quiet()
  expect(unheard).not.toHaveBeenCalled()
})

test('closing a tab leaves nothing behind: no item, no upload, no rejection that nobody heard', async () => {
  const unheard = vi.fn()
  process.on('unhandledRejection', unheard)
  onTestFinished(() => void process.off('unhandledRejection', unheard))
  const { tab, busy, id } = await busyTab()
  // A page that restores while it is at work finds its own upload taken: by itself.
  await busy.uploader.restore()
  expect(busy.uploader.getIds()).toEqual([id])
  const other = tab()
  await other.uploader.restore()
  other.uploader.destroy()
  busy.uploader.destroy()
  await quiet()
  expect(unheard).not.toHaveBeenCalled()
})

test('a page whose engine ends while its locks are on their way keeps none of them', async () => {
  const { page, records } = visits()
  const id = await interrupt(page(), file(), 2)
  const store = memoryResumeStore({ records, now: () => 1_700_000_000_000 })
  let grant = (): void => undefined
  const asked = new Promise<void>((resolve) => (grant = resolve))
  const lock: ResumeStore['lock'] = async (...how) => {
    const release = await store.lock(...how)
    await asked
    return release
  }
  const gone = page({ resume: { ...store, lock } })
  void gone.uploader.restore()
  await quiet()
  gone.uploader.destroy()
  grant()
  await quiet()
  // What the same page shows next must not take it for another tab's.
  const next = page({ resume: store })
  expect(await next.uploader.restore()).toMatchObject([{ id, reason: 'needs-file' }])
})

test('of a page that restored what it is itself at work on, the end frees it for the others', async () => {
  const { tab, busy, id } = await busyTab()
  await busy.uploader.restore()
  busy.uploader.destroy()
  await quiet()
  expect(await tab().uploader.restore()).toMatchObject([{ id, reason: 'needs-file' }])
})

test('a page that restores what it is itself at work on leaves it alone', async () => {
  const { busy, id, world } = await busyTab()
  await busy.uploader.restore()
  serve(busy.transport, busy.take)
  await busy.until(id, 'success')
  await quiet()
  expect(busy.uploader.getItem(id)?.status).toBe('success')
  expect(world.objects.size).toBe(1)
})

test('two unfinished uploads of one name are two items, each with its own parts', async () => {
  const { page, world } = visits()
  const one = await interrupt(page(), file(), 1)
  const two = await interrupt(page(), patternFile('a', 50, 7), 3)
  const after = page()
  expect((await after.uploader.restore()).map(({ id }) => id).toSorted()).toEqual([one, two].toSorted())
  await after.uploader.attach(two, patternFile('a', 50, 7))
  await after.uploader.attach(one, file())
  serve(after.transport, after.take)
  await after.uploader.whenSettled()
  expect(after.sent()).toHaveLength(2 + 4)
  expect(await world.objects.get(two)?.arrayBuffer()).toEqual(await patternFile('a', 50, 7).arrayBuffer())
})

describe('leave: for a page that shows the list no longer', () => {
  /** A page with an upload of an earlier visit that waits for its file. */
  async function waiting(): Promise<Visits & { it: PartBench; id: string }> {
    const all = visits()
    const id = await interrupt(all.page(), file(), 2)
    const it = all.page()
    await it.uploader.restore()
    return { ...all, it, id }
  }

  test('what waits for its file goes to whoever asks next, and is whole there', async () => {
    const { it, id, tab, world } = await waiting()
    const next = tab()
    expect(await next.uploader.restore()).toMatchObject([{ id, reason: 'other-tab' }])
    const settled = it.uploader.whenSettled()
    it.uploader.leave()
    expect(await settled).toMatchObject({ canceled: [{ id }] })
    expect(it.uploader.getIds()).toEqual([])
    await eventually(() => next.uploader.getItem(id)?.status === 'paused')
    await vi.waitFor(() => expect(next.uploader.getItem(id)).toMatchObject({ reason: 'needs-file' }))
    expect(await next.uploader.attach(id, file())).toBe(true)
    serve(next.transport, next.take)
    await next.until(id, 'success')
    expect(next.sent()).toEqual([3, 4, 5])
    expect(world.begun).toBe(1)
  })

  test('restore lists it again, also where the first one was still on its way', async () => {
    const { it, id, page } = await waiting()
    it.uploader.leave()
    expect(await it.uploader.restore()).toMatchObject([{ id, reason: 'needs-file' }])
    const after = page()
    void after.uploader.restore()
    after.uploader.leave()
    expect(await after.uploader.restore()).toMatchObject([{ id, reason: 'needs-file' }])
    expect(await after.uploader.attach(id, file())).toBe(true)
  })

  test('what is under way goes on, and so does what the user has paused', async () => {
    const { busy, id, tab } = await busyTab()
    const restored = busy.uploader.restore()
    busy.uploader.leave()
    await restored
    await quiet()
    expect(busy.uploader.getItem(id)?.status).toBe('uploading')
    busy.uploader.pause()
    busy.uploader.leave()
    await quiet()
    expect(busy.uploader.getItem(id)?.status).toBe('paused')
    expect(await tab().uploader.restore()).toMatchObject([{ id, reason: 'other-tab' }])
    busy.uploader.resume()
    serve(busy.transport, busy.take)
    await busy.until(id, 'success')
  })

  test('what another tab works on is listed no longer, and not taken up when that one ends', async () => {
    const { tab, busy, id } = await busyTab()
    const other = tab()
    await other.uploader.restore()
    other.uploader.leave()
    await quiet()
    expect(other.uploader.getIds()).toEqual([])
    busy.uploader.destroy()
    await quiet()
    expect(other.uploader.getIds()).toEqual([])
    expect(await tab().uploader.restore()).toMatchObject([{ id, reason: 'needs-file' }])
  })
})
