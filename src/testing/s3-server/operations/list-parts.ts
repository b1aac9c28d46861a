/** ListParts (AWS: API_ListParts). */
import { owner, type Call } from '../call.ts'
import { checksumElement } from '../checksums/expectation.ts'
import { invalidArgument } from '../errors.ts'
import { quoteEtag, xmlAnswer, type Answer } from '../http/answer.ts'
import { element, optional } from '../http/xml-writer.ts'
import { countParameter, nameWriter } from './listing.ts'
import { uploadOf } from './upload-of.ts'

/** A page of parts, by number. @throws S3Error NoSuchUpload, InvalidArgument */
export function listParts(call: Call): Promise<Answer> {
  const { record, parts } = uploadOf(call)
  const maxParts = countParameter(call, 'max-parts')
  const marker = markerOf(call)
  const { encode } = nameWriter(call)
  const later = [...parts.values()]
    .filter(({ number }) => number > marker)
    .toSorted((a, b) => a.number - b.number)
  const page = later.slice(0, maxParts)
  const account = [element('ID', owner.id), element('DisplayName', owner.name)]
  return Promise.resolve(
    xmlAnswer(
      element(
        'ListPartsResult',
        element('Bucket', record.bucket),
        element('Key', encode(record.key)),
        element('UploadId', record.id),
        element('Initiator', account),
        element('Owner', account),
        element('StorageClass', record.attributes.storageClass),
        optional('ChecksumAlgorithm', record.checksum?.algorithm),
        optional('ChecksumType', record.checksum?.type),
        element('PartNumberMarker', marker),
        element('NextPartNumberMarker', page.at(-1)?.number ?? marker),
        element('MaxParts', maxParts),
        element('IsTruncated', later.length > page.length),
        page.map((part) =>
          element(
            'Part',
            element('PartNumber', part.number),
            element('LastModified', new Date(part.modifiedAt).toISOString()),
            element('ETag', quoteEtag(part.etag)),
            element('Size', part.blob.size),
            part.checksum && element(checksumElement(part.checksum.algorithm), part.checksum.value),
          ),
        ),
      ),
    ),
  )
}

function markerOf(call: Call): number {
  const text = call.request.query.get('part-number-marker')
  if (text === undefined || text === '') return 0
  if (!/^\d{1,10}$/.test(text)) {
    throw invalidArgument(
      'Argument part-number-marker must be an integer between 0 and 2147483647',
      'part-number-marker',
      text,
    )
  }
  return Number(text)
}
