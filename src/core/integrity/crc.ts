/** What the three CRCs are, and how to compute them where WebAssembly is not allowed. */
import type { ChecksumAlgorithm } from '../ports.ts'

/** The digests that can be combined: the whole's from those of its parts. */
export type CrcAlgorithm = Exclude<ChecksumAlgorithm, 'sha256'>

/** A CRC as its standard gives it; all three begin and end with all bits turned. */
export interface Crc {
  /** Bits. */
  readonly width: 32 | 64
  /** Reflected: the highest power is the lowest bit. */
  readonly polynomial: bigint
}

/** RFC 1952, RFC 3720, NVM Express (FACTS 3.5). */
export const crcs: Readonly<Record<CrcAlgorithm, Crc>> = {
  crc32: { width: 32, polynomial: 0xedb88320n },
  crc32c: { width: 32, polynomial: 0x82f63b78n },
  crc64nvme: { width: 64, polynomial: 0x9a6c9329ac4bc9b5n },
}

/** Something that eats bytes and gives their digest. */
export interface Hasher {
  update: (bytes: Uint8Array) => void
  /** Big-endian. */
  digest: () => Uint8Array
}

/**
 * A CRC in JavaScript, byte by byte from a table: a fifth of WebAssembly's speed, still faster than a line. One code
 * for both widths: a register of 64 bits as two halves, of which a short CRC leaves the upper one empty.
 */
export function tableCrc(algorithm: CrcAlgorithm): Hasher {
  const { width, polynomial } = crcs[algorithm]
  const [lows, highs] = tablesOf(polynomial)
  const full = width === 64 ? -1 : 0
  let low = -1
  let high = full
  return {
    update(bytes) {
      for (const byte of bytes) {
        const at = (low ^ byte) & 255
        low = ((low >>> 8) | (high << 24)) ^ (lows[at] ?? 0)
        high = (high >>> 8) ^ (highs[at] ?? 0)
      }
    },
    digest() {
      const view = new DataView(new ArrayBuffer(width / 8))
      if (width === 64) view.setInt32(0, ~high)
      view.setInt32(width / 8 - 4, ~low)
      return new Uint8Array(view.buffer)
    },
  }
}

/** What each byte does to the lower and to the upper half of the register. */
function tablesOf(polynomial: bigint): readonly [lows: Int32Array, highs: Int32Array] {
  const lows = new Int32Array(256)
  const highs = new Int32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte)
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n
    lows[byte] = Number(BigInt.asIntN(32, value))
    highs[byte] = Number(BigInt.asIntN(32, value >> 32n))
  }
  return [lows, highs]
}
