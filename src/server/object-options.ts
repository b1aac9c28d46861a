import type { WireEntries } from '../protocol/wire.ts'
/** What an object is stored with, beside its type: headers and form fields that every way of sending signs. */
import { taggingXml } from '../s3/xml.ts'
import { encodeMetadata } from './metadata.ts'

/** Options of a stored object. */
export interface ObjectOptions {
  /** Such as `public, max-age=31536000, immutable`. Default none. */
  readonly cacheControl?: string
  /** In place of the route's own `attachment` or `inline` with the file's name. Anything but `attachment` is up to you. */
  readonly contentDisposition?: string
  /** Such as `gzip`, where the files come compressed. Default none. */
  readonly contentEncoding?: string
  /** Such as `STANDARD_IA`. R2, B2 and MinIO know few, and others are refused at start. Default: the bucket's. */
  readonly storageClass?: string
  /** Encryption by S3's own key, or by one of KMS. R2 takes none of them, B2 `AES256`. Default: the bucket's. */
  readonly sse?: 'AES256' | { readonly kmsKeyId: string }
  /** At most 10, of at most 128 and 256 characters. Default none. */
  readonly tags?: Readonly<Record<string, string>>
  /** Kept with the object as `x-amz-meta-*`, in any script: see {@link encodeMetadata}. At most 2 kB in all. Default none. */
  readonly metadata?: Readonly<Record<string, string>>
  /**
   * An ACL such as `public-read`. Buckets made since 2023 refuse it (Object Ownership); R2 and MinIO have none. Default
   * none.
   */
  readonly acl?: string
  /**
   * `If-None-Match: *`: S3 refuses to replace an object. Only PUT and parts can say so; forms cannot, and are not used.
   * Default false.
   */
  readonly createOnly?: boolean
}

/**
 * The metadata header that holds an upload's UUID. It is signed with the grant and stored with the object, so that the
 * signer knows whose object it is.
 */
export const uploadMark = 'x-amz-meta-upload-id'

/** The header that holds an object's tags. */
export const tagging = 'x-amz-tagging'

const metadataLimit = 2048
// Of a header's name (RFC 9110, section 5.6.2), less `$`, which has a meaning in POST policies.
const token = /^[A-Za-z0-9!#%&'*+.^_`|~-]+$/

/**
 * The headers of PUT and CreateMultipartUpload, but for the metadata: see {@link metadataHeaders}.
 * @throws TypeError for what S3 would refuse or no header can hold
 */
export function objectHeaders(options: ObjectOptions): [name: string, value: string][] {
  const { cacheControl, contentDisposition, contentEncoding, storageClass, sse, tags = {}, acl } = options
  const headers: [string, string][] = []
  const put = (name: string, value: string | undefined): void => {
    if (value === undefined) return
    requireHeader(name, value)
    headers.push([name, value])
  }
  // Its place is taken by the route's own where it is missing.
  if (contentDisposition !== undefined) requireHeader('content-disposition', contentDisposition)
  // S3 takes it for the framing of a body, and does not keep it.
  if (contentEncoding !== undefined && /aws-chunked/i.test(contentEncoding))
    throw new TypeError('object: content-encoding must not be aws-chunked, which S3 takes off.')
  put('cache-control', cacheControl)
  put('content-encoding', contentEncoding)
  put('x-amz-storage-class', storageClass)
  put('x-amz-acl', acl)
  if (sse === 'AES256') put('x-amz-server-side-encryption', sse)
  else if (sse !== undefined) {
    put('x-amz-server-side-encryption', 'aws:kms')
    put('x-amz-server-side-encryption-aws-kms-key-id', sse.kmsKeyId)
  }
  const tagList = checkTags(tags)
  if (tagList.length > 0) put(tagging, new URLSearchParams(tagList).toString().replaceAll('+', '%20'))
  return headers
}

/** Nothing but printable ASCII: what lies beyond is read in different ways by stores, line ends would be headers. */
function requireHeader(name: string, value: string): void {
  if (/^[\x20-\x7E]*$/.test(value) && !value.includes('${')) return
  const hint = name === 'content-disposition' ? " Write a name in another script as filename*=UTF-8''…" : ''
  throw new TypeError(`object: ${name} holds what no header can hold, or S3 would read as a variable.${hint}`)
}

const fieldNames: Readonly<Record<string, string>> = {
  'cache-control': 'Cache-Control',
  'content-disposition': 'Content-Disposition',
  'content-encoding': 'Content-Encoding',
  'x-amz-acl': 'acl',
}

/** Headers as fields of a form: some have other names there, and tags are XML (AWS: sigv4-HTTPPOSTForms). */
export function formFields(headers: WireEntries): [name: string, value: string][] {
  return headers.map(([name, value]) => {
    if (name !== tagging) return [fieldNames[name] ?? name, value]
    return ['tagging', taggingXml(value)]
  })
}

/**
 * The object's metadata as headers, in lower case and encoded.
 * @throws TypeError for names that no header can have or that the signer needs itself, and for too much
 */
export function metadataHeaders({ metadata = {} }: ObjectOptions): [name: string, value: string][] {
  // The signer's own mark counts too.
  let length = uploadMark.length - 'x-amz-meta-'.length + 36
  const names = new Set<string>()
  return Object.entries(metadata).map(([name, text]) => {
    const lower = name.toLowerCase()
    if (!token.test(name))
      throw new TypeError(
        `object.metadata has ${JSON.stringify(name)}, which cannot be part of a header's name.`,
      )
    if (`x-amz-meta-${lower}` === uploadMark)
      throw new TypeError(
        `object.metadata has ${JSON.stringify(name)}, under which the signer marks objects.`,
      )
    if (names.has(lower))
      throw new TypeError(
        `object.metadata has ${JSON.stringify(name)} twice: header names that differ in case only are the same.`,
      )
    names.add(lower)
    const value = encodeMetadata(text)
    length += name.length + value.length
    if (length > metadataLimit)
      throw new TypeError(`object.metadata has more than ${metadataLimit} bytes, which is all that S3 keeps.`)
    return [`x-amz-meta-${lower}`, value]
  })
}

// AWS: object-tagging. The rest is InvalidTag.
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

const isTag = ([key, value]: [string, string]): boolean =>
  key !== '' &&
  !/^aws:/i.test(key) &&
  key.length <= 128 &&
  value.length <= 256 &&
  tagText.test(key) &&
  tagText.test(value)

function checkTags(tags: Readonly<Record<string, string>>): [string, string][] {
  const list = Object.entries(tags)
  if (list.length > 10 || !list.every((tag) => isTag(tag)))
    throw new TypeError(
      'object.tags: S3 takes 10, keys of 1 to 128 and values of up to 256 letters, digits, spaces and _ . : / = + - @, and keeps keys that begin with aws: for itself.',
    )
  return list
}
