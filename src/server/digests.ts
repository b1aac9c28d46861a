/**
 * Digests: which of them S3 is asked to check, and how it is told. A whole file's digest goes with its request. An upload
 * in parts names the algorithm when it begins, each part brings its own digest, and the end says how they make one
 * (AWS: checking-object-integrity-upload).
 */
import type { SignFile, WireChecksum, WireChecksumAlgorithm } from '../protocol/wire.ts'
import { Refused } from './admit.ts'
import type { StoreCapabilities } from './storage/capabilities.ts'

/** The digests that the parts of one upload bring. */
export interface PartDigests {
  readonly algorithm: WireChecksumAlgorithm
  /** S3 makes the digest of the whole object of them; else it keeps a digest of digests. */
  readonly whole: boolean
}

/** What is checked of a file in parts. */
export interface DigestPlan {
  /** Undefined: the parts bring none. */
  readonly parts: PartDigests | undefined
  /** Of the whole object, compared in the end. */
  readonly whole: WireChecksum | undefined
}

/**
 * @throws Refused for what the store does not check: passed over, it would be a false promise
 */
export function planDigests({ checksum, partChecksum }: SignFile, can: StoreCapabilities): DigestPlan {
  for (const algorithm of [checksum?.algorithm, partChecksum])
    if (algorithm && !can.checksums.includes(algorithm)) throw unchecked(algorithm)
  if (!partChecksum) {
    // S3 makes a CRC64NVME of the whole by itself. Told of another algorithm, it wants a digest with each part.
    if (!checksum || checksum.algorithm === 'crc64nvme') return { parts: undefined, whole: checksum }
    throw new Refused(
      'refused',
      'A file in parts is checked by the digests of its parts, or by a CRC64NVME of the whole. Send one of those, or no checksum.',
    )
  }
  const parts = { algorithm: partChecksum, whole: can.fullChecksums.includes(partChecksum) }
  if (checksum && checksum.algorithm !== partChecksum)
    throw new Refused('refused', 'The file and its parts must have checksums of the same algorithm.')
  // Of SHA-256, S3 keeps a digest of digests: every byte is checked by its part's, the whole's is of no use.
  return { parts, whole: parts.whole ? checksum : undefined }
}

/** @throws Refused where a file as a whole comes with a digest that the store does not check */
export function requireChecked(checksum: WireChecksum | undefined, can: StoreCapabilities): void {
  if (checksum && !can.checksums.includes(checksum.algorithm)) throw unchecked(checksum.algorithm)
}

const unchecked = (algorithm: string): Refused =>
  new Refused('refused', `The store does not check ${algorithm}. Send no checksum.`)

/** A digest as S3 wants to be told it with the bytes. */
export function checksumHeaders({ algorithm, value }: WireChecksum): [name: string, value: string][] {
  return [
    ['x-amz-checksum-algorithm', algorithm.toUpperCase()],
    [`x-amz-checksum-${algorithm}`, value],
  ]
}

/** What CreateMultipartUpload is told. */
export function beginHeaders(parts: PartDigests | undefined): [name: string, value: string][] {
  if (!parts) return []
  return [['x-amz-checksum-algorithm', parts.algorithm.toUpperCase()], typeHeader(parts)]
}

/** What CompleteMultipartUpload is told. */
export function completeHeaders(
  parts: PartDigests | undefined,
  whole: WireChecksum | undefined,
): [name: string, value: string][] {
  if (!parts) return []
  const digest = whole ? checksumHeaders(whole).slice(1) : []
  return [typeHeader(parts), ...digest]
}

const typeHeader = ({ whole }: PartDigests): [name: string, value: string] => [
  'x-amz-checksum-type',
  whole ? 'FULL_OBJECT' : 'COMPOSITE',
]
