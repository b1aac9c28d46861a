/** The code that digests cannot be fetched just then: where there is no other way, that passes like any outage. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { patternFile } from '../../support/engine.ts'
import { blobSpy } from './blob-spy.ts'

const paths = ['../../../src/core/integrity/wasm.ts', '../../../src/core/integrity/digest.ts'] as const
const [wasm, whole] = paths
const gone = new Set<string>()
const passing = { code: 'network', retry: 'later' }
const live = (): AbortSignal => new AbortController().signal

beforeEach(() => {
  vi.resetModules()
  for (const path of paths)
    vi.doMock(path, async (original) => {
      if (gone.has(path)) throw new TypeError('Failed to fetch dynamically imported module')
      return original()
    })
})
afterEach(() => {
  gone.clear()
  vi.unstubAllGlobals()
  for (const path of paths) vi.doUnmock(path)
})

test('SHA-256 of what only WebAssembly can do is tried again later, and works then', async () => {
  gone.add(wasm)
  vi.stubGlobal('crypto', { getRandomValues: () => undefined })
  const { digest } = await import('../../../src/core/integrity/digest.ts')
  const file = patternFile('a', 100)
  await expect(digest(file, 'sha256', live())).rejects.toMatchObject(passing)
  await expect(digest(blobSpy(65 * 1024 ** 2).blob, 'sha256', live())).rejects.toMatchObject(passing)
  gone.clear()
  expect((await digest(file, 'sha256', live())).value).toHaveLength(44)
})

test('what can be digested without waits for nothing', async () => {
  gone.add(wasm)
  const { digest } = await import('../../../src/core/integrity/digest.ts')
  const large = new Blob([new Uint8Array(17 * 1024 ** 2)])
  expect((await digest(large, 'sha256', live())).value).toHaveLength(44)
  expect(await digest(new Blob(['123456789']), 'crc32', live())).toMatchObject({ value: 'y/Q5Jg==' })
})

test('a file that is to be proven the same is no other file for that: it can be given again', async () => {
  const { visits, interrupt } = await import('../engine/visits.ts')
  const { page } = visits()
  const file = (lastModified: number): File => patternFile('a', 1_000_000, 0, lastModified)
  const id = await interrupt(page({ concurrency: 1 }, { partSize: 300_000 }), file(1), 2)
  const checksum = { algorithm: 'crc32', value: 'y/Q5Jg==' } as const
  const listParts = async () => [{ number: 1, size: 300_000, checksum }]
  const { uploader } = page({}, { partSize: 300_000, multipart: () => ({ listParts }) })
  await uploader.restore()
  gone.add(whole)
  expect(await uploader.attach(id, file(2))).toBe(false)
  expect(uploader.getItem(id)).toMatchObject({ status: 'paused', reason: 'needs-file', error: passing })
})

test('what Fine Uploader has signed of a completion waits for it too', async () => {
  gone.add(whole)
  const { fineUploader } = await import('../../../src/backends/index.ts')
  const { wire } = await import('../../support/backend-call.ts')
  const { multipart } = fineUploader({
    request: { endpoint: 'https://bkt.s3.amazonaws.com', accessKey: 'AK' },
    signature: { endpoint: '/s3handler' },
    chunking: { askStorage: true },
  })
  const ref = { uuid: 'u-1', key: 'u-1.txt', bucket: 'bkt', uploadId: 'U' }
  const parts = [{ number: 1, size: 5, etag: '"e1"' }]
  await expect(multipart?.complete(ref, parts, wire([]))).rejects.toMatchObject(passing)
})
