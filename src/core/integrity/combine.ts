/** The CRC of a whole file from those of its parts, without reading it again. */
import { UploadError } from '../errors.ts'
import type { Checksum } from '../ports.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { crcs } from './crc.ts'
import type { Crc, CrcAlgorithm } from './crc.ts'

/** What is known of one part. */
export interface PartCrc {
  /** Big-endian, in base64. */
  readonly value: string
  /** Bytes. */
  readonly size: number
}

/**
 * The CRC of the parts' bytes one after the other, as S3 computes it for `FULL_OBJECT`. Equal sizes are cheap: 10,000
 * parts (160 GiB) take some 60 ms.
 * @param parts in order; none at all give the CRC of nothing
 * @throws UploadError `bad-answer` when a value is not a digest of this algorithm
 */
export function combineCrc(algorithm: CrcAlgorithm, parts: readonly PartCrc[]): Checksum {
  const crc = crcs[algorithm]
  const shifts = new Map<number, bigint>()
  let whole = 0n
  for (const { value, size } of parts) {
    const shift = shifts.get(size) ?? shiftBy(size, crc)
    shifts.set(size, shift)
    // What came before moves up by the part's length; then the part falls in its place.
    whole = multiply(whole, shift, crc) ^ parse(value, crc, algorithm)
  }
  return { algorithm, value: print(whole, crc) }
}

/**
 * A product of polynomials over GF(2), modulo the CRC's own; reflected, so the highest bit is x⁰.
 * After `multmodp` in zlib's crc32.c, https://github.com/madler/zlib/blob/v1.3.1/crc32.c
 */
function multiply(a: bigint, b: bigint, { width, polynomial }: Crc): bigint {
  let product = 0n
  let power = b
  for (let bit = 1n << BigInt(width - 1); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= power
    power = power & 1n ? (power >> 1n) ^ polynomial : power >> 1n
  }
  return product
}

/** x to the power of eight per byte: what `size` bytes of zeros behind a message do to its CRC. */
function shiftBy(size: number, crc: Crc): bigint {
  const one = 1n << BigInt(crc.width - 1)
  let shift = one
  let square = one >> 8n
  for (let left = size; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) shift = multiply(shift, square, crc)
    square = multiply(square, square, crc)
  }
  return shift
}

function parse(value: string, { width }: Crc, algorithm: CrcAlgorithm): bigint {
  const bytes = fromBase64(value)
  // The values of parts may come from S3's list: what is no digest must not become one.
  if (bytes?.length !== width / 8)
    throw new UploadError('bad-answer', 'never', `A part's ${algorithm} is not ${width} bits in base64.`)
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}

function print(value: bigint, { width }: Crc): string {
  const bytes = Uint8Array.from({ length: width / 8 }, (_, at) =>
    Number((value >> BigInt(width - 8 - 8 * at)) & 255n),
  )
  return toBase64(bytes)
}
