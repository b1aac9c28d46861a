/** A grant for one file that the rules let pass: a new one, or one more for the same object. */
import type { AcceptMatch } from '../protocol/accept.ts'
import type { Json } from '../protocol/json.ts'
import { partSizeFor } from '../protocol/part-plan.ts'
import type { SignFile, SignVerdict, WireEntries } from '../protocol/wire.ts'
import { Refused } from './admit.ts'
import type { CallContext } from './call-context.ts'
import { receiptLife } from './call-context.ts'
import { contentDisposition, contentTypeFor, mayInline, storedTypeOf } from './content.ts'
import type { AbortedUpload, UploadContext } from './contexts.ts'
import type { DigestPlan, PartDigests } from './digests.ts'
import { planDigests, requireChecked } from './digests.ts'
import { unlessError } from './hook-answers.ts'
import { findPlace, type Place } from './new-object.ts'
import { metadataHeaders, objectHeaders, uploadMark, type ObjectOptions } from './object-options.ts'
import { toJson } from './problem.ts'
import type { MultipartFacts, ReceiptFacts } from './receipt.ts'
import { isReject, rejectCodeOf } from './reject.ts'
import { readRestart } from './restart.ts'
import type { StoreCapabilities } from './storage/capabilities.ts'
import { requireCapable } from './store-needs.ts'
import type { GrantedObject } from './targets.ts'
import { beginMultipart, postTarget, putTarget } from './targets.ts'
import { goesInParts, wholeTransport } from './transport.ts'
import { uploadStateOf } from './upload-state.ts'

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
  const claimedType = contentTypeFor(file, match)
  const inParts = await goesInParts(file, context)
  const restart = await readRestart(file, context)
  const place = await findPlace(
    { file, type: claimedType, metadata, inParts, restarts: restart?.receipt },
    context,
  )
  const { described, options, key, finalKey, uuid, openUpload, stem } = place
  const createOnly = options.createOnly === true
  const asForm = route.transport === 'post'
  requireCapable({ options, inParts, asForm, promotes: finalKey !== undefined }, context)
  const { parts: digests, whole: checksum } = digestsOf(file, inParts, bucket.can)
  const wanted = { createOnly, checksum, headers: storedHeaders(place, claimedType, context) }
  const transport = inParts ? 'multipart' : await wholeTransport(file, wanted, context)
  const type = storedTypeOf(claimedType, transport, route.inline, bucket.can)
  const headers = storedHeaders(place, type, context)
  const object: GrantedObject = { key, size: file.size, type, headers, createOnly, checksum }
  const record = await prepare({ file: described, user, metadata, key: finalKey ?? key }, context)
  let begun: string | undefined
  try {
    const multipart = inParts ? await multipartOf(object, digests, { openUpload, stem }, context) : undefined
    begun = openUpload === undefined ? multipart?.uploadId : undefined
    const facts: ReceiptFacts = {
      kind: 'upload',
      route: routeName,
      id: file.id,
      key,
      name: file.name,
      size: file.size,
      type,
      issued: session.now,
      headers: multipart ? headers.filter(([name]) => !isUnseen.test(name)) : headers,
      record,
      isUnique: key.includes(uuid),
      ...(createOnly && { createOnly }),
      ...(type !== claimedType && { claimedType }),
      ...(restart && { restarts: restart.count }),
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
    // Nobody gets its receipt, so nobody could end it.
    if (begun !== undefined) await bucket.abortUpload(key, begun, session).catch(() => {})
    // What prepare() made would wait for ever.
    await giveBack(
      { key: finalKey ?? key, id: file.id, record, stored: false, usableUntil: session.now },
      context,
    )
    throw error
  }
}

/** Headers that the signer alone sends when parts begin, and that nobody needs later. */
const isUnseen = /^x-amz-(storage-class|server-side-encryption)/

/**
 * Grants once more what a receipt tells of: the same object with the same options, and no second `prepare`.
 * @throws Refused, or what is the server's own trouble
 */
export async function renewUpload(
  file: SignFile,
  { match }: Admitted,
  context: CallContext,
): Promise<SignVerdict> {
  const { receipts, userId, routeName, session, route, bucket } = context
  const { receipt = '' } = file
  const claimedType = contentTypeFor(file, match)
  const facts = await receipts.open(receipt, userId, routeName)
  const isSame =
    facts?.kind === 'upload' &&
    facts.id === file.id &&
    facts.size === file.size &&
    (facts.claimedType ?? facts.type) === claimedType
  if (!facts || !isSame) throw new Refused('refused', 'This upload cannot be renewed. Begin a new one.')
  if (session.now > facts.issued + receiptLife * 1000)
    throw new Refused('expired', 'This upload was begun too long ago. Begin a new one.')
  const state = await uploadStateOf(facts, context)
  // A grant for what the app has taken could only replace it.
  if (state === 'aborted' || state === 'taken')
    throw new Refused('expired', 'This upload is over. Begin a new one.')
  const record = route.prepare && { record: facts.record }
  if (facts.multipart) {
    if (!file.accepts.includes('multipart'))
      throw new Refused('refused', 'This upload was begun in parts, and this uploader cannot send those.')
    const { partSize } = facts.multipart
    return { ok: true, receipt, target: { type: 'multipart', partSize, resumes: true }, ...record }
  }
  const { key, size, type, headers, createOnly = false, checksum } = facts
  const object: GrantedObject = { key, size, type, headers, createOnly, checksum }
  const transport = await wholeTransport(file, object, context)
  if (storedTypeOf(type, transport, route.inline, bucket.can) !== type)
    throw new Refused('expired', 'This upload cannot go on as a form. Begin a new one.')
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
  { openUpload, stem }: Pick<Place, 'openUpload' | 'stem'>,
  context: CallContext,
): Promise<MultipartFacts> {
  const uploadId = openUpload ?? (await beginMultipart(object, digests, context))
  const partSize = partSizeFor(object.size, context.route.partSize)
  return { uploadId, partSize, ...(stem !== undefined && { stem }), ...(digests && { digests }) }
}

function digestsOf(file: SignFile, inParts: boolean, can: StoreCapabilities): DigestPlan {
  if (inParts) return planDigests(file, can)
  requireChecked(file.checksum, can)
  return { parts: undefined, whole: file.checksum }
}

/** All headers that the object is stored with, but for its type; see {@link ReceiptFacts}. */
function storedHeaders(
  { described, options, key, finalKey, uuid }: Place,
  type: string,
  { route }: CallContext,
): WireEntries {
  const kind = mayInline(type, route.inline ?? []) ? 'inline' : 'attachment'
  const { contentDisposition: disposition = contentDisposition(kind, described.name) }: ObjectOptions =
    options
  // A key that may repeat shows nothing about whose object lies there.
  const isMarked = finalKey !== undefined || !key.includes(uuid)
  return [
    ['content-disposition', disposition],
    ...objectHeaders(options),
    ...metadataHeaders(options),
    ...(isMarked ? [[uploadMark, uuid] as const] : []),
  ]
}

async function prepare(
  upload: UploadContext<unknown, unknown> & { readonly key: string },
  { route }: CallContext,
): Promise<Json> {
  try {
    return toJson(unlessError(await route.prepare?.(upload), 'prepare()'), 'prepare()')
  } catch (error) {
    if (isReject(error)) throw new Refused('refused', error.message, rejectCodeOf(error, route))
    throw error
  }
}
