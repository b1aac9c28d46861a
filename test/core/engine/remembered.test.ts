/** What is remembered of an unfinished upload is what is needed to go on with it, and nothing that stands in the way. */
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'

import type { StoredPart } from '../../../src/core/index.ts'
import { UploadError } from '../../../src/core/index.ts'
import { memoryResumeStore } from '../../../src/core/resume/memory.ts'
import type { ResumeRecord, ResumeStore } from '../../../src/core/resume/types.ts'
import { eventually, first, loadChunks, patternFile, quiet, serve } from '../../support/engine.ts'
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

test('an upload that was begun anew is the one that is remembered', async () => {
  const { page, world, records } = visits()
  const before = page({ concurrency: 1, retry: 5 })
  const { id } = first(before.uploader.add(file()))
  before.take(await before.transport.next())
  const two = await before.transport.next()
  world.uploads.clear()
  before.clock.now += 5
  before.take(two) // NoSuchUpload
  await before.transport.next() // part 1 of the new one is under way, and the page dies
  await quiet()
  before.uploader.destroy()
  expect(records.get(id)).toMatchObject({
    ref: { uploadId: 'u2' },
    state: 'open',
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_005,
  })
  const after = page()
  await after.uploader.restore()
  await after.uploader.attach(id, file())
  serve(after.transport, after.take)
  await after.until(id, 'success')
  expect(world.begun).toBe(2)
  expect(world.uploads.size).toBe(0)
})

test('with its own part size, where that has changed', async () => {
  const { page, world, records } = visits()
  const grant = ({ id }: { id: string }): ReturnType<typeof partsOf> => {
    world.uploads.set(`u${++world.begun}`, new Map())
    return partsOf(id, world.begun === 1 ? 10 : 20, `u${world.begun}`)
  }
  const before = page({ concurrency: 1, retry: 5 }, { script: { grant }, without: ['listParts'] })
  const { id } = first(before.uploader.add(file()))
  const one = await before.transport.next()
  world.uploads.delete('u1')
  before.take(one)
  before.take(await before.transport.next())
  await before.transport.next()
  await quiet()
  before.uploader.destroy()
  expect(records.get(id)).toMatchObject({ partSize: 20, parts: [{ number: 1, size: 20 }] })
  const after = page({}, { script: { grant }, without: ['listParts'] })
  await after.uploader.restore()
  await after.uploader.attach(id, file())
  serve(after.transport, after.take)
  await after.until(id, 'success')
  expect(after.sent()).toEqual([2, 3])
  expect(world.objects.get(id)?.size).toBe(50)
})

function partsOf(
  id: string,
  partSize: number,
  uploadId: string,
): {
  ok: true
  ref: { key: string; uploadId: string }
  target: { type: 'multipart'; partSize: number; stored: readonly StoredPart[] }
} {
  return { ok: true, ref: { key: id, uploadId }, target: { type: 'multipart', partSize, stored: [] } }
}

test('where S3 cannot be asked, the parts that are stored', async () => {
  const { page, records, world } = visits()
  const id = await interrupt(page({}, { without: ['listParts'] }), file(), 2)
  expect(records.get(id)?.parts).toEqual([
    { number: 1, size: 10, etag: '"u1-1"' },
    { number: 2, size: 10, etag: '"u1-2"' },
  ])
  const after = page({}, { without: ['listParts'] })
  await after.uploader.restore()
  await after.uploader.attach(id, file())
  serve(after.transport, after.take)
  await after.until(id, 'success')
  expect(after.sent()).toEqual([3, 4, 5])
  expect(world.objects.get(id)?.size).toBe(50)
})

test('there a completion that was lost with the page is asked about too, before anything is sent twice', async () => {
  const { page, world } = visits()
  const before = page(
    {},
    {
      without: ['listParts'],
      multipart: ({ complete }) => ({
        async complete(...args) {
          await complete(...args)
          return new Promise(() => undefined)
        },
      }),
    },
  )
  const { id } = first(before.uploader.add(file()))
  serve(before.transport, before.take)
  await eventually(() => world.objects.has(id))
  await quiet()
  before.uploader.destroy()
  const after = page({ retry: 5 }, { without: ['listParts'] })
  await after.uploader.restore()
  await after.uploader.attach(id, file())
  serve(after.transport, after.take)
  await after.until(id, 'success')
  expect(after.sent()).toEqual([])
  expect(world.begun).toBe(1)
})

