/** Two versions of a file never become one object: what is gone on with is proven to be the same. */
import { beforeAll, describe, expect, test, vi } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import { rememberHandle } from '../../../src/core/sources/handles.ts'
import { eventually, first, loadChunks, patternFile, quiet, serve } from '../../support/engine.ts'
import type { PartStoreOptions } from './part-store.ts'
import { interrupt, visits } from './visits.ts'
import type { Visits } from './visits.ts'

beforeAll(loadChunks)

/** Larger than what a fingerprint reads whole: between its samples a change does not show. */
const size = 1_000_000
const large = (seed = 0, lastModified = 1): File => patternFile('a', size, seed, lastModified)
const plan = { partSize: 300_000 }

/** A visit that got two of four parts there. */
async function begun(checksum?: 'crc32'): Promise<Visits & { id: string }> {
  const all = visits()
  const it = all.page({ concurrency: 1, ...(checksum && { checksum }) }, plan)
  const { id } = first(it.uploader.add(large()))
  it.take(await it.transport.next())
  it.take(await it.transport.next())
  await it.transport.next()
  it.uploader.destroy()
  return { ...all, id }
}

describe('a file of the same size and samples', () => {
  test('and the same date is the same one', async () => {
    const { page, id, world } = await begun()
    const after = page({}, plan)
    await after.uploader.restore()
    expect(await after.uploader.attach(id, large())).toBe(true)
    serve(after.transport, after.take)
    await after.until(id, 'success')
    expect(after.sent()).toEqual([3, 4])
    expect(world.objects.get(id)?.size).toBe(size)
  })

  test('and another date, with nothing to prove it by, is refused', async () => {
    const { page, id } = await begun()
    const after = page({}, plan)
    await after.uploader.restore()
    expect(await after.uploader.attach(id, large(0, 2))).toBe(false)
    expect(after.uploader.getItem(id)).toMatchObject({ error: { code: 'file-changed' } })
    expect(after.transport.requests).toEqual([])
  })

  test('and another date is refused also where nothing is stored yet: at its end it could not be proven', async () => {
    const { page, id, world } = await begun()
    world.uploads.get('u1')?.clear()
    const after = page({}, plan)
    await after.uploader.restore()
    expect(await after.uploader.attach(id, large(0, 2))).toBe(false)
  })

  /** The list with the digests that S3 keeps of the two parts. */
  const withDigests = async (of: File): Promise<PartStoreOptions> => {
    const { digest } = await import('../../../src/core/integrity/digest.ts')
    const { signal } = new AbortController()
    const one = await digest(of.slice(0, 300_000), 'crc32', signal)
    const two = await digest(of.slice(300_000, 600_000), 'crc32', signal)
    return {
      ...plan,
      multipart: () => ({
        listParts: async () => [
          { number: 1, size: 300_000, etag: '"u1-1"', checksum: one },
          { number: 2, size: 300_000, etag: '"u1-2"', checksum: two },
        ],
      }),
    }
  }

  test('and another date goes on where the digests of the stored parts agree', async () => {
    const { page, id } = await begun('crc32')
    const after = page({}, await withDigests(large()))
    await after.uploader.restore()
    expect(await after.uploader.attach(id, large(0, 2))).toBe(true)
    serve(after.transport, after.take)
    await after.until(id, 'success')
    expect(after.sent()).toEqual([3, 4])
  })

  test('and it is the same one to its end, where the answer to its completion is lost too', async () => {
    const { page, id, world } = await begun('crc32')
    const { multipart: inList } = await withDigests(large())
    const after = page(
      { retry: 5, retryDelay: 0 },
      {
        ...plan,
        multipart: (calls) => ({
          listParts: async (...how) =>
            world.uploads.size ? (inList?.(calls).listParts?.(...how) ?? []) : 'gone',
          async complete(...how) {
            await calls.complete(...how)
            throw new UploadError('signer-unreachable', 'later', 'no answer')
          },
        }),
      },
    )
    await after.uploader.restore()
    expect(await after.uploader.attach(id, large(0, 2))).toBe(true)
    serve(after.transport, after.take)
    await eventually(() => after.uploader.getItem(id)?.status === 'success')
    expect(after.sent()).toEqual([3, 4])
  })

  test('and another date is refused where they do not: it was changed between two samples', async () => {
    const { page, id } = await begun('crc32')
    const bytes = new Uint8Array(await large().arrayBuffer())
    bytes[100_000] = 255 // no sample lies there
    const changed = new File([bytes], 'a', { lastModified: 2 })
    const after = page({}, await withDigests(large()))
    await after.uploader.restore()
    expect(await after.uploader.attach(id, changed)).toBe(false)
    expect(after.uploader.getItem(id)).toMatchObject({ error: { code: 'file-changed' } })
  })
})

test.each([
  ['', {}],
  [', also where nothing is remembered', { resume: false }],
] as const)(
  'a file that changes under way is not completed: `file-changed`, nothing mixed%s',
  async (_, how) => {
    let isChanged = false
    // Firefox hands out the new bytes in silence (FACTS 4.2).
    class Changing extends File {
      override slice(start?: number, end?: number, type?: string): Blob {
        return isChanged ? large(7).slice(start, end, type) : super.slice(start, end, type)
      }
    }
    const { page, world } = visits()
    const it = page({ concurrency: 1, retry: 5, ...how }, plan)
    const { id } = first(it.uploader.add(new Changing([large()], 'a')))
    it.take(await it.transport.next())
    isChanged = true
    serve(it.transport, it.take)
    expect(await it.until(id, 'error')).toMatchObject({ error: { code: 'file-changed', retry: 'never' } })
    expect(it.log).not.toContain('complete')
    expect(world.objects.size).toBe(0)
  },
)

