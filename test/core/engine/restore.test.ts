/** Unfinished uploads of an earlier visit: found again, and gone on with where S3 has parts of the same file. */
import { beforeAll, expect, test, vi } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import type { UploadItem } from '../../../src/core/index.ts'
import {
  bench,
  eventually,
  fileOf,
  first,
  loadChunks,
  patternFile,
  quiet,
  serve,
} from '../../support/engine.ts'
import { interrupt, visits } from './visits.ts'

beforeAll(loadChunks)

const file = (): File => patternFile('a', 50)
const only = (items: readonly UploadItem[]): UploadItem => {
  expect(items).toHaveLength(1)
  return first(items)
}
const bytes = async (blob: Blob | undefined): Promise<ArrayBuffer | undefined> => blob?.arrayBuffer()

test('restore puts them into the list: paused, waiting for their file, with what S3 has of them', async () => {
  const { page, records } = visits()
  const id = await interrupt(page({}, { without: ['listParts'] }), file(), 2)
  expect([...records.keys()]).toEqual([id])
  const { uploader, transport } = page({}, { without: ['listParts'] })
  const item = only(await uploader.restore())
  expect(item).toMatchObject({
    id,
    name: 'a',
    size: 50,
    file: undefined,
    status: 'paused',
    reason: 'needs-file',
    canResume: true,
  })
  expect(uploader.getItems()).toEqual([item])
  expect(uploader.getProgress(id)).toEqual({ loaded: 20, total: 50 })
  uploader.start()
  uploader.resume()
  uploader.retryAll()
  await quiet()
  expect(uploader.getItem(id)).toBe(item)
  expect(transport.requests).toEqual([])
})

test('what S3 has of them is asked for, where it can be, and shown while they wait', async () => {
  const { page } = visits()
  const id = await interrupt(page(), file(), 2)
  const after = page()
  await after.uploader.restore()
  await vi.waitFor(() => expect(after.uploader.getProgress(id)).toEqual({ loaded: 20, total: 50 }))
  expect(after.uploader.getItem(id)).toMatchObject({ status: 'paused', reason: 'needs-file' })
})

test('where that gets no answer, they wait all the same', async () => {
  const { page, world } = visits()
  const id = await interrupt(page(), file(), 2)
  let isDown = true
  const after = page(
    {},
    {
      multipart: ({ listParts }) => ({
        async listParts(...args) {
          if (isDown) throw new UploadError('signer-unreachable', 'later', 'down')
          return listParts(...args)
        },
      }),
    },
  )
  await after.uploader.restore()
  await quiet()
  expect(after.uploader.getItem(id)).toMatchObject({ status: 'paused', reason: 'needs-file' })
  isDown = false
  expect(await after.uploader.attach(id, file())).toBe(true)
  serve(after.transport, after.take)
  await after.until(id, 'success')
  expect(await bytes(world.objects.get(id))).toEqual(await bytes(file()))
})

test('with the same file they go on: only the missing parts are sent, and the object is whole', async () => {
  const { page, world, records } = visits()
  const id = await interrupt(page(), file(), 2)
  const after = page()
  await after.uploader.restore()
  expect(await after.uploader.attach(id, file())).toBe(true)
  serve(after.transport, after.take)
  await after.until(id, 'success')
  expect(after.sent()).toEqual([3, 4, 5])
  // Once for the row, once before it goes on.
  expect(after.log).toEqual(['list', 'list', 'sign 3,4,5', ...after.log.slice(3)])
  expect(await bytes(world.objects.get(id))).toEqual(await bytes(file()))
  expect(world.begun).toBe(1)
  await eventually(() => records.size === 0)
})

test('another file is refused with `file-changed`, and nothing of it is sent; the right one still goes on', async () => {
  const { page, world } = visits()
  const id = await interrupt(page(), file(), 2)
  const after = page()
  await after.uploader.restore()
  const other = patternFile('a', 50, 7)
  expect(await after.uploader.attach(id, other)).toBe(false)
  expect(after.uploader.getItem(id)).toMatchObject({
    status: 'paused',
    reason: 'needs-file',
    file: undefined,
    error: { code: 'file-changed' },
  })
  expect(await after.uploader.attach(id, patternFile('a', 49))).toBe(false)
  await quiet()
  expect(after.transport.requests).toEqual([])
  expect(await after.uploader.attach(id, file())).toBe(true)
  serve(after.transport, after.take)
  expect(await after.until(id, 'success')).not.toHaveProperty('error')
  expect(await bytes(world.objects.get(id))).toEqual(await bytes(file()))
})

test('the app was asked about it on the earlier visit: beforeUpload is not called again', async () => {
  const { page } = visits()
  const id = await interrupt(page(), file(), 2)
  const beforeUpload = vi.fn()
  const after = page({ beforeUpload })
  await after.uploader.restore()
  await after.uploader.attach(id, file())
  serve(after.transport, after.take)
  await after.until(id, 'success')
  expect(beforeUpload).not.toHaveBeenCalled()
})