test('a ref that was prolonged on the way', async () => {
  const { page, records } = visits()
  let calls = 0
  const before = page(
    { concurrency: 1 },
    {
      multipart: ({ signParts }) => ({
        async signParts(ref, parts, call) {
          const answer = await signParts(ref, parts, call)
          return ++calls < 2 ? answer : { ...answer, ref: { ...Object(ref), life: calls } }
        },
      }),
    },
  )
  const id = await interrupt(before, file(), 4)
  expect(calls).toBeGreaterThan(1)
  expect(records.get(id)?.ref).toEqual({ key: id, uploadId: 'u1', life: calls })
})

test('the app’s options and the server’s record, and they are there again', async () => {
  const { page, world } = visits()
  const before = page(
    {},
    {
      script: {
        grant({ id }) {
          world.uploads.set('u1', new Map())
          return { ...partsOf(id, 10, 'u1'), record: { row: 7 } }
        },
      },
    },
  )
  const { id } = first(before.uploader.add(file(), { options: { album: 7 } }))
  before.take(await before.transport.next())
  await quiet()
  before.uploader.destroy()
  const after = page()
  expect(await after.uploader.restore()).toMatchObject([{ id, options: { album: 7 }, record: { row: 7 } }])
})

test('a new upload in the place of one whose abort is still owed does not make that one be forgotten', async () => {
  const { page, records } = visits()
  reports()
  const refusal = new UploadError('unauthorized', 'never', 'no', { status: 403 })
  const before = page({}, { multipart: () => ({ abort: () => Promise.reject(refusal) }) })
  const { id } = first(before.uploader.add(file()))
  await before.transport.next()
  before.uploader.cancel(id)
  before.uploader.retry(id)
  await before.transport.next('/u2/')
  await quiet()
  before.uploader.destroy()
  // What runs now is no waste of before: the next visit must be able to go on with it.
  const open = [...records.values()].filter(({ state }) => state === 'open')
  expect(open.map(({ ref }) => ref)).toEqual([expect.objectContaining({ uploadId: 'u2' })])
})

test('an upload that is given back by the same name is open again', async () => {
  const { page, records, world } = visits()
  reports()
  const refusal = new UploadError('unauthorized', 'never', 'no', { status: 403 })
  const before = page(
    {},
    {
      script: {
        grant({ id }) {
          if (!world.uploads.has('u1')) world.uploads.set('u1', new Map())
          return partsOf(id, 10, 'u1')
        },
      },
      multipart: () => ({ abort: () => Promise.reject(refusal) }),
    },
  )
  const { id } = first(before.uploader.add(file()))
  await before.transport.next()
  before.uploader.cancel(id)
  await eventually(() => records.get(id)?.state === 'abandoned')
  before.uploader.retry(id)
  await before.transport.next()
  await quiet()
  before.uploader.destroy()
  expect(records.get(id)).toMatchObject({ state: 'open', ref: { uploadId: 'u1' } })
})

test.each(['cancel', 'remove'] as const)(
  '%s of what is dead on the server forgets it: no later visit brings it back',
  async (command) => {
    const { page, world, records } = visits()
    const { uploader, transport, take, until } = page({ concurrency: 1 })
    const { id } = first(uploader.add(file()))
    take(await transport.next())
    const two = await transport.next()
    await eventually(() => records.size === 1)
    world.uploads.clear()
    take(two) // NoSuchUpload
    await until(id, 'error')
    uploader[command](id)
    await eventually(() => records.size === 0)
    expect(await page().uploader.restore()).toEqual([])
  },
)

test.each(['cancel', 'remove'] as const)(
  '%s of what turned out to be dead while the app was told: the same',
  async (command) => {
    const { page, records } = visits()
    const confirm = (): never => {
      throw new UploadError('confirm-failed', 'restart', 'The receipt has run out.')
    }
    const { uploader, transport, take, until } = page({}, { script: { confirm } })
    const { id } = first(uploader.add(file()))
    serve(transport, take)
    await until(id, 'error')
    await eventually(() => records.get(id)?.stored !== undefined)
    uploader[command](id)
    await eventually(() => records.size === 0)
    expect(await page().uploader.restore()).toEqual([])
  },
)

test.each(['cancel', 'remove'] as const)(
  '%s while it is about to be written down: it is not written down after that',
  async (command) => {
    const records = new Map<string, ResumeRecord>()
    const store = memoryResumeStore({ records })
    let go: () => void = () => undefined
    const locking = new Promise<void>((resolve) => (go = resolve))
    const resume: ResumeStore = {
      ...store,
      async lock(...args) {
        await locking
        return store.lock(...args)
      },
    }
    const { uploader, log } = partBench({ resume })
    const { id } = first(uploader.add(file()))
    await eventually(() => log.some((what) => what.startsWith('sign')))
    uploader[command](id)
    await eventually(() => log.includes('abort u1'))
    go()
    await quiet()
    expect(records.size).toBe(0)
  },
)
