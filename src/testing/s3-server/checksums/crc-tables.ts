/** CRC32C and CRC-64/NVME by table, eight bytes at a time: what `node:zlib` does not have. */

/** A running CRC. */
export interface Crc {
  update(chunk: Uint8Array): void
  /** Big-endian bytes of the value so far. */
  digest(): Buffer
}

/** CRC-32C (Castagnoli), polynomial 0x1EDC6F41, reflected. */
export function crc32c(): Crc {
  let crc = 0xffffffff
  return {
    update(chunk) {
      crc = update32(crc, chunk)
    },
    digest() {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(~crc >>> 0)
      return bytes
    },
  }
}

/** CRC-64/NVME, polynomial 0xAD93D23594C93659, reflected; held in two halves, since numbers have 53 bits. */
export function crc64Nvme(): Crc {
  const state: Halves = { low: 0xffffffff, high: 0xffffffff }
  return {
    update(chunk) {
      update64(state, chunk)
    },
    digest() {
      const bytes = Buffer.alloc(8)
      bytes.writeUInt32BE(~state.high >>> 0, 0)
      bytes.writeUInt32BE(~state.low >>> 0, 4)
      return bytes
    },
  }
}

/** The polynomials, bits reversed. */
export const reflectedPolynomials: Readonly<Record<'CRC32' | 'CRC32C' | 'CRC64NVME', bigint>> = {
  CRC32: 0xedb88320n,
  CRC32C: 0x82f63b78n,
  CRC64NVME: 0x9a6c9329ac4bc9b5n,
}

interface Halves {
  low: number
  high: number
}

/**
 * Eight tables of 256 in one array: entry `256 * k + b` is the CRC of byte `b` with `k` zero bytes behind it, so that
 * eight bytes are looked up at once instead of one after the other.
 */
function sliceTables(polynomial: bigint): BigUint64Array {
  const tables = new BigUint64Array(2048)
  for (let byte = 0; byte < 256; byte += 1) {
    let value = BigInt(byte)
    for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n
    tables[byte] = value
  }
  for (let at = 256; at < 2048; at += 1) {
    const before = tables[at - 256] ?? 0n
    tables[at] = (before >> 8n) ^ (tables[Number(before & 0xffn)] ?? 0n)
  }
  return tables
}

const castagnoli = Uint32Array.from(sliceTables(reflectedPolynomials.CRC32C), Number)
const nvme = sliceTables(reflectedPolynomials.CRC64NVME)
const nvmeLow = Uint32Array.from(nvme, (value) => Number(value & 0xffffffffn))
const nvmeHigh = Uint32Array.from(nvme, (value) => Number(value >> 32n))

// `!`: every index below is masked into its table or bounded by `whole`, and a check in the innermost loop would halve
// the speed.
function update32(start: number, chunk: Uint8Array): number {
  let crc = start
  const whole = chunk.length - (chunk.length % 8)
  let at = 0
  for (; at < whole; at += 8) {
    const low = crc ^ (chunk[at]! | (chunk[at + 1]! << 8) | (chunk[at + 2]! << 16) | (chunk[at + 3]! << 24))
    crc =
      castagnoli[1792 + (low & 255)]! ^
      castagnoli[1536 + ((low >>> 8) & 255)]! ^
      castagnoli[1280 + ((low >>> 16) & 255)]! ^
      castagnoli[1024 + (low >>> 24)]! ^
      castagnoli[768 + chunk[at + 4]!]! ^
      castagnoli[512 + chunk[at + 5]!]! ^
      castagnoli[256 + chunk[at + 6]!]! ^
      castagnoli[chunk[at + 7]!]!
  }
  for (; at < chunk.length; at += 1) crc = castagnoli[(crc ^ chunk[at]!) & 255]! ^ (crc >>> 8)
  return crc
}

function update64(state: Halves, chunk: Uint8Array): void {
  let { low, high } = state
  const whole = chunk.length - (chunk.length % 8)
  let at = 0
  for (; at < whole; at += 8) {
    const a = low ^ (chunk[at]! | (chunk[at + 1]! << 8) | (chunk[at + 2]! << 16) | (chunk[at + 3]! << 24))
    const b =
      high ^ (chunk[at + 4]! | (chunk[at + 5]! << 8) | (chunk[at + 6]! << 16) | (chunk[at + 7]! << 24))
    const i0 = 1792 + (a & 255)
    const i1 = 1536 + ((a >>> 8) & 255)
    const i2 = 1280 + ((a >>> 16) & 255)
    const i3 = 1024 + (a >>> 24)
    const i4 = 768 + (b & 255)
    const i5 = 512 + ((b >>> 8) & 255)
    const i6 = 256 + ((b >>> 16) & 255)
    const i7 = b >>> 24
    low =
      nvmeLow[i0]! ^
      nvmeLow[i1]! ^
      nvmeLow[i2]! ^
      nvmeLow[i3]! ^
      nvmeLow[i4]! ^
      nvmeLow[i5]! ^
      nvmeLow[i6]! ^
      nvmeLow[i7]!
    high =
      nvmeHigh[i0]! ^
      nvmeHigh[i1]! ^
      nvmeHigh[i2]! ^
      nvmeHigh[i3]! ^
      nvmeHigh[i4]! ^
      nvmeHigh[i5]! ^
      nvmeHigh[i6]! ^
      nvmeHigh[i7]!
  }
  for (; at < chunk.length; at += 1) {
    const index = (low ^ chunk[at]!) & 255
    low = ((low >>> 8) | (high << 24)) ^ nvmeLow[index]!
    high = (high >>> 8) ^ nvmeHigh[index]!
  }
  state.low = low
  state.high = high
}
