/** Requests whose body is a document must come with its checksum: Content-MD5 or one of the newer ones. */
import { headerOf, headersWithPrefix, type Call } from '../call.ts'
import { createDigest } from '../checksums/digest.ts'
import { expectedChecksum, requireDigest, requireSame } from '../checksums/expectation.ts'
import { S3Error } from '../errors.ts'
import type { ChecksumAlgorithm } from '../store/records.ts'

/** @throws S3Error InvalidRequest if there is none (AWS: API_PutBucketCors), BadDigest, InvalidDigest */
export function requireBodyChecksum(call: Call, bytes: Uint8Array): void {
  const md5 = headerOf(call, 'content-md5')
  const names = headersWithPrefix(call, 'x-amz-checksum-').map(([name]) => `x-amz-checksum-${name}`)
  const checksum = expectedChecksum(names, (name) => headerOf(call, name))
  if (md5 === undefined && checksum?.value === undefined) {
    throw new S3Error('InvalidRequest', { message: 'Missing required header for this request: Content-MD5' })
  }
  if (md5 !== undefined) {
    requireDigest(md5, 'MD5', 'Content-MD5')
    requireSame('MD5', md5, digestOf('MD5', bytes))
  }
  if (checksum?.value !== undefined) {
    requireSame(checksum.algorithm, checksum.value, digestOf(checksum.algorithm, bytes))
  }
}

function digestOf(algorithm: ChecksumAlgorithm | 'MD5', bytes: Uint8Array): string {
  const digest = createDigest(algorithm)
  digest.update(bytes)
  return digest.digest().toString('base64')
}
