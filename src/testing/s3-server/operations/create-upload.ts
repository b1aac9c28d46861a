/** CreateMultipartUpload (AWS: API_CreateMultipartUpload). */
import { randomBytes } from 'node:crypto'

import { bucketOf, headerOf, keyOf, type Call } from '../call.ts'
import { S3Error } from '../errors.ts'
import { xmlAnswer, type Answer } from '../http/answer.ts'
import { element } from '../http/xml-writer.ts'
import { checksumAlgorithms, type UploadRecord } from '../store/records.ts'
import { encryptionHeader, headerAttributes, requireKey } from './put-object.ts'

let lastId = 0

/** 200 with the upload id. @throws S3Error NoSuchBucket, InvalidRequest, and what attributes bring */
export async function createUpload(call: Call): Promise<Answer> {
  const { catalog, now } = call.state
  const [bucket, key] = [bucketOf(call), keyOf(call)]
  catalog.bucket(bucket)
  requireKey(key)
  const attributes = headerAttributes(call)
  const checksum = checksumChoice(call)
  const id = newUploadId()
  await catalog.saveUpload({
    id,
    bucket,
    key,
    initiatedAt: now().getTime(),
    attributes,
    ...(checksum && { checksum }),
  })
  return xmlAnswer(
    element(
      'InitiateMultipartUploadResult',
      element('Bucket', bucket),
      element('Key', key),
      element('UploadId', id),
    ),
    {
      headers: {
        ...encryptionHeader,
        ...(checksum && {
          'x-amz-checksum-algorithm': checksum.algorithm,
          'x-amz-checksum-type': checksum.type,
        }),
      },
    },
  )
}

/**
 * ListMultipartUploads sorts uploads of one key by time and pages by id, so ids sort by time (by a real clock, which no
 * fault turns back).
 */
function newUploadId(): string {
  lastId = Math.max(lastId + 1, Date.now() * 1_000)
  return `${lastId.toString(36).padStart(11, '0')}${randomBytes(20).toString('hex')}`
}

/** @throws S3Error InvalidRequest where algorithm and type do not go together (AWS: checking-object-integrity-upload) */
function checksumChoice(call: Call): UploadRecord['checksum'] {
  const name = headerOf(call, 'x-amz-checksum-algorithm')?.toUpperCase()
  const given = headerOf(call, 'x-amz-checksum-type')?.toUpperCase()
  if (name === undefined) {
    if (given === undefined) return undefined
    throw invalid('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.')
  }
  const algorithm = checksumAlgorithms.find((one) => one === name)
  if (!algorithm) {
    throw invalid(
      `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${checksumAlgorithms.join(', ')}]`,
    )
  }
  const type = given ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE')
  if (type !== 'FULL_OBJECT' && type !== 'COMPOSITE')
    throw invalid('Value for x-amz-checksum-type header is invalid.')
  // CRCs of parts can be combined to that of the whole, digests cannot; and CRC64NVME is never composite.
  if (type === 'FULL_OBJECT' ? algorithm.startsWith('SHA') : algorithm === 'CRC64NVME') {
    throw invalid(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    )
  }
  return { algorithm, type }
}

function invalid(message: string): S3Error {
  return new S3Error('InvalidRequest', { message })
}
