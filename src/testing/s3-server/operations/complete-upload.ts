/** CompleteMultipartUpload (AWS: API_CompleteMultipartUpload). */
import { createHash } from 'node:crypto'

import { readText } from '../body/payload.ts'
import { bucketOf, headerOf, headersWithPrefix, keyOf, type Call } from '../call.ts'
import { combineCrcs } from '../checksums/crc-combine.ts'
import { createDigest } from '../checksums/digest.ts'
import { checksumElement, requireSame } from '../checksums/expectation.ts'
import { S3Error } from '../errors.ts'
import { quoteEtag, xmlAnswer, type Answer } from '../http/answer.ts'
import { element } from '../http/xml-writer.ts'
import { checksumAlgorithms, type Checksum, type PartRecord, type UploadRecord } from '../store/records.ts'
import { parseCompletion, selectParts } from './complete-document.ts'
import { objectUrl } from './post-answer.ts'
import { writeCondition } from './preconditions.ts'
import { encryptionHeader } from './put-object.ts'
import { uploadOf } from './upload-of.ts'

/** 10,000 parts with ETag and checksum are some 2 MiB. */
const maxDocument = 4 * 1024 ** 2

/**
 * 200 with the new object. @throws S3Error NoSuchUpload, MalformedXML, InvalidPart, InvalidPartOrder,
 * EntityTooSmall, BadDigest, PreconditionFailed; the upload then stays as it was
 */
export async function completeUpload(call: Call): Promise<Answer> {
  const { catalog, dialect } = call.state
  const [bucket, key] = [bucketOf(call), keyOf(call)]
  const { id } = uploadOf(call).record
  const allow = writeCondition(call)
  const { text } = await readText(call, maxDocument)
  const listed = parseCompletion(text)
  return catalog.withUpload(id, async () => {
    const upload = uploadOf(call) // it may have ended while this waited
    const { record } = upload
    const parts = selectParts(upload, listed, dialect === 'r2')
    const size = parts.reduce((sum, { blob }) => sum + blob.size, 0)
    requireSize(call, size)
    const checksum = checksumOfParts(record, parts)
    requirePromised(call, record, checksum)
    const etag = etagOfParts(parts)
    await catalog.putObject(
      {
        bucket,
        key,
        size,
        etag,
        // "For multipart uploads, the object creation date is the date of initiation" (AWS: UsingMetadata).
        modifiedAt: record.initiatedAt,
        attributes: record.attributes,
        checksum,
        blobs: parts.map(({ blob }) => blob),
        parts: parts.map((part, at) => ({
          number: at + 1,
          size: part.blob.size,
          ...(part.checksum && { checksum: part.checksum.value }),
        })),
      },
      allow,
    )
    await catalog.deleteUpload(bucket, id)
    return xmlAnswer(
      element(
        'CompleteMultipartUploadResult',
        element('Location', objectUrl(call.request, bucket, key)),
        element('Bucket', bucket),
        element('Key', key),
        element('ETag', quoteEtag(etag)),
        element(checksumElement(checksum.algorithm), checksum.value),
        element('ChecksumType', checksum.type),
      ),
      { headers: encryptionHeader },
    )
  })
}

/** MD5 of the parts' MD5s, and how many they are (AWS: checking-object-integrity-upload). */
function etagOfParts(parts: readonly PartRecord[]): string {
  const hash = createHash('md5')
  for (const { etag } of parts) hash.update(etag, 'hex')
  return `${hash.digest('hex')}-${parts.length}`
}

function checksumOfParts({ checksum }: UploadRecord, parts: readonly PartRecord[]): Checksum {
  const values = parts.map(({ checksum: own, crc64, blob }) => ({
    crc: Buffer.from(checksum ? (own?.value ?? '') : crc64, 'base64'),
    size: blob.size,
  }))
  const { algorithm, type } = checksum ?? { algorithm: 'CRC64NVME', type: 'FULL_OBJECT' }
  if (type === 'FULL_OBJECT' && algorithm !== 'SHA1' && algorithm !== 'SHA256') {
    return { algorithm, type, value: combineCrcs(algorithm, values).toString('base64') }
  }
  const digest = createDigest(algorithm)
  for (const { crc } of values) digest.update(crc)
  return { algorithm, type, value: `${digest.digest().toString('base64')}-${parts.length}` }
}

/** `x-amz-mp-object-size`: protects against a part lost or doubled. @throws S3Error InvalidRequest */
function requireSize(call: Call, size: number): void {
  const promised = headerOf(call, 'x-amz-mp-object-size')
  if (promised === undefined || promised === String(size)) return
  throw new S3Error('InvalidRequest', {
    message: `The provided 'x-amz-mp-object-size' header value ${promised} does not match what was computed: ${size}`,
  })
}

/**
 * The whole object's checksum in the headers. Without an algorithm chosen at creation, S3 takes the older ones and
 * looks at none of them; CRC64NVME, which it computes anyway, is compared.
 */
function requirePromised(call: Call, { checksum: chosen }: UploadRecord, checksum: Checksum): void {
  const type = headerOf(call, 'x-amz-checksum-type')
  if (type !== undefined && type !== checksum.type) {
    throw new S3Error('BadDigest', {
      message: `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    })
  }
  for (const [name, value] of headersWithPrefix(call, 'x-amz-checksum-')) {
    const algorithm = checksumAlgorithms.find((one) => one.toLowerCase() === name)
    if (!algorithm) {
      if (name === 'type' || name === 'algorithm') continue
      throw new S3Error('NotImplemented', { fields: [['Header', `x-amz-checksum-${name}`]] })
    }
    if (algorithm === checksum.algorithm) requireSame(algorithm, value, checksum.value)
    else if (chosen) {
      throw new S3Error('BadDigest', {
        message: `The upload was created using a ${chosen.algorithm} checksum.`,
      })
    }
  }
}