test('a file that is gone when its completion is tried again is not missed: all of it was sent', async () => {
  let isGone = false
  class Vanishing extends File {
    override slice(start?: number, end?: number, type?: string): Blob {
      if (isGone) throw new DOMException('gone', 'NotFoundError')
      return super.slice(start, end, type)
    }
  }
  const { page, world } = visits()
  const it = page(
    { retry: 5, retryDelay: 0 },
    {
      ...plan,
      multipart: ({ complete }) => ({
        complete: async (...how) => {
          if (isGone) return complete(...how)
          isGone = true
          throw new UploadError('signer-failed', 'later', 'down', { status: 503 })
        },
      }),
    },
  )
  const { id } = first(it.uploader.add(new Vanishing([large()], 'a')))
  serve(it.transport, it.take)
  await eventually(() => it.uploader.getItem(id)?.status === 'success')
  expect(world.objects.get(id)?.size).toBe(size)
})

test('but it is looked at again where parts had to be sent again before that', async () => {
  let completions = 0
  let isChanged = false
  class Changing extends File {
    override slice(start?: number, end?: number, type?: string): Blob {
      return isChanged ? large(7).slice(start, end, type) : super.slice(start, end, type)
    }
  }
  const { page, world } = visits()
  const it = page(
    { retry: 5, retryDelay: 0 },
    {
      ...plan,
      hidesETags: true,
      multipart: ({ listParts }) => ({
        // It names no ETags either, and is refused when it is asked for the completion's second try.
        async listParts(...how) {
          if (completions === 1 && !isChanged) {
            isChanged = true
            throw new UploadError('expired', 'sign-again', 'The URL has run out.', { status: 403 })
          }
          const listed = await listParts(...how)
          return listed === 'gone'
            ? listed
            : listed.map(({ number, size: bytes }) => ({ number, size: bytes }))
        },
        async complete() {
          completions++
          throw new UploadError('signer-failed', 'later', 'down', { status: 503 })
        },
      }),
    },
  )
  const { id } = first(it.uploader.add(new Changing([large()], 'a')))
  serve(it.transport, it.take)
  expect(await it.until(id, 'error')).toMatchObject({ error: { code: 'file-changed' } })
  expect(completions).toBe(1)
  expect(world.objects.size).toBe(0)
})

describe('a file that the browser can find again', () => {
  /** What Chromium gives with a dropped file. */
  const handleTo = (
    file: File | undefined,
    state: PermissionState,
  ): FileSystemFileHandle & { requestPermission: () => Promise<PermissionState> } =>
    Object.assign(Object.create(null), {
      kind: 'file',
      queryPermission: vi.fn(async () => state),
      requestPermission: vi.fn(async () => 'granted' as const),
      getFile: async () => file ?? Promise.reject(new DOMException('gone', 'NotFoundError')),
    })

  const small = (): File => patternFile('a', 50)
  const dropped = async (handle: FileSystemFileHandle): Promise<Visits & { id: string }> => {
    const all = visits()
    const file = small()
    rememberHandle(file, handle)
    return { ...all, id: await interrupt(all.page(), file, 2) }
  }

  test('goes on by itself where the permission still holds', async () => {
    const { page, id } = await dropped(handleTo(small(), 'granted'))
    const after = page()
    serve(after.transport, after.take)
    await after.uploader.restore()
    await after.until(id, 'success')
    expect(after.sent()).toEqual([3, 4, 5])
  })

  test('keeps its handle where the upload has to be begun anew', async () => {
    const handle = handleTo(small(), 'granted')
    const { page, id, world, records } = await dropped(handle)
    world.uploads.clear()
    const after = page({ retry: 5, retryDelay: 0 })
    await after.uploader.restore()
    await after.transport.next('/u2/')
    await eventually(() => JSON.stringify(records.get(id)?.ref).includes('u2'))
    expect(records.get(id)?.handle).toBe(handle)
  })

  test('else `needs-permission`: resume asks for it, and it goes on', async () => {
    const handle = handleTo(small(), 'prompt')
    const { page, id } = await dropped(handle)
    const after = page()
    serve(after.transport, after.take)
    expect(await after.uploader.restore()).toMatchObject([
      { id, status: 'paused', reason: 'needs-permission' },
    ])
    await quiet()
    expect(after.transport.requests).toEqual([])
    expect(handle.requestPermission).not.toHaveBeenCalled()
    after.uploader.resume(id)
    await after.until(id, 'success')
    expect(handle.requestPermission).toHaveBeenCalledTimes(1)
    expect(after.sent()).toEqual([3, 4, 5])
  })

  test('moved or deleted: the file must be chosen', async () => {
    const { page, id } = await dropped(handleTo(undefined, 'granted'))
    const after = page()
    expect(await after.uploader.restore()).toMatchObject([{ id, status: 'paused', reason: 'needs-file' }])
    expect(await after.uploader.attach(id, small())).toBe(true)
    serve(after.transport, after.take)
    await after.until(id, 'success')
  })

  test('changed since: it says so, and nothing is sent', async () => {
    const { page, id } = await dropped(handleTo(patternFile('a', 50, 7), 'granted'))
    const after = page()
    await after.uploader.restore()
    await eventually(() => after.uploader.getItem(id)?.status === 'paused')
    expect(after.uploader.getItem(id)).toMatchObject({
      reason: 'needs-file',
      error: { code: 'file-changed' },
    })
    expect(after.transport.requests).toEqual([])
  })
})
