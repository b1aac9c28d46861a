/** PUT of an object, header-signed or presigned (AWS: API_PutObject). */
import { openPayload } from '../body/payload.ts'
import { receive, type Received } from '../body/receive.ts'
import { bucketOf, headerOf, headersWithPrefix, keyOf, type Call } from '../call.ts'
import { checksumHeader, expectedChecksum } from '../checksums/expectation.ts'
import { S3Error } from '../errors.ts'
import { emptyAnswer, quoteEtag, type Answer } from '../http/answer.ts'
import type { Checksum, ObjectAttributes } from '../store/records.ts'
import { readAttributes } from './attributes.ts'
import { writeCondition } from './preconditions.ts'
import { parseTagHeader } from './tags.ts'

/**
 * 200 with ETag and checksum. @throws S3Error NoSuchBucket, PreconditionFailed, BadDigest, InvalidDigest,
 * and what attributes and bodies bring
 */
export async function putObject(call: Call): Promise<Answer> {
  const { catalog, now } = call.state
  const [bucket, key] = [bucketOf(call), keyOf(call)]
  catalog.bucket(bucket)
  requireKey(key)
  const attributes = headerAttributes(call)
  const allow = writeCondition(call)
  // S3 looks once before it takes the bytes, and again when it has them.
  allow(catalog.bucket(bucket).objects.get(key))
  const received = await receiveBody(call)
  const checksum = checksumOf(received)
  const etag = received.md5.toString('hex')
  const { blob } = received
  const modifiedAt = now().getTime()
  await catalog.putObject(
    { bucket, key, size: blob.size, etag, modifiedAt, attributes, checksum, blobs: [blob] },
    allow,
  )
  return emptyAnswer(200, { etag: quoteEtag(etag), ...checksumHeaders(checksum), ...encryptionHeader })
}

/** S3 encrypts all there is with its own keys, and says so. */
export const encryptionHeader: Readonly<Record<string, string>> = { 'x-amz-server-side-encryption': 'AES256' }

/** Reads the body into the store, checked by what the headers promise. */
export async function receiveBody(call: Call): Promise<Received> {
  const lookup = (name: string) => headerOf(call, name)
  const names = headersWithPrefix(call, 'x-amz-checksum-').map(([name]) => `x-amz-checksum-${name}`)
  const checksum = expectedChecksum(names, lookup)
  const payload = openPayload(call)
  return receive(call.state.catalog.storage, payload.bytes, {
    contentMd5: lookup('content-md5'),
    checksum,
    ...(checksum && { trailer: () => payload.trailers.values.get(checksumHeader(checksum.algorithm)) }),
    allow: () => requireAnnounced(call, payload.trailers.values),
    alter: call.alter,
  })
}

/** Of an object written in one piece: the one that was sent, else CRC64NVME, which S3 computes by itself. */
export function checksumOf({ checksum, crc64 }: Received): Checksum {
  return { algorithm: 'CRC64NVME', value: crc64, ...checksum, type: 'FULL_OBJECT' }
}

/** As headers of an answer. */
export function checksumHeaders({ algorithm, type, value }: Checksum): Record<string, string> {
  return { [checksumHeader(algorithm)]: value, 'x-amz-checksum-type': type }
}

/** Attributes from a request's headers. */
export function headerAttributes(call: Call): ObjectAttributes {
  return readAttributes({
    get: (name) => headerOf(call, name),
    metadata: headersWithPrefix(call, 'x-amz-meta-'),
    tags: parseTagHeader(headerOf(call, 'x-amz-tagging')),
    keepsAcls: call.state.unsignedHeaders !== 'refused',
  })
}

/** @throws S3Error KeyTooLongError beyond 1,024 bytes, InvalidURI where `..` leads out (AWS: object-keys) */
export function requireKey(key: string): void {
  let depth = 0
  for (const segment of key.split('/')) {
    depth += segment === '..' ? -1 : 1
    if (depth < 0) throw new S3Error('InvalidURI')
  }
  const size = Buffer.byteLength(key)
  if (size > 1_024) {
    throw new S3Error('KeyTooLongError', {
      fields: [
        ['Size', String(size)],
        ['MaxSizeAllowed', '1024'],
      ],
    })
  }
}

/** Trailers must be the announced one, and nothing else. */
function requireAnnounced(call: Call, trailers: ReadonlyMap<string, string>): void {
  const announced = headerOf(call, 'x-amz-trailer')?.trim().toLowerCase()
  const names = [...trailers.keys()]
  if (announced === undefined ? names.length > 0 : names.length !== 1 || names[0] !== announced) {
    throw new S3Error('InvalidRequest', { message: 'The trailer does not match the x-amz-trailer header' })
  }
}
