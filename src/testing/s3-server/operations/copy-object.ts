/** CopyObject: new metadata, new place, the same bytes (AWS: API_CopyObject). */
import { requireActions } from '../auth/permissions.ts'
import { bucketOf, headerOf, keyOf, type Call } from '../call.ts'
import { createDigest } from '../checksums/digest.ts'
import { checksumElement } from '../checksums/expectation.ts'
import { invalidArgument, notImplemented, S3Error } from '../errors.ts'
import { quoteEtag, xmlAnswer, type Answer } from '../http/answer.ts'
import { element } from '../http/xml-writer.ts'
import { readBytes } from '../store/object-bytes.ts'
import {
  checksumAlgorithms,
  type Checksum,
  type ObjectAttributes,
  type ObjectRecord,
} from '../store/records.ts'
import { copySource, requireOneCopy } from './copy-source.ts'
import { requireCopyable, writeCondition } from './preconditions.ts'
import { encryptionHeader, headerAttributes, requireKey } from './put-object.ts'

/**
 * 200 with the copy. @throws S3Error NoSuchBucket, NoSuchKey, InvalidArgument, InvalidRequest,
 * PreconditionFailed
 */
export async function copyObject(call: Call): Promise<Answer> {
  const { catalog, now } = call.state
  const [bucket, key] = [bucketOf(call), keyOf(call)]
  catalog.bucket(bucket)
  requireKey(key)
  const allow = writeCondition(call)
  const source = copySource(call)
  requireOneCopy(source.size)
  requireCopyable(call, source)
  const attributes = copiedAttributes(call, source)
  if (source.attributes.tags.length > 0 && attributes.tags === source.attributes.tags)
    requireActions(call.caller.actions, ['s3:GetObjectTagging', 's3:PutObjectTagging'])
  for (const { id } of source.blobs) catalog.blobs.retain(id)
  try {
    const { etag, checksum } = await describe(call, source)
    const modifiedAt = now().getTime()
    const { size, blobs } = source // the bytes are shared, not copied
    await catalog.putObject({ bucket, key, size, etag, modifiedAt, attributes, checksum, blobs }, allow)
    return xmlAnswer(
      element(
        'CopyObjectResult',
        element('LastModified', new Date(modifiedAt).toISOString()),
        element('ETag', quoteEtag(etag)),
        element('ChecksumType', checksum.type),
        element(checksumElement(checksum.algorithm), checksum.value),
      ),
      { headers: encryptionHeader },
    )
  } finally {
    for (const { id } of source.blobs) await catalog.blobs.release(id)
  }
}

function copiedAttributes(call: Call, source: ObjectRecord): ObjectAttributes {
  const own = headerAttributes(call)
  const replaces = directive(call, 'x-amz-metadata-directive') === 'REPLACE'
  const replacesTags = directive(call, 'x-amz-tagging-directive') === 'REPLACE'
  const toItself = source.bucket === bucketOf(call) && source.key === keyOf(call)
  const sameClass = own.storageClass === source.attributes.storageClass
  if (toItself && !replaces && sameClass && own.websiteRedirect === undefined) {
    throw new S3Error('InvalidRequest', {
      message:
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    })
  }
  // The storage class, the website's redirect and the ACL are never copied.
  const { websiteRedirect: _, acl: __, ...copied } = source.attributes
  return {
    ...(replaces
      ? own
      : { ...copied, ...(own.websiteRedirect !== undefined && { websiteRedirect: own.websiteRedirect }) }),
    storageClass: own.storageClass,
    ...(own.acl && { acl: own.acl }),
    tags: replacesTags ? own.tags : source.attributes.tags,
  }
}

function directive(call: Call, name: string): 'COPY' | 'REPLACE' {
  const value = headerOf(call, name) ?? 'COPY'
  if (value === 'COPY' || value === 'REPLACE') return value
  throw invalidArgument(`Unknown ${name.slice('x-amz-'.length).replace('-', ' ')}.`, name, value)
}

/** A copy is one piece: its ETag is the MD5 of the whole, its checksum is of the whole, whatever the source had. */
async function describe(call: Call, source: ObjectRecord): Promise<{ etag: string; checksum: Checksum }> {
  const asked = headerOf(call, 'x-amz-checksum-algorithm')
  const algorithm =
    asked === undefined
      ? source.checksum.algorithm
      : checksumAlgorithms.find((one) => one === asked.toUpperCase())
  if (!algorithm) throw notImplemented('x-amz-checksum-algorithm')
  const whole = !source.etag.includes('-')
  if (whole && source.checksum.type === 'FULL_OBJECT' && algorithm === source.checksum.algorithm) {
    return { etag: source.etag, checksum: source.checksum }
  }
  const [md5, digest] = [createDigest('MD5'), createDigest(algorithm)]
  for await (const chunk of readBytes(call.state.catalog, source.blobs, 0, source.size)) {
    md5.update(chunk)
    digest.update(chunk)
  }
  return {
    etag: md5.digest().toString('hex'),
    checksum: { algorithm, type: 'FULL_OBJECT', value: digest.digest().toString('base64') },
  }
}
