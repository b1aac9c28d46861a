/** ListObjectsV2 (AWS: API_ListObjectsV2). */
import { bucketOf, owner, type Call } from '../call.ts'
import { invalidArgument } from '../errors.ts'
import { quoteEtag, xmlAnswer, type Answer } from '../http/answer.ts'
import { element, optional } from '../http/xml-writer.ts'
import type { ObjectRecord } from '../store/records.ts'
import { commonPrefix, compareKeys, countParameter, nameWriter } from './listing.ts'

/** A page of keys. @throws S3Error NoSuchBucket, InvalidArgument */
export function listObjects(call: Call): Promise<Answer> {
  const { catalog } = call.state
  const bucket = catalog.bucket(bucketOf(call))
  const { query } = call.request
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter')]
  const [startAfter, token] = [query.get('start-after'), query.get('continuation-token')]
  const maxKeys = countParameter(call, 'max-keys')
  const { encode, encodingType } = nameWriter(call)
  const after = token === undefined ? (startAfter ?? '') : readToken(token)

  const keys = [...bucket.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted(compareKeys)
  const contents: ObjectRecord[] = []
  const prefixes: string[] = []
  let last = after
  let isTruncated = false
  for (const key of keys) {
    const folded = commonPrefix(key, prefix, delimiter)
    const name = folded ?? key
    // A token names the last entry, which may be a folded prefix; start-after names a key.
    if (compareKeys(token === undefined ? key : name, after) <= 0) continue
    if (folded !== undefined && folded === prefixes.at(-1)) continue
    if (contents.length + prefixes.length >= maxKeys) {
      isTruncated = maxKeys > 0
      break
    }
    const object = bucket.objects.get(key)
    if (folded !== undefined) prefixes.push(folded)
    else if (object) contents.push(object)
    last = name
  }

  return Promise.resolve(
    xmlAnswer(
      element(
        'ListBucketResult',
        element('Name', bucket.record.name),
        element('Prefix', encode(prefix)),
        optional('Delimiter', delimiter === undefined ? undefined : encode(delimiter)),
        optional('StartAfter', startAfter === undefined ? undefined : encode(startAfter)),
        optional('ContinuationToken', token),
        optional('NextContinuationToken', isTruncated ? writeToken(last) : undefined),
        element('KeyCount', contents.length + prefixes.length),
        element('MaxKeys', maxKeys),
        optional('EncodingType', encodingType),
        element('IsTruncated', isTruncated),
        contents.map((object) =>
          element(
            'Contents',
            element('Key', encode(object.key)),
            element('LastModified', new Date(object.modifiedAt).toISOString()),
            element('ETag', quoteEtag(object.etag)),
            element('ChecksumAlgorithm', object.checksum.algorithm),
            element('ChecksumType', object.checksum.type),
            element('Size', object.size),
            query.get('fetch-owner') === 'true'
              ? element('Owner', element('ID', owner.id), element('DisplayName', owner.name))
              : undefined,
            element('StorageClass', object.attributes.storageClass),
          ),
        ),
        prefixes.map((one) => element('CommonPrefixes', element('Prefix', encode(one)))),
      ),
    ),
  )
}

function writeToken(last: string): string {
  return Buffer.from(last).toString('base64')
}

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString()
  if (token === '' || writeToken(text) !== token) {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token)
  }
  return text
}
