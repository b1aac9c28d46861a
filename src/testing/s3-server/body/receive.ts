/** Takes bytes into the store while their checksums run along, and keeps them only if all is well. */
import { createDigest, type Digest } from '../checksums/digest.ts'
import { requireDigest, requireSame, type ExpectedChecksum } from '../checksums/expectation.ts'
import type { BlobRef, ChecksumAlgorithm } from '../store/records.ts'
import type { Storage } from '../store/storage.ts'

/** Bytes that have arrived, whole and as promised. */
export interface Received {
  readonly blob: BlobRef
  readonly md5: Buffer
  /** In base64. */
  readonly crc64: string
  /** The promised one, if any. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string }
}

/** What is promised, and who looks on. */
export interface ReceiveOptions {
  readonly contentMd5: string | undefined
  readonly checksum: ExpectedChecksum | undefined
  /** The checksum's value where it came as a trailer; asked when all bytes are there. */
  readonly trailer?: () => string | undefined
  /** Last word when all bytes are there, before they become a blob. Throws to refuse. */
  readonly allow?: (size: number) => void
  /** What is stored instead of what came: faults stand here. */
  readonly alter?: ((chunk: Uint8Array, before: number) => Uint8Array) | undefined
}

/** @throws what the source throws, and S3Error BadDigest, InvalidDigest; then nothing is kept */
export async function receive(
  storage: Storage,
  source: AsyncIterable<Uint8Array>,
  options: ReceiveOptions,
): Promise<Received> {
  const { contentMd5, checksum, alter } = options
  if (contentMd5 !== undefined) requireDigest(contentMd5, 'MD5', 'Content-MD5')
  const digests = new Map<ChecksumAlgorithm | 'MD5', Digest>()
  for (const name of ['MD5', 'CRC64NVME', ...(checksum ? [checksum.algorithm] : [])] as const) {
    digests.set(name, createDigest(name))
  }
  const writer = await storage.createBlob()
  try {
    let size = 0
    for await (const chunk of source) {
      for (const digest of digests.values()) digest.update(chunk)
      await writer.write(alter ? alter(chunk, size) : chunk)
      size += chunk.length
    }
    const values = new Map([...digests].map(([name, digest]) => [name, digest.digest()]))
    const md5 = values.get('MD5') ?? Buffer.alloc(0)
    const base64 = (name: ChecksumAlgorithm) => values.get(name)?.toString('base64') ?? ''
    if (contentMd5 !== undefined) requireSame('MD5', contentMd5, md5.toString('base64'))
    if (checksum) {
      const expected = checksum.value ?? options.trailer?.() ?? ''
      requireDigest(expected, checksum.algorithm, `x-amz-checksum-${checksum.algorithm.toLowerCase()}`)
      requireSame(checksum.algorithm, expected, base64(checksum.algorithm))
    }
    options.allow?.(size)
    const blob = await writer.finish()
    return {
      blob,
      md5,
      crc64: base64('CRC64NVME'),
      ...(checksum && { checksum: { algorithm: checksum.algorithm, value: base64(checksum.algorithm) } }),
    }
  } catch (error) {
    await writer.discard()
    throw error
  }
}
