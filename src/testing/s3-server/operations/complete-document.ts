/** The list of parts that completes an upload: read, and compared with the parts that are there. */
import { checksumElement } from '../checksums/expectation.ts'
import { S3Error } from '../errors.ts'
import { allowOnly, childrenOf, readXml, textOf } from '../http/xml-reader.ts'
import type { Upload } from '../store/catalog.ts'
import { checksumAlgorithms, type ChecksumAlgorithm, type PartRecord } from '../store/records.ts'

/** One line of the list. */
export interface ListedPart {
  readonly number: number
  /** Without quotes: clients send both. */
  readonly etag: string
  readonly checksums: ReadonlyMap<ChecksumAlgorithm, string>
}

const maxParts = 10_000
/** Every part but the last (AWS: qfacts). */
const minPartSize = 5 * 1024 ** 2

/** @throws S3Error MalformedXML */
export function parseCompletion(text: string): ListedPart[] {
  const root = readXml(text, 'CompleteMultipartUpload')
  allowOnly(root, 'Part')
  const parts = childrenOf(root, 'Part').map((part): ListedPart => {
    const [number, etag] = [textOf(part, 'PartNumber'), textOf(part, 'ETag')]
    if (number === undefined || etag === undefined || !/^\s*\d{1,5}\s*$/.test(number)) {
      throw new S3Error('MalformedXML')
    }
    const checksums = new Map<ChecksumAlgorithm, string>()
    for (const algorithm of checksumAlgorithms) {
      const value = textOf(part, checksumElement(algorithm))
      if (value !== undefined) checksums.set(algorithm, value)
    }
    return { number: Number(number), etag: etag.trim().replace(/^"(.*)"$/, '$1'), checksums }
  })
  if (parts.length === 0 || parts.length > maxParts) throw new S3Error('MalformedXML')
  return parts
}

/**
 * The parts that make the object.
 * @param sameSize R2 wants all parts but the last to be of one size, and says so here
 * @throws S3Error InvalidPartOrder, InvalidPart, InvalidRequest (a composite upload's part without checksum),
 * EntityTooSmall, InternalError (composite, with gaps: S3's own answer, AWS: mpuoverview#mpuchecksums)
 */
export function selectParts(upload: Upload, listed: readonly ListedPart[], sameSize: boolean): PartRecord[] {
  for (const [at, { number }] of listed.entries()) {
    if (at > 0 && number <= (listed[at - 1]?.number ?? 0)) {
      throw new S3Error('InvalidPartOrder', { fields: [['UploadId', upload.record.id]] })
    }
  }
  const parts = listed.map((one) => selectPart(upload, one))
  const composite = upload.record.checksum?.type === 'COMPOSITE'
  if (composite && parts.some(({ number }, at) => number !== at + 1)) throw new S3Error('InternalError')
  for (const part of parts.slice(0, -1)) {
    if (part.blob.size < minPartSize) {
      throw new S3Error('EntityTooSmall', {
        fields: [
          ['ProposedSize', String(part.blob.size)],
          ['MinSizeAllowed', String(minPartSize)],
          ['PartNumber', String(part.number)],
          ['ETag', part.etag],
        ],
      })
    }
    if (sameSize && part.blob.size !== parts[0]?.blob.size) {
      throw new S3Error('InvalidPart', { message: 'All non-trailing parts must have the same length.' })
    }
  }
  if (sameSize && (parts.at(-1)?.blob.size ?? 0) > (parts[0]?.blob.size ?? 0)) {
    throw new S3Error('InvalidPart', { message: 'All non-trailing parts must have the same length.' })
  }
  return parts
}

function selectPart(upload: Upload, { number, etag, checksums }: ListedPart): PartRecord {
  const part = upload.parts.get(number)
  const agrees =
    part?.etag === etag &&
    [...checksums].every(
      ([algorithm, value]) => part.checksum?.algorithm === algorithm && part.checksum.value === value,
    )
  if (!part || !agrees) {
    throw new S3Error('InvalidPart', {
      fields: [
        ['UploadId', upload.record.id],
        ['PartNumber', String(number)],
        ['ETag', etag],
      ],
    })
  }
  const { checksum } = upload.record
  if (checksum?.type === 'COMPOSITE' && !checksums.has(checksum.algorithm)) {
    throw new S3Error('InvalidRequest', {
      message: `The upload was created using a ${checksum.algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
    })
  }
  return part
}
