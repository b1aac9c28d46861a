/** A grant for one file that the rules let pass: a new one, or one more for the same object. */
import type { AcceptMatch } from '../protocol/accept.ts'
import type { Json } from '../protocol/json.ts'
import { partSizeFor } from '../protocol/part-plan.ts'
import type { SignFile, SignVerdict, WireEntries } from '../protocol/wire.ts'
import { Refused } from './admit.ts'
import type { CallContext } from './call-context.ts'
import { receiptLife } from './call-context.ts'
import { contentDisposition, contentTypeFor, mayInline } from './content.ts'
import type { AbortedUpload, UploadContext } from './contexts.ts'
import type { DigestPlan, PartDigests } from './digests.ts'
import { planDigests, requireChecked } from './digests.ts'
import { describe, findPlace } from './new-object.ts'
import type { ObjectOptions } from './object-options.ts'
import { metadataHeaders } from './object-options.ts'
import { toJson } from './problem.ts'
import type { MultipartFacts, ReceiptFacts } from './receipt.ts'
import { isReject, rejectCodeOf } from './reject.ts'
import type { StoreCapabilities } from './storage/capabilities.ts'
import type { GrantedObject } from './targets.ts'
import { beginMultipart, goesInParts, postTarget, putTarget, wholeTransport } from './targets.ts'

/** The header by which the object of a promoted upload is known again after it was copied. */
export const promotionMark = 'x-amz-meta-upload-id'

/** What the rules found out about a file. */
export interface Admitted {
  readonly match: AcceptMatch
  /** What the route's schema made of the metadata. */
  readonly metadata: unknown
}

/**
 * Grants a new object.
 * @throws Refused, or what is the server's or the store's own trouble
 */
export async function beginUpload(
  file: SignFile,
  { match, metadata }: Admitted,
  context: CallContext,
): Promise<SignVerdict> {
  const { bucket, session, route, routeName, user, userId, receipts } = context
  const type = contentTypeFor(file, match)
  const inParts = goesInParts(file, route, bucket.can)
  const place = await findPlace({ file, type, metadata, inParts }, context)
  const { described, key, finalKey, uuid, openUpload } = place
  const upload = { file: described, user, metadata }
  const options = await objectOptionsOf(upload, context)
  const mark: WireEntries = finalKey === undefined ? [] : [[promotionMark, uuid]]
  const kept = [...metadataHeaders(options), ...mark]
  const { parts: digests, whole: checksum } = digestsOf(file, inParts, bucket.can)
  const object = grantedObject(file.size, { key, type, name: file.name, options, kept, checksum }, context)
  const transport = inParts ? 'multipart' : wholeTransport(file, object, route, bucket.can)
  const record = await prepare({ ...upload, key: finalKey ?? key }, context)
  try {
    const multipart = inParts ? await multipartOf(object, digests, openUpload, context) : undefined
    const facts: ReceiptFacts = {
      kind: 'upload',
      route: routeName,
      id: file.id,
      key,
      name: file.name,
      size: file.size,
      type,
      issued: session.now,
      kept,
      record,
      isUnique: key.includes(uuid),
      ...(finalKey !== undefined && { finalKey }),
      ...(multipart && { multipart }),
      ...(checksum && { checksum }),
      ...(file.metadata !== undefined && { metadata: file.metadata }),
    }
    const receipt = await receipts.issue(facts, userId)
    const target = multipart
      ? ({
          type: 'multipart',
          partSize: multipart.partSize,
          resumes: openUpload !== undefined,
        } as const)
      : await (transport === 'put' ? putTarget : postTarget)(object, context, file.minimumLife)
    return { ok: true, receipt, target, ...(route.prepare && { record }) }
  } catch (error) {
    // What prepare() made would wait for ever.
    await giveBack({ key: finalKey ?? key, id: file.id, record, stored: false }, context)
    throw error
  }
}

/**
 * Grants once more what a receipt tells of: the same key, no second `prepare`.
 * @throws Refused, or what is the server's own trouble
 */
export async function renewUpload(
  file: SignFile,
  { match, metadata }: Admitted,
  context: CallContext,
): Promise<SignVerdict> {
  const { receipts, userId, routeName, session, route, bucket, user } = context
  const { receipt = '' } = file
  const type = contentTypeFor(file, match)
  const facts = await receipts.open(receipt, userId, routeName)
  const isSame =
    facts?.kind === 'upload' && facts.id === file.id && facts.size === file.size && facts.type === type
  if (!facts || !isSame) throw new Refused('refused', 'This upload cannot be renewed. Begin a new one.')
  if (session.now > facts.issued + receiptLife * 1000)
    throw new Refused('expired', 'This upload was begun too long ago. Begin a new one.')
  const record = route.prepare && { record: facts.record }
  if (facts.multipart) {
    if (!file.accepts.includes('multipart'))
      throw new Refused('refused', 'This upload was begun in parts, and this uploader cannot send those.')
    const { partSize } = facts.multipart
    return { ok: true, receipt, target: { type: 'multipart', partSize, resumes: true }, ...record }
  }
  const { key, name, kept, checksum } = facts
  const uuid = key.split('/').at(-2) ?? ''
  const options = await objectOptionsOf({ file: describe({ file, type }, uuid), user, metadata }, context)
  // Metadata and digest are the receipt's: confirm will look for those.
  const object = grantedObject(file.size, { key, type, name, options, kept, checksum }, context)
  const transport = wholeTransport(file, object, route, bucket.can)
  const target = await (transport === 'put' ? putTarget : postTarget)(object, context, file.minimumLife)
  return { ok: true, receipt, target, ...record }
}

/** Runs `onAbort`; what it throws is told to the app alone. */
export async function giveBack(
  upload: Omit<AbortedUpload, 'user'>,
  { route, user, report }: CallContext,
): Promise<void> {
  try {
    await route.onAbort?.({ ...upload, user })
  } catch (error) {
    report(error, 'running onAbort')
  }
}

async function multipartOf(
  object: GrantedObject,
  digests: PartDigests | undefined,
  openUpload: string | undefined,
  context: CallContext,
): Promise<MultipartFacts> {
  const uploadId = openUpload ?? (await beginMultipart(object, digests, context))
  const partSize = partSizeFor(object.size, context.route.partSize)
  const createOnly = object.options.createOnly === true
  return { uploadId, partSize, createOnly, ...(digests && { digests }) }
}

function digestsOf(file: SignFile, inParts: boolean, can: StoreCapabilities): DigestPlan {
  if (inParts) return planDigests(file, can)
  requireChecked(file.checksum, can)
  return { parts: undefined, whole: file.checksum }
}

function grantedObject(
  size: number,
  object: Pick<GrantedObject, 'key' | 'type' | 'options' | 'kept' | 'checksum'> & { readonly name: string },
  { route }: CallContext,
): GrantedObject {
  const { type, options, name } = object
  const kind = mayInline(type, route.inline ?? []) ? 'inline' : 'attachment'
  return { ...object, size, disposition: options.contentDisposition ?? contentDisposition(kind, name) }
}

async function objectOptionsOf(
  upload: UploadContext<unknown, unknown>,
  { route }: CallContext,
): Promise<ObjectOptions> {
  return typeof route.object === 'function' ? route.object(upload) : (route.object ?? {})
}

async function prepare(
  upload: UploadContext<unknown, unknown> & { readonly key: string },
  { route }: CallContext,
): Promise<Json> {
  try {
    return toJson(await route.prepare?.(upload))
  } catch (error) {
    if (isReject(error)) throw new Refused('refused', error.message, rejectCodeOf(error, route))
    throw error
  }
}
