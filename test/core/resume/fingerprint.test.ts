import { afterEach, describe, expect, test, vi } from 'vitest'

import { fingerprintOf, likeness, sameFile } from '../../../src/core/resume/fingerprint.ts'
import type { FileFingerprint } from '../../../src/core/resume/types.ts'

const kibibyte = 1024
const live = (): AbortSignal => new AbortController().signal
const print = (content: BlobPart, { name = 'a.bin', lastModified = 1_000 } = {}): Promise<FileFingerprint> =>
  fingerprintOf(new File([content], name, { lastModified }), live())

const large = 4_000_003

/** Bytes without a pattern that samples could fall in step with. */
const noise = Uint8Array.from({ length: large }, (_, at) => (Math.imul(at, 2_654_435_761) >>> 13) & 255)

function bytesOf(size: number, change?: number): Uint8Array<ArrayBuffer> {
  const bytes = noise.slice(0, size)
  if (change !== undefined) bytes[change] = (bytes[change] ?? 0) ^ 1
  return bytes
}

afterEach(() => vi.unstubAllGlobals())

describe.each([
  ['with WebCrypto', 'sha256-1:', () => undefined],
  ['without a secure context', 'mix-2:', () => vi.stubGlobal('crypto', {})],
])('%s', (_, prefix, prepare) => {
  test('the same file gives the same fingerprint, small and plain', async () => {
    prepare()
    const fingerprint = await print(bytesOf(large))
    expect(fingerprint).toEqual(await print(bytesOf(large)))
    expect(structuredClone(fingerprint)).toEqual(fingerprint)
    expect(fingerprint).toMatchObject({ size: large, lastModified: 1_000 })
    expect(fingerprint.content).toMatch(new RegExp(`^${prefix}[0-9a-f]{32,64}$`))
  })

  test('a renamed file is the same; a namesake of the same size and date is not', async () => {
    prepare()
    const original = await print(bytesOf(large), { name: 'image.jpg' })
    expect(sameFile(original, await print(bytesOf(large), { name: 'holiday.jpg' }))).toBe(true)
    expect(sameFile(original, await print(new Uint8Array(large), { name: 'image.jpg' }))).toBe(false)
  })

  test.each([0, 1, 300_000, 512 * kibibyte - 1])('of a small file every byte counts: %i', async (at) => {
    prepare()
    const size = 512 * kibibyte
    expect(likeness(await print(bytesOf(size)), await print(bytesOf(size, at)))).toBe('different')
  })

  test.each([0, 64 * kibibyte - 1, large - 64 * kibibyte, large - 1, 1_700_000, 2_260_000])(
    'of a large file the samples count, at both ends and between: %i',
    async (at) => {
      prepare()
      expect(likeness(await print(bytesOf(large)), await print(bytesOf(large, at)))).toBe('different')
    },
  )

  test('one byte more or less is another file', async () => {
    prepare()
    expect(likeness(await print(bytesOf(large)), await print(bytesOf(large - 1)))).toBe('different')
    expect(likeness(await print(''), await print(new Uint8Array(1)))).toBe('different')
  })
})

describe('a changed date', () => {
  test('does not matter where all of the content was compared', async () => {
    const [old, young] = [await print('abc'), await print('abc', { lastModified: 2_000 })]
    expect(likeness(old, young)).toBe('same')
    expect(sameFile(old, young)).toBe(true)
  })

  test('of a large file leaves a doubt: it may have changed between two samples', async () => {
    const [old, young] = [await print(bytesOf(large)), await print(bytesOf(large), { lastModified: 2_000 })]
    expect(likeness(old, young)).toBe('unproven')
    expect(sameFile(old, young)).toBe(false)
  })
})

test('a blob has no date', async () => {
  expect(await fingerprintOf(new Blob(['abc']), live())).toMatchObject({ size: 3, lastModified: 0 })
})

describe('reading', () => {
  test('takes 512 KiB of a file of 3 GiB', async () => {
    let read = 0
    const size = 3 * 1024 ** 3
    const file = Object.defineProperties(new Blob([]), {
      size: { value: size },
      slice: {
        value: (start: number, end: number) => {
          expect(end).toBeLessThanOrEqual(size)
          read += end - start
          return new Blob([new Uint8Array(end - start)])
        },
      },
    })
    await fingerprintOf(file, live())
    expect(read).toBe(512 * kibibyte)
  })

  test('is tried again once, then the file is unreadable', async () => {
    const cause = new DOMException('The I/O read operation failed.', 'NotReadableError')
    const arrayBuffer = vi.spyOn(Blob.prototype, 'arrayBuffer')
    arrayBuffer.mockRejectedValueOnce(cause)
    await expect(print('abc')).resolves.toMatchObject({ size: 3 })
    arrayBuffer.mockRejectedValueOnce(cause).mockRejectedValueOnce(cause)
    await expect(print('abc')).rejects.toMatchObject({ code: 'file-unreadable', retry: 'never', cause })
    arrayBuffer.mockRestore()
  })

  test('ends with an abort', async () => {
    const file = new Blob(['abc'])
    await expect(fingerprintOf(file, AbortSignal.abort('why'))).rejects.toMatchObject({
      code: 'aborted',
      cause: 'why',
    })
  })
})
