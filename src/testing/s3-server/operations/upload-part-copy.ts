/** UploadPartCopy: a part made of an object that is there, or of a range of it (AWS: API_UploadPartCopy). */
import { receive } from '../body/receive.ts'
import { bucketOf, headerOf, type Call } from '../call.ts'
import { createDigest } from '../checksums/digest.ts'
import { checksumElement } from '../checksums/expectation.ts'
import { invalidArgument } from '../errors.ts'
import { quoteEtag, xmlAnswer, type Answer } from '../http/answer.ts'
import { element } from '../http/xml-writer.ts'
import { readBytes } from '../store/object-bytes.ts'
import type { ObjectRecord } from '../store/records.ts'
import { copySource, requireOneCopy } from './copy-source.ts'
import { requireCopyable } from './preconditions.ts'
import { encryptionHeader } from './put-object.ts'
import type { ByteRange } from './range.ts'
import { partNumberOf, uploadOf } from './upload-of.ts'

/**
 * 200 with the part's ETag. @throws S3Error NoSuchUpload, NoSuchKey, InvalidArgument, InvalidRequest,
 * PreconditionFailed
 */
export async function uploadPartCopy(call: Call): Promise<Answer> {
  const { catalog, now } = call.state
  const number = partNumberOf(call)
  const { record } = uploadOf(call)
  const source = copySource(call)
  requireCopyable(call, source)
  const { start, end } = rangeOf(call, source)
  const algorithm = record.checksum?.algorithm
  const digest = algorithm && createDigest(algorithm)
  const bytes = digested(readBytes(catalog, source.blobs, start, end), (chunk) => digest?.update(chunk))
  const { blob, md5, crc64 } = await receive(catalog.storage, bytes, {
    contentMd5: undefined,
    checksum: undefined,
  })
  const [etag, modifiedAt] = [md5.toString('hex'), now().getTime()]
  // Nobody sends one with a copy: S3 makes what was declared by itself.
  const checksum = algorithm && digest && { algorithm, value: digest.digest().toString('base64') }
  await catalog.savePart(bucketOf(call), {
    uploadId: record.id,
    number,
    etag,
    modifiedAt,
    blob,
    crc64,
    ...(checksum && { checksum }),
  })
  return xmlAnswer(
    element(
      'CopyPartResult',
      element('LastModified', new Date(modifiedAt).toISOString()),
      element('ETag', quoteEtag(etag)),
      checksum && element(checksumElement(checksum.algorithm), checksum.value),
    ),
    { headers: encryptionHeader },
  )
}

/** Both ends must be named, and be there. @throws S3Error InvalidArgument, InvalidRequest */
function rangeOf(call: Call, { size }: ObjectRecord): ByteRange {
  const header = headerOf(call, 'x-amz-copy-source-range')
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header ?? '') ?? []
  if (header !== undefined && (first === undefined || last === undefined || Number(last) < Number(first))) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    )
  }
  const [start, end] = header === undefined ? [0, size] : [Number(first), Number(last) + 1]
  if (end > size) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${size}`,
      'x-amz-copy-source-range',
      header ?? '',
    )
  }
  requireOneCopy(end - start)
  return { start, end }
}

async function* digested(
  chunks: AsyncIterable<Uint8Array>,
  look: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    look(chunk)
    yield chunk
  }
}
