/** The ways in which a file may be sent, each signed for this one file: key, type, size and all headers. */
import { partLimits } from '../protocol/part-plan.ts'
import type { SignFile, WireChecksum, WireEntries, WirePostTarget, WirePutTarget } from '../protocol/wire.ts'
import { createPostPolicy } from '../s3/post-policy.ts'
import { Refused } from './admit.ts'
import type { CallContext } from './call-context.ts'
import { grantLife } from './call-context.ts'
import type { PartDigests } from './digests.ts'
import { beginHeaders, checksumHeaders } from './digests.ts'
import { multipartFromOf } from './limits.ts'
import { formFields } from './object-options.ts'
import type { AnyRouteOptions } from './route.ts'
import type { StoreCapabilities } from './storage/capabilities.ts'
import { mustGoWhole } from './store-needs.ts'

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

/** Does it go in parts? Decided before its key, which is then made so that it can be found again. */
export function goesInParts(
  { size, accepts }: SignFile,
  route: AnyRouteOptions,
  can: StoreCapabilities,
): boolean {
  const { transport = 'auto' } = route
  // An upload in parts has one part at least, and nobody sends a part of nothing.
  if (!accepts.includes('multipart') || size === 0 || mustGoWhole(route, can)) return false
  if (transport !== 'auto') return transport === 'multipart'
  const canWhole = accepts.includes('put') || (accepts.includes('post') && can.post)
  return !canWhole || size > partLimits.maxSize || size >= (multipartFromOf(route) ?? Infinity)
}

/**
 * As a form or as PUT?
 * @throws Refused if the browser cannot do what the route and the store can
 */
export function wholeTransport(
  { size, accepts }: SignFile,
  { createOnly, checksum }: Pick<GrantedObject, 'createOnly' | 'checksum'>,
  { transport = 'auto' }: AnyRouteOptions,
  can: StoreCapabilities,
): 'post' | 'put' {
  // No form field says If-None-Match, and CRC64NVME is not among the fields either (AWS: RESTObjectPOST).
  const canPost = can.post && !createOnly && checksum?.algorithm !== 'crc64nvme'
  const prefersPut = !can.formHeaders && transport === 'auto' && accepts.includes('put')
  if (size <= partLimits.maxSize) {
    const isForm = transport !== 'put' && transport !== 'multipart' && canPost && accepts.includes('post')
    if (isForm && !prefersPut) return 'post'
    if (transport !== 'post' && accepts.includes('put') && (transport !== 'multipart' || size === 0))
      return 'put'
  }
  throw new Refused(
    'refused',
    size > partLimits.maxSize || transport === 'multipart'
      ? 'The server takes this file only in parts, and this uploader cannot send those.'
      : `The server takes this file only as ${canPost && transport !== 'put' ? 'a form' : 'PUT'}, and this uploader cannot send one.`,
  )
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
    credentials: session.credentials,
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
  return { type: 'post', urls: [bucket.postUrl], fields, expiresIn }
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
  const headers = [['content-type', object.type], ...object.headers, ...beginHeaders(digests)]
  return bucket.createUpload(object.key, Object.fromEntries(headers), session)
}
