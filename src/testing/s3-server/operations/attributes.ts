/** What a writer says about an object, from headers or form fields, and how a reader gets it back. */
import { invalidArgument, notImplemented, S3Error } from '../errors.ts'
import type { ObjectAttributes } from '../store/records.ts'
import type { Tag } from './tags.ts'

/** Where the attributes stand: the headers of a PUT, the fields of a POST. */
export interface AttributeSource {
  /** By name in lower case. */
  readonly get: (name: string) => string | undefined
  /** `x-amz-meta-*`, by the rest of the name. */
  readonly metadata: readonly (readonly [name: string, value: string])[]
  readonly tags: readonly Tag[]
  /** Are ACLs in force? On AWS they have been switched off since April 2023. */
  readonly keepsAcls: boolean
}

const storageClasses = new Set([
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
  'REDUCED_REDUNDANCY',
])
const maxMetadata = 2_048

/**
 * @throws S3Error InvalidStorageClass, MetadataTooLarge, InvalidArgument, and for what S3 would do and this server
 * does not: NotImplemented (KMS, customer keys, object lock), AccessControlListNotSupported
 */
export function readAttributes(source: AttributeSource): ObjectAttributes {
  const { get, metadata, tags, keepsAcls } = source
  if (!keepsAcls) refuseAcls(get)
  refuseUnsupported(get)
  const storageClass = get('x-amz-storage-class') ?? 'STANDARD'
  if (!storageClasses.has(storageClass)) {
    throw new S3Error('InvalidStorageClass', { fields: [['StorageClassRequested', storageClass]] })
  }
  const size = metadata.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  )
  if (size > maxMetadata) {
    throw new S3Error('MetadataTooLarge', {
      fields: [
        ['Size', String(size)],
        ['MaxSizeAllowed', String(maxMetadata)],
      ],
    })
  }
  const redirect = get('x-amz-website-redirect-location')
  if (redirect !== undefined && (!/^(?:\/|https?:\/\/)/.test(redirect) || redirect.length > 2_048)) {
    throw invalidArgument(
      "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
      'x-amz-website-redirect-location',
      redirect,
    )
  }
  const encoding = storedEncoding(get('content-encoding'))
  return {
    contentType: get('content-type') || 'binary/octet-stream',
    ...present('cacheControl', get('cache-control')),
    ...present('contentDisposition', get('content-disposition')),
    ...present('contentEncoding', encoding),
    ...present('contentLanguage', get('content-language')),
    ...present('expires', get('expires')),
    ...present('websiteRedirect', redirect),
    storageClass,
    ...present('acl', keepsAcls ? publicAcl(get) : undefined),
    metadata: metadata.map(([name, value]) => [name.toLowerCase(), value]),
    tags: [...tags],
  }
}

/** The headers of GET and HEAD that attributes become. */
export function attributeHeaders(attributes: ObjectAttributes): Record<string, string> {
  const headers: Record<string, string> = {}
  const put = (name: string, value: string | undefined) => {
    if (value !== undefined) headers[name] = toHeader(value)
  }
  put('content-type', attributes.contentType)
  put('cache-control', attributes.cacheControl)
  put('content-disposition', attributes.contentDisposition)
  put('content-encoding', attributes.contentEncoding)
  put('content-language', attributes.contentLanguage)
  put('expires', attributes.expires)
  put('x-amz-website-redirect-location', attributes.websiteRedirect)
  if (attributes.storageClass !== 'STANDARD') put('x-amz-storage-class', attributes.storageClass)
  if (attributes.tags.length > 0) put('x-amz-tagging-count', String(attributes.tags.length))
  for (const [name, value] of attributes.metadata) headers[`x-amz-meta-${name}`] = encodeMetadata(value)
  return headers
}

/** Text as a header can carry it: UTF-8 bytes, one character each, without line breaks. */
export function toHeader(text: string): string {
  return Buffer.from(text.replace(/[\r\n\0]+/g, ' ')).toString('latin1')
}

/** A field that is there, or none at all. */
function present<Name extends string, Value extends string>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  const fields: Partial<Record<Name, Value>> = {}
  if (value !== undefined) fields[name] = value
  return fields
}

/** `aws-chunked` is framing, not encoding: S3 does not store it (AWS: sigv4-streaming). */
function storedEncoding(text: string | undefined): string | undefined {
  const kept = text
    ?.split(',')
    .map((one) => one.trim())
    .filter((one) => one.toLowerCase() !== 'aws-chunked' && one !== '')
  return kept && kept.length > 0 ? kept.join(',') : undefined
}

function refuseAcls(get: AttributeSource['get']): void {
  const acl = get('x-amz-acl') ?? get('acl')
  // Buckets are made with ACLs disabled since April 2023; then one canned ACL passes (AWS: about-object-ownership).
  if (acl !== undefined && acl !== 'bucket-owner-full-control')
    throw new S3Error('AccessControlListNotSupported')
  for (const grant of ['read', 'write', 'read-acp', 'write-acp', 'full-control']) {
    if (get(`x-amz-grant-${grant}`) !== undefined) throw new S3Error('AccessControlListNotSupported')
  }
}

/** Of ACLs only this is kept: may everybody read? */
function publicAcl(get: AttributeSource['get']): 'public-read' | undefined {
  const canned = get('x-amz-acl') ?? get('acl') ?? ''
  const grants = [get('x-amz-grant-read'), get('x-amz-grant-full-control')]
  const isPublic = canned.startsWith('public-read') || grants.some((grant) => grant?.includes('/AllUsers'))
  return isPublic ? 'public-read' : undefined
}

function refuseUnsupported(get: AttributeSource['get']): void {
  const encryption = get('x-amz-server-side-encryption')
  if (encryption !== undefined && encryption !== 'AES256') {
    if (!encryption.startsWith('aws:kms')) {
      throw new S3Error('InvalidEncryptionAlgorithmError', {
        message: 'The encryption request you specified is not valid. Supported value: AES256.',
      })
    }
    throw notImplemented('x-amz-server-side-encryption')
  }
  for (const name of [
    'x-amz-server-side-encryption-customer-algorithm',
    'x-amz-server-side-encryption-customer-key',
    'x-amz-server-side-encryption-customer-key-md5',
    'x-amz-server-side-encryption-aws-kms-key-id',
    'x-amz-server-side-encryption-context',
    'x-amz-object-lock-mode',
    'x-amz-object-lock-retain-until-date',
    'x-amz-object-lock-legal-hold',
    'x-amz-write-offset-bytes',
  ]) {
    if (get(name) !== undefined) throw notImplemented(name)
  }
}

/**
 * S3 gives metadata that is not printable ASCII back by RFC 2047: as quoted printable where most of it is ASCII, else
 * in base64 (recorded: `=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?=`).
 */
function encodeMetadata(value: string): string {
  if (/^[\x20-\x7E]*$/.test(value)) return value
  const characters = Array.from(value)
  const printable = characters.filter((char) => /[\x20-\x7E]/.test(char)).length
  const bytes = Buffer.from(value)
  if (printable * 2 <= characters.length) return `=?UTF-8?B?${bytes.toString('base64')}?=`
  const quoted = [...bytes].map((byte) => {
    const char = String.fromCharCode(byte)
    if (char === ' ') return '_'
    return /[A-Za-z0-9!*+\-/]/.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
  })
  return `=?UTF-8?Q?${quoted.join('')}?=`
}
