/** The end of an upload: is the object what was granted, and what does the app say? */
import type { Json } from '../protocol/json.ts'
import type { ConfirmedFile } from '../protocol/wire-actions.ts'
import { readRouteMetadata, Refused } from './admit.ts'
import type { CallContext } from './call-context.ts'
import { openUpload } from './call-context.ts'
import { copyObject } from './copy.ts'
import { unlessError } from './hook-answers.ts'
import { isUntouched } from './pinned.ts'
import { ProblemError, toJson } from './problem.ts'
import type { ReceiptFacts } from './receipt.ts'
import { isReject, rejectCodeOf } from './reject.ts'
import { requireRoute } from './route-fit.ts'
import type { FoundObject } from './storage/bucket-port.ts'
import { isOwn } from './upload-mark.ts'
import { findPromoted, markAborted, uploadStateOf } from './upload-state.ts'
import { tagsDiffer, whatDiffers } from './verify.ts'

/** An upload whose object is copied to its final key. */
type PromotedFacts = ReceiptFacts & { readonly finalKey: string }

const promotes = (facts: ReceiptFacts): facts is PromotedFacts => facts.finalKey !== undefined

/**
 * Everything about the object comes from the receipt and from S3, nothing from the browser's word.
 * @throws ProblemError
 */
export async function confirmUpload(receipt: string, context: CallContext): Promise<ConfirmedFile> {
  const facts = await openUpload(receipt, context)
  requireRoute(facts, context)
  return promotes(facts) ? confirmPromoted(facts, context) : confirmInPlace(facts, context)
}

async function confirmInPlace(facts: ReceiptFacts, context: CallContext): Promise<ConfirmedFile> {
  const { bucket, session } = context
  const [found, state] = await Promise.all([bucket.find(facts.key, session), uploadStateOf(facts, context)])
  const object = await asGranted(found, state, facts, context)
  return answer(facts.key, object, await complete(facts, object, facts.key, context))
}

async function confirmPromoted(facts: PromotedFacts, context: CallContext): Promise<ConfirmedFile> {
  const { bucket, session } = context
  const { key, finalKey } = facts
  // The old place first: an object leaves it only when it is at the new one.
  const waiting = await bucket.find(key, session)
  const [state, final] = await Promise.all([uploadStateOf(facts, context), bucket.find(finalKey, session)])
  if (final && isOwn(final, facts)) {
    // Taken before, and its answer lost. What lies at the old place now is a second try, which never gets here.
    const result = await complete(facts, final, finalKey, context)
    await removeQuietly(key, context)
    return answer(finalKey, final, result)
  }
  const object = await asGranted(waiting, state, facts, context)
  if (final && facts.createOnly) throw exists()
  const result = await complete(facts, object, key, context)
  const copy = await promote(facts, object, context)
  return answer(finalKey, copy ?? object, result)
}

const replaced = (): ProblemError =>
  new ProblemError(409, 'not-stored', 'The object was replaced while it was checked. Upload it again.')

const exists = (): ProblemError =>
  new ProblemError(409, 'already-exists', 'There is an object of this name already.')

const aborted = (): ProblemError =>
  new ProblemError(409, 'not-stored', 'The upload was aborted. Upload the file again.')

/**
 * Copies what `onComplete` has seen, and nothing else: a replayed grant may have replaced it meanwhile.
 * @returns the copy
 * @throws ProblemError 409 if it was replaced or aborted, or must not replace what is there
 */
async function promote(
  facts: PromotedFacts,
  seen: FoundObject,
  context: CallContext,
): Promise<FoundObject | undefined> {
  const { bucket, session } = context
  const { key, finalKey, createOnly = false } = facts
  const acl = new Map(facts.headers).get('x-amz-acl')
  const copied = await copyObject({ key, seen }, { key: finalKey, createOnly, acl }, context)
  const after = await bucket.find(key, session)
  if (!after) {
    const own = await findPromoted(facts, context)
    // Browsers cannot remove anything: either an abort removed the waiting file, or a second call for the same upload
    // was faster and has done all this.
    if ((await uploadStateOf(facts, context)) === 'aborted') {
      if (own) await removeQuietly(finalKey, context)
      throw aborted()
    }
    if (own) return own
  }
  if (copied === 'changed') {
    const isTaken = createOnly && (await bucket.find(finalKey, session)) !== undefined
    throw isTaken ? exists() : replaced()
  }
  const copy = await bucket.find(finalKey, session)
  if (!after || !isUntouched(seen, after, copy)) {
    await bucket.remove(finalKey, session)
    throw replaced()
  }
  await removeQuietly(key, context)
  return copy
}

/**
 * The object that was found, if it is as granted.
 * @throws ProblemError 409 if there is none, or another, or if the upload was aborted
 */
async function asGranted(
  found: FoundObject | undefined,
  state: 'open' | 'taken' | 'aborted' | undefined,
  facts: ReceiptFacts,
  context: CallContext,
): Promise<FoundObject> {
  if (state === 'aborted') throw aborted()
  if (!found)
    throw new ProblemError(409, 'not-stored', 'The object is not in the bucket. Upload the file again.')
  const difference =
    whatDiffers(found, facts, context.bucket.can) ?? (await tagsDiffer(found, facts, context))
  if (difference === undefined) return found
  throw new ProblemError(409, 'not-stored', `The object in the bucket ${difference}. Upload the file again.`)
}

function answer(key: string, { size, etag }: FoundObject, result: Json): ConfirmedFile {
  return { stored: { key, size, etag }, result }
}

async function complete(
  facts: ReceiptFacts,
  { size, etag }: FoundObject,
  storedKey: string,
  context: CallContext,
): Promise<Json> {
  const { bucket, route, user } = context
  const { type, name, record, finalKey, key } = facts
  let result: unknown
  try {
    const metadata = await readRouteMetadata(facts.metadata, route)
    const upload = { bucket: bucket.name, key: finalKey ?? key, storedKey, size, type, name, etag, user }
    result = unlessError(await route.onComplete?.({ ...upload, metadata, record }), 'onComplete()')
  } catch (error) {
    if (isReject(error)) {
      // The grant still lives: what it brings later must not be asked about again.
      await markAborted(facts, context)
      await removeQuietly(storedKey, context)
      throw new ProblemError(422, 'refused', error.message, rejectCodeOf(error, route))
    }
    const message =
      error instanceof Refused
        ? "The route's schema has changed since the upload began. Begin a new one."
        : "The app's server could not finish the upload."
    throw new ProblemError(500, 'confirm-failed', message, { cause: error })
  }
  return toJson(result, 'onComplete()')
}

/** What is left behind costs room, but fails no call. */
async function removeQuietly(key: string, { bucket, session, report }: CallContext): Promise<void> {
  try {
    await bucket.remove(key, session)
  } catch (error) {
    report(error instanceof ProblemError ? (error.cause ?? error) : error, 'removing an object')
  }
}
