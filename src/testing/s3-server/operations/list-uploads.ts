/** ListMultipartUploads (AWS: API_ListMultipartUploads). */
import { bucketOf, owner, type Call } from '../call.ts'
import { xmlAnswer, type Answer } from '../http/answer.ts'
import { element, optional } from '../http/xml-writer.ts'
import type { UploadRecord } from '../store/records.ts'
import { commonPrefix, compareKeys, countParameter, nameWriter } from './listing.ts'

/** A page of uploads, by key and then by time. @throws S3Error NoSuchBucket, InvalidArgument */
export function listUploads(call: Call): Promise<Answer> {
  const bucket = call.state.catalog.bucket(bucketOf(call))
  const { query } = call.request
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter')]
  const keyMarker = query.get('key-marker') ?? ''
  const idMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '') // ignored without the other
  const maxUploads = countParameter(call, 'max-uploads')
  const { encode, encodingType } = nameWriter(call)

  const sorted = [...bucket.uploads.values()]
    .map(({ record }) => record)
    .filter(({ key }) => key.startsWith(prefix))
    .toSorted((a, b) => compareKeys(a.key, b.key) || compareKeys(a.id, b.id))
  const uploads: UploadRecord[] = []
  const prefixes: string[] = []
  let [nextKey, nextId] = [keyMarker, idMarker]
  let isTruncated = false
  for (const upload of sorted) {
    const folded = commonPrefix(upload.key, prefix, delimiter)
    const name = folded ?? upload.key
    const order = compareKeys(name, keyMarker)
    if (order < 0 || (order === 0 && (folded !== undefined || idMarker === '' || upload.id <= idMarker)))
      continue
    if (folded !== undefined && folded === prefixes.at(-1)) continue
    if (uploads.length + prefixes.length >= maxUploads) {
      isTruncated = maxUploads > 0
      break
    }
    if (folded === undefined) uploads.push(upload)
    else prefixes.push(folded)
    ;[nextKey, nextId] = [name, folded === undefined ? upload.id : '']
  }

  const account = [element('ID', owner.id), element('DisplayName', owner.name)]
  return Promise.resolve(
    xmlAnswer(
      element(
        'ListMultipartUploadsResult',
        element('Bucket', bucket.record.name),
        element('KeyMarker', encode(keyMarker)),
        element('UploadIdMarker', idMarker),
        optional('NextKeyMarker', isTruncated ? encode(nextKey) : undefined),
        optional('NextUploadIdMarker', isTruncated ? nextId : undefined),
        optional('Delimiter', delimiter === undefined ? undefined : encode(delimiter)),
        element('Prefix', encode(prefix)),
        optional('EncodingType', encodingType),
        element('MaxUploads', maxUploads),
        element('IsTruncated', isTruncated),
        uploads.map((upload) =>
          element(
            'Upload',
            element('Key', encode(upload.key)),
            element('UploadId', upload.id),
            element('Initiator', account),
            element('Owner', account),
            element('StorageClass', upload.attributes.storageClass),
            element('Initiated', new Date(upload.initiatedAt).toISOString()),
            optional('ChecksumAlgorithm', upload.checksum?.algorithm),
            optional('ChecksumType', upload.checksum?.type),
          ),
        ),
        prefixes.map((one) => element('CommonPrefixes', element('Prefix', encode(one)))),
      ),
    ),
  )
}
