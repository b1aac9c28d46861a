import { array, assert, constantFrom, nat, property, uint8Array } from 'fast-check'
import { createCRC32, createCRC64 } from 'hash-wasm'
import type { IHasher } from 'hash-wasm'
import { describe, expect, test } from 'vitest'

import { combineCrc } from '../../../src/core/integrity/combine.ts'
import type { PartCrc } from '../../../src/core/integrity/combine.ts'
import type { CrcAlgorithm } from '../../../src/core/integrity/crc.ts'

const mebibyte = 1024 ** 2
const hashers: Readonly<Record<CrcAlgorithm, IHasher>> = {
  crc32: await createCRC32(),
  crc32c: await createCRC32(0x82f63b78),
  crc64nvme: await createCRC64('9a6c9329ac4bc9b5'),
}
const algorithms = Object.keys(hashers) as CrcAlgorithm[]

const crcOf = (algorithm: CrcAlgorithm, bytes: Uint8Array): string =>
  Buffer.from(hashers[algorithm].init().update(bytes).digest('binary')).toString('base64')
const partsOf = (algorithm: CrcAlgorithm, pieces: readonly Uint8Array[]): readonly PartCrc[] =>
  pieces.map((bytes) => ({ value: crcOf(algorithm, bytes), size: bytes.length }))

test('any bytes, split anywhere, empty pieces too', () => {
  assert(
    property(
      constantFrom(...algorithms),
      uint8Array({ maxLength: 5_000 }),
      array(nat(5_000), { maxLength: 12 }),
      (algorithm, bytes, cuts) => {
        const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted(
          (a, b) => a - b,
        )
        const pieces = edges.slice(1).map((end, at) => bytes.subarray(edges[at], end))
        expect(combineCrc(algorithm, partsOf(algorithm, pieces)).value).toBe(crcOf(algorithm, bytes))
      },
    ),
    { numRuns: 300 },
  )
})

test.each(algorithms)('%s: parts of S3’s sizes', (algorithm) => {
  const pieces = [5 * mebibyte, 5 * mebibyte, 3_000_001].map((size, at) => new Uint8Array(size).fill(at + 65))
  expect(combineCrc(algorithm, partsOf(algorithm, pieces))).toEqual({
    algorithm,
    value: crcOf(algorithm, Buffer.concat(pieces)),
  })
})

describe('what S3 gave for three parts of 5 MiB (FACTS 1.6)', () => {
  test('crc32', () => {
    const parts = ['JRTCyQ==', 'QoZTGg==', 'YAgjqw=='].map((value) => ({ value, size: 5 * mebibyte }))
    expect(combineCrc('crc32', parts).value).toBe('WgDhBQ==')
  })

  test('crc64nvme', () => {
    const letters = ['A', 'B', 'C'].map((letter) => Buffer.alloc(5 * mebibyte, letter))
    expect(combineCrc('crc64nvme', partsOf('crc64nvme', letters)).value).toBe('i+6LR0y3eFo=')
  })
})

test('sizes beyond 32 bits: five GiB at once are five times one', () => {
  const zeros = { value: crcOf('crc32', new Uint8Array(mebibyte)), size: mebibyte }
  const start = { value: crcOf('crc32', Buffer.from('start')), size: 5 }
  const gibibytes = 5
  const many = Array.from({ length: gibibytes * 1024 }, () => zeros)
  const { value } = combineCrc('crc32', many)
  const one = combineCrc('crc32', [start, { value, size: gibibytes * 1024 ** 3 }])
  expect(one).toEqual(combineCrc('crc32', [start, ...many]))
})

test('no parts: the CRC of nothing', () => {
  expect(combineCrc('crc32', []).value).toBe('AAAAAA==')
  expect(combineCrc('crc64nvme', []).value).toBe('AAAAAAAAAAA=')
})

test.each(['', 'AAAA', 'AAAAAAAAAAA=', 'not base64!'])('%j is no crc32', (value) => {
  expect(() => combineCrc('crc32', [{ value, size: 1 }])).toThrow(
    expect.objectContaining({ code: 'bad-answer' }),
  )
})
