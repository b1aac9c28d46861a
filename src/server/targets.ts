/** The ways in which a file may be sent, each signed for this one file: key, type, size and all headers. */
import type { WireChecksum, WireEntries, WirePostTarget, WirePutTarget } from '../protocol/wire.ts'
import { createPostPolicy } from '../s3/post-policy.ts'
import type { CallContext } from './call-context.ts'
import { grantLife } from './call-context.ts'
import type { PartDigests } from './digests.ts'
import { beginHeaders, checksumHeaders } from './digests.ts'
import { formFields, tagging } from './object-options.ts'
import { grantingCredentials } from './storage/send.ts'

/** What is granted: one object, as it will be stored. */
export interface GrantedObject {
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly type: string
  /** What it is stored with beside its type, see {@link ReceiptFacts}. */
  readonly headers: WireEntries
  /** It must not replace another. */
  readonly createOnly: boolean
  readonly checksum?: WireChecksum | undefined
}

/** A POST policy for exactly this object. */
export async function postTarget(
  object: GrantedObject,
  context: CallContext,
  minimumLife?: number,
): Promise<WirePostTarget> {
  const { bucket, session } = context
  const { key, size, type, headers, checksum } = object
  const expiresIn = grantLife(size, context, minimumLife)
  const { fields } = await createPostPolicy({
    credentials: grantingCredentials(session),
    region: bucket.region,
    bucket: bucket.name,
    conditions: [['content-length-range', size, size]],
    fields: [
      ['key', key],
      ['Content-Type', type],
      ...formFields(headers),
      ...(checksum ? checksumHeaders(checksum) : []),
      // The one answer whose body a page can read without ExposeHeaders in the bucket's CORS rules.
      ['success_action_status', '201'],
    ],
    now: new Date(session.now),
    expiresAt: new Date(session.now + expiresIn * 1000),
  })
  requireShort(fields)
  return { type: 'post', urls: [bucket.postUrl], fields, expiresIn }
}

/** AWS: sigv4-HTTPPOSTForms, MaxPostPreDataLengthExceededError. */
const largestForm = 20_480
/** Boundary, `Content-Disposition: form-data; name=""` and line ends, as browsers write them. */
const fieldOverhead = 110

/** @throws TypeError for more than S3 reads before the file */
function requireShort(fields: WireEntries): void {
  const utf8 = new TextEncoder()
  const bytes = fields.map(([name, value]) => utf8.encode(name + value).length + fieldOverhead)
  const size = bytes.reduce((sum, one) => sum + one, 0)
  if (size <= largestForm) return
  throw new TypeError(
    `The form has ${size} bytes before the file, more than the ${largestForm} that S3 reads. Give the object shorter tags and metadata, or the route transport put.`,
  )
}

/** A presigned PUT for exactly this object. */
export async function putTarget(
  object: GrantedObject,
  context: CallContext,
  minimumLife?: number,
): Promise<WirePutTarget> {
  const { bucket, session } = context
  const { key, size, type, createOnly, checksum } = object
  const expiresIn = grantLife(size, context, minimumLife)
  const headers: WireEntries = [
    ['content-length', String(size)],
    ['content-type', type],
    ...object.headers,
    ...(createOnly ? [['if-none-match', '*'] as const] : []),
    ...(checksum ? checksumHeaders(checksum).filter(([name]) => !name.endsWith('-algorithm')) : []),
  ]
  const signed = await bucket.presign(
    { method: 'PUT', key, headers: Object.fromEntries(headers), expiresIn },
    session,
  )
  return {
    type: 'put',
    url: signed.url,
    headers: signed.headers.filter(([name]) => name !== 'content-length'),
    expiresIn,
  }
}

/** Begins an upload in parts, and returns its id. */
export function beginMultipart(
  object: GrantedObject,
  digests: PartDigests | undefined,
  { bucket, session }: CallContext,
): Promise<string> {
  // RGW 16 spoils the tags that an upload begins with: they are set on the object instead.
  const kept = bucket.can.partTags ? object.headers : object.headers.filter(([name]) => name !== tagging)
  const headers = [['content-type', object.type], ...kept, ...beginHeaders(digests)]
  return bucket.createUpload(object.key, Object.fromEntries(headers), session)
}
