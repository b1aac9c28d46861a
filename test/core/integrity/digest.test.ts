import { createHash } from 'node:crypto'

import { afterEach, describe, expect, test, vi } from 'vitest'

import { digest } from '../../../src/core/integrity/digest.ts'
import type { ChecksumAlgorithm } from '../../../src/core/ports.ts'
import { blobSpy } from './blob-spy.ts'

const mebibyte = 1024 ** 2
const live = (): AbortSignal => new AbortController().signal
const valueOf = async (blob: Blob, algorithm: ChecksumAlgorithm): Promise<string> =>
  (await digest(blob, algorithm, live())).value
const fromHex = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')
const part = (letter: string): Blob => new Blob([letter.repeat(5 * mebibyte)])
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64')

afterEach(() => vi.unstubAllGlobals())

/** The check values of the CRC catalogue, and RFC 6234's way of hashing, for `123456789`. */
const checks: readonly (readonly [ChecksumAlgorithm, string])[] = [
  ['crc32', fromHex('cbf43926')],
  ['crc32c', fromHex('e3069283')],
  ['crc64nvme', fromHex('ae8b14860a799888')],
  ['sha256', sha256Of(Buffer.from('123456789'))],
]

/** What S3 gave for parts of five MiB of one letter (FACTS 1.6). */
const parts: readonly (readonly [ChecksumAlgorithm, string, string])[] = [
  ['crc32', 'A', 'JRTCyQ=='],
  ['crc32', 'B', 'QoZTGg=='],
  ['crc32', 'C', 'YAgjqw=='],
  ['crc64nvme', 'A', 'L/E4WYn8v98='],
]

const noWasm = (): void => {
  // The library keeps what it has compiled, so instances are refused as well.
  const refuse = (): Promise<never> =>
    Promise.reject(new Error("'wasm-unsafe-eval' is not an allowed source of script"))
  vi.stubGlobal('WebAssembly', { compile: refuse, instantiate: refuse })
}

describe.each([
  ['in WebAssembly', () => undefined],
  ['where the page forbids WebAssembly', noWasm],
])('%s', (_, prepare) => {
  test.each(checks)('%s of the check string', async (algorithm, value) => {
    prepare()
    expect(await digest(new Blob(['123456789']), algorithm, live())).toEqual({ algorithm, value })
  })

  test.each(parts)('%s of a part of %s', async (algorithm, letter, value) => {
    prepare()
    expect(await valueOf(part(letter), algorithm)).toBe(value)
  })

  test.each(['crc32', 'crc32c', 'crc64nvme', 'sha256'] as const)('%s of nothing', async (algorithm) => {
    prepare()
    const empty = { crc32: 'AAAAAA==', crc32c: 'AAAAAA==', crc64nvme: 'AAAAAAAAAAA=' }
    const value = algorithm === 'sha256' ? sha256Of(new Uint8Array()) : empty[algorithm]
    expect(await valueOf(new Blob([]), algorithm)).toBe(value)
  })
})

describe('SHA-256', () => {
  test.each([16 * mebibyte, 16 * mebibyte + 1])('%i bytes: one shot or slices, the same', async (size) => {
    const bytes = Buffer.alloc(size, 'x')
    expect(await valueOf(new Blob([bytes]), 'sha256')).toBe(sha256Of(bytes))
  })

  test('without a secure context there is no WebCrypto: WebAssembly does small files as well', async () => {
    vi.stubGlobal('crypto', { getRandomValues: () => undefined })
    expect(await valueOf(new Blob(['abc']), 'sha256')).toBe(sha256Of(Buffer.from('abc')))
  })

  test('without WebAssembly, up to 64 MiB by WebCrypto; more is refused with the way out', async () => {
    noWasm()
    const bytes = Buffer.alloc(17 * mebibyte, 'x')
    expect(await valueOf(new Blob([bytes]), 'sha256')).toBe(sha256Of(bytes))
    await expect(digest(blobSpy(65 * mebibyte).blob, 'sha256', live())).rejects.toMatchObject({
      code: 'digest-unavailable',
      retry: 'never',
      message: expect.stringContaining("'wasm-unsafe-eval'"),
    })
  })
})

describe('memory', () => {
  test.each(['crc32', 'sha256'] as const)(
    '%s of 160 MiB holds two slices of 4 MiB',
    async (algorithm) => {
      const { blob, mostAlive, largest, reads } = blobSpy(160 * mebibyte)
      await digest(blob, algorithm, live())
      expect(reads()).toBe(40)
      expect(mostAlive()).toBe(2)
      expect(largest()).toBe(4 * mebibyte)
    },
    60_000,
  )
})

describe('reading', () => {
  test('a read that fails once is tried again', async () => {
    const { blob, reads } = blobSpy(9 * mebibyte, (read) => {
      if (read === 2) throw new DOMException('The I/O read operation failed.', 'NotReadableError')
    })
    expect(await valueOf(blob, 'crc32')).toBe(await valueOf(new Blob([Buffer.alloc(9 * mebibyte)]), 'crc32'))
    expect(reads()).toBe(4)
  })

  test('one that fails twice means that the file changed or is gone', async () => {
    const cause = new DOMException('gone', 'NotFoundError')
    const { blob } = blobSpy(9 * mebibyte, (read) => {
      if (read > 1) throw cause
    })
    await expect(digest(blob, 'crc32', live())).rejects.toMatchObject({
      code: 'file-unreadable',
      retry: 'never',
      cause,
    })
  })

  test('a file that was cut since it was chosen is no shorter file', async () => {
    const blob = Object.defineProperty(new Blob(['1234']), 'size', { value: 9 })
    await expect(digest(blob, 'crc32', live())).rejects.toMatchObject({ code: 'file-unreadable' })
  })
})

describe('abort', () => {
  test('before the start reads nothing', async () => {
    const { blob, reads } = blobSpy(mebibyte)
    await expect(digest(blob, 'crc32', AbortSignal.abort('why'))).rejects.toMatchObject({
      code: 'aborted',
      cause: 'why',
    })
    expect(reads()).toBe(0)
  })

  test.each(['crc32', 'sha256'] as const)('%s stops between slices', async (algorithm) => {
    const controller = new AbortController()
    const { blob, reads } = blobSpy(400 * mebibyte, (read) => {
      if (read === 3) controller.abort()
    })
    await expect(digest(blob, algorithm, controller.signal)).rejects.toMatchObject({ code: 'aborted' })
    expect(reads()).toBe(3)
  })
})