test('a file that cannot be read just then is refused with the reason, and can be given again', async () => {
  const { page } = visits()
  const id = await interrupt(page(), file(), 2)
  const after = page()
  await after.uploader.restore()
  const broken = new DOMException('The disk is gone.', 'NotReadableError')
  const read = vi.spyOn(Blob.prototype, 'arrayBuffer').mockRejectedValue(broken)
  expect(await after.uploader.attach(id, file())).toBe(false)
  read.mockRestore()
  expect(after.uploader.getItem(id)).toMatchObject({
    status: 'paused',
    reason: 'needs-file',
    error: { code: 'file-unreadable' },
  })
  expect(await after.uploader.attach(id, file())).toBe(true)
  serve(after.transport, after.take)
  await after.until(id, 'success')
})

test.each(['cancel', 'remove'] as const)(
  '%s of such an item aborts its upload, and forgets it',
  async (command) => {
    const { page, world, records } = visits()
    const id = await interrupt(page(), file(), 2)
    const after = page()
    await after.uploader.restore()
    after.uploader[command](id)
    await eventually(() => records.size === 0)
    expect(after.log).toEqual(['list', 'abort u1'])
    expect(world.uploads.size).toBe(0)
    expect(await page().uploader.restore()).toEqual([])
  },
)

test('what was canceled while the server was down is aborted at the next start, and is no item', async () => {
  const { page, world, records } = visits()
  const down = (): Promise<never> => Promise.reject(new UploadError('signer-unreachable', 'later', 'down'))
  const before = page({}, { multipart: () => ({ abort: down }) })
  const { id } = first(before.uploader.add(file()))
  before.take(await before.transport.next())
  await eventually(() => records.size === 1)
  before.uploader.cancel(id)
  await eventually(() => records.get(id)?.state === 'abandoned')
  before.uploader.destroy()
  const after = page()
  expect(await after.uploader.restore()).toEqual([])
  await eventually(() => records.size === 0)
  expect(after.log).toEqual(['abort u1'])
  expect(world.uploads.size).toBe(0)
})

test('what is dead on the server begins anew, under the same key', async () => {
  const { page, world } = visits()
  const id = await interrupt(page(), file(), 2)
  world.uploads.clear()
  const after = page({ retry: 5 })
  await after.uploader.restore()
  await after.uploader.attach(id, file())
  serve(after.transport, after.take)
  await after.until(id, 'success')
  expect(after.backend.calls).toMatchObject([[{ id, reason: 'restart', previous: { uploadId: 'u1' } }]])
  expect([...world.objects.keys()]).toEqual([id])
})

test('an upload whose completion was lost with the page turns out to be there', async () => {
  const { page, world, records } = visits()
  const before = page(
    {},
    {
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
  before.uploader.destroy()
  const after = page()
  await after.uploader.restore()
  await after.uploader.attach(id, file())
  await after.until(id, 'success')
  expect(after.transport.requests).toEqual([])
  await eventually(() => records.size === 0)
})

test('an upload whose page died while the app was answering is only confirmed: no file is needed', async () => {
  const { page, world, records } = visits()
  const before = page({}, { script: { confirm: () => new Promise(() => undefined) } })
  const { id } = first(before.uploader.add(file()))
  serve(before.transport, before.take)
  await before.until(id, 'processing')
  await quiet()
  before.uploader.destroy()
  const confirm = vi.fn((_ref: unknown, { key }: { key?: string }) => key)
  const after = page({}, { script: { confirm } })
  await after.uploader.restore()
  expect(await after.until(id, 'success')).toMatchObject({ result: id, stored: { key: id } })
  expect(after.transport.requests).toEqual([])
  expect(confirm).toHaveBeenCalledTimes(1)
  expect(world.begun).toBe(1)
  await eventually(() => records.size === 0)
})

test('nothing is remembered of files that go in one piece', async () => {
  const { page, records } = visits()
  const { uploader, transport } = bench({ resume: false })
  const it = page({}, { script: { grant: ({ id }) => postOf(id) } })
  it.uploader.add(fileOf('a'))
  await it.transport.next()
  await quiet()
  expect(records.size).toBe(0)
  it.uploader.destroy()
  expect(await page().uploader.restore()).toEqual([])
  // And without a memory there is nothing to restore.
  expect(await uploader.restore()).toEqual([])
  expect(await uploader.attach('nobody', fileOf('a'))).toBe(false)
  expect(transport.requests).toEqual([])
})

function postOf(id: string): {
  ok: true
  ref: string
  target: { type: 'post'; urls: readonly [string]; fields: readonly []; expiresIn: number }
} {
  return {
    ok: true,
    ref: id,
    target: { type: 'post', urls: ['https://bucket.test/'], fields: [], expiresIn: 60 },
  }
}

test('a second restore() does nothing', async () => {
  const { page } = visits()
  await interrupt(page(), file(), 1)
  const { uploader } = page()
  const one = await uploader.restore()
  uploader.remove()
  expect(await uploader.restore()).toBe(one)
  expect(uploader.getIds()).toEqual([])
})

test('restored files count against the rules, and a settled list with them is settled', async () => {
  const { page } = visits()
  const onSettled = vi.fn()
  await interrupt(page(), file(), 1)
  const { uploader } = page({ maxFiles: 1, onSettled })
  await uploader.restore()
  expect(uploader.getTotals()).toMatchObject({ files: 1, total: 50, active: 0 })
  expect(uploader.add(patternFile('b', 10))).toMatchObject([{ status: 'rejected' }])
  expect(onSettled).not.toHaveBeenCalled()
})
