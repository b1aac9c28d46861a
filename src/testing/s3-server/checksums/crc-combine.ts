/**
 * The CRC of two texts one after the other, from the CRCs of each: how the checksum of a whole object comes from
 * those of its parts without reading them again. Multiplication of polynomials over GF(2), after zlib's
 * `crc32_combine`.
 */
import { reflectedPolynomials } from './crc-tables.ts'

/** Algorithms whose values can be combined. */
export type CombinableAlgorithm = keyof typeof reflectedPolynomials

/** One part: its CRC (big-endian bytes) and its length. */
export interface CrcPart {
  readonly crc: Uint8Array
  readonly size: number
}

/** The CRC of all parts in order. */
export function combineCrcs(algorithm: CombinableAlgorithm, parts: readonly CrcPart[]): Buffer {
  const polynomial = reflectedPolynomials[algorithm]
  const width = algorithm === 'CRC64NVME' ? 64n : 32n
  const one = 1n << (width - 1n) // bits are reversed: the highest is x to the power of 0
  const shifts = new Map<number, bigint>() // parts are mostly of one size
  const shiftFor = (size: number) => {
    const known = shifts.get(size)
    if (known !== undefined) return known
    const shift = power(BigInt(size) * 8n, one, polynomial)
    shifts.set(size, shift)
    return shift
  }
  let all = 0n
  for (const { crc, size } of parts) {
    all = multiply(shiftFor(size), all, one, polynomial) ^ BigInt(`0x${Buffer.from(crc).toString('hex')}`)
  }
  return Buffer.from(all.toString(16).padStart(Number(width) / 4, '0'), 'hex')
}

/** a × b modulo the polynomial. */
function multiply(a: bigint, b: bigint, one: bigint, polynomial: bigint): bigint {
  let product = 0n
  let shifted = b
  for (let bit = one; bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= shifted
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n
  }
  return product
}

/** x to the power of n modulo the polynomial. */
function power(n: bigint, one: bigint, polynomial: bigint): bigint {
  let result = one
  let square = one >> 1n // x
  for (let left = n; left > 0n; left >>= 1n) {
    if (left & 1n) result = multiply(square, result, one, polynomial)
    square = multiply(square, square, one, polynomial)
  }
  return result
}
