/**
 * The hashes in WebAssembly. A module of its own, so that `import()` of it is what loads them: bundlers drop the rest
 * of the library only from a module that names what it takes.
 */
import { createCRC32, createCRC64, createSHA256 } from 'hash-wasm'
import type { IHasher } from 'hash-wasm'

import type { ChecksumAlgorithm } from '../ports.ts'
import type { Hasher } from './crc.ts'

/** Starts one digest. Rejects where WebAssembly is missing, or blocked by the page's policy. */
export async function wasmHasher(algorithm: ChecksumAlgorithm): Promise<Hasher> {
  const hash = await creators[algorithm]()
  hash.init()
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => hash.digest('binary'),
  }
}

const creators: Readonly<Record<ChecksumAlgorithm, () => Promise<IHasher>>> = {
  crc32: () => createCRC32(),
  // Castagnoli's polynomial and NVMe's, reflected; the library's own CRC-64 is another one (FACTS 3.5).
  crc32c: () => createCRC32(0x82f63b78),
  crc64nvme: () => createCRC64('9a6c9329ac4bc9b5'),
  sha256: () => createSHA256(),
}
