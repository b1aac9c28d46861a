/** Running checksums, by S3's names for them. */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

import type { ChecksumAlgorithm } from '../store/records.ts'
import { crc32c, crc64Nvme } from './crc-tables.ts'

/** Fed with bytes, asked once at the end. */
export interface Digest {
  update(chunk: Uint8Array): void
  /** The digest's bytes, big-endian. */
  digest(): Buffer
}

/** A new digest. */
export function createDigest(algorithm: ChecksumAlgorithm | 'MD5'): Digest {
  switch (algorithm) {
    case 'CRC32': {
      let crc = 0
      return {
        update(chunk) {
          crc = crc32(chunk, crc)
        },
        digest() {
          const bytes = Buffer.alloc(4)
          bytes.writeUInt32BE(crc >>> 0)
          return bytes
        },
      }
    }
    case 'CRC32C':
      return crc32c()
    case 'CRC64NVME':
      return crc64Nvme()
    case 'SHA1':
    case 'SHA256':
    case 'MD5': {
      const hash = createHash(algorithm.toLowerCase())
      return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() }
    }
  }
}

/** Bytes of each digest. */
export const digestLength: Readonly<Record<ChecksumAlgorithm | 'MD5', number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
  MD5: 16,
}
