/** The end of an upload: is the object what was granted, and what does the app say? */
import type { Json } from '../protocol/json.ts'
import type { ConfirmedFile } from '../protocol/wire-actions.ts'
import { readRouteMetadata, Refused } from './admit.ts'
import type { CallContext } from './call-context.ts'
import { openUpload } from './call-context.ts'
import { copyObject } from './copy.ts'
import { promotionMark } from './grant.ts'
import { ProblemError, toJson } from './problem.ts'
import type { ReceiptFacts } from './receipt.ts'
import { isReject, rejectCodeOf } from './reject.ts'
import type { FoundObject } from './storage/bucket-port.ts'
import { whatDiffers } from './verify.ts'

/**
 * Everything about the object comes from the receipt and from S3, nothing from the browser's word.
 * @throws ProblemError
 */
export async function confirmUpload(receipt: string, context: CallContext): Promise<ConfirmedFile> {
  const facts = await openUpload(receipt, context)
  const { finalKey } = facts
  const { bucket, session } = context
  // The old place first: who promotes leaves it only when the object is at the new one.
  const waiting = await bucket.find(facts.key, session)
  const taken = finalKey === undefined ? undefined : await findPromoted(finalKey, facts, context)
  if (finalKey !== undefined && taken) {
    // Taken before, and its answer lost. What lies at the old place now is somebody's second try: it never gets here.
    const result = await complete(facts, taken, finalKey, context)
    await removeQuietly(facts.key, context)
    return answer(finalKey, taken, result)
  }
  const found = asGranted(waiting, facts)
  const result = await complete(facts, found, facts.key, context)
  if (finalKey === undefined) {
    context.taken.add(facts.key)
    return answer(facts.key, found, result)
  }
  await promote(facts, found, finalKey, context)
  return answer(finalKey, (await bucket.find(finalKey, session)) ?? found, result)
}

const replaced = (): ProblemError =>
  new ProblemError(409, 'not-stored', 'The object was replaced while it was checked. Upload it again.')

/**
 * Copies what `onComplete` has seen, and nothing else: a replayed grant may have replaced it meanwhile.
 * @throws ProblemError 409 if it was replaced
 */
async function promote(
  facts: ReceiptFacts,
  seen: FoundObject,
  finalKey: string,
  context: CallContext,
): Promise<void> {
  const { bucket, session } = context
  const copied = await copyObject({ key: facts.key, seen }, finalKey, context)
  const after = await bucket.find(facts.key, session)
  // Gone: a second call for the same upload was faster, and has done all this. Browsers cannot remove anything.
  if (!after && (await findPromoted(finalKey, facts, context))) return
  if (copied === 'changed') throw replaced()
  // Ceph RGW 16 passes over x-amz-copy-source-if-match. What is still the same afterwards was so all the time.
  const isSame =
    after?.etag === seen.etag && after.headers.get('last-modified') === seen.headers.get('last-modified')
  if (!isSame) {
    await bucket.remove(finalKey, session)
    throw replaced()
  }
  await removeQuietly(facts.key, context)
}

/**
 * The object that was found, if it is as granted.
 * @throws ProblemError 409 if there is none, or another
 */
function asGranted(found: FoundObject | undefined, facts: ReceiptFacts): FoundObject {
  if (!found)
    throw new ProblemError(409, 'not-stored', 'The object is not in the bucket. Upload the file again.')
  const difference = whatDiffers(found, facts)
  if (difference === undefined) return found
  throw new ProblemError(409, 'not-stored', `The object in the bucket ${difference}. Upload the file again.`)
}

/** The object at the final key, if it is this upload's: by its mark, which nobody else knows. */
export async function findPromoted(
  finalKey: string,
  facts: ReceiptFacts,
  { bucket, session }: CallContext,
): Promise<FoundObject | undefined> {
  const found = await bucket.find(finalKey, session)
  const mark = facts.kept.find(([name]) => name === promotionMark)?.[1]
  return found && mark !== undefined && found.headers.get(promotionMark) === mark ? found : undefined
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
    result = await route.onComplete?.({ ...upload, metadata, record })
  } catch (error) {
    if (isReject(error)) {
      await removeQuietly(storedKey, context)
      throw new ProblemError(422, 'refused', error.message, rejectCodeOf(error, route))
    }
    const message =
      error instanceof Refused
        ? "The route's schema has changed since the upload began. Begin a new one."
        : "The app's server could not finish the upload."
    throw new ProblemError(500, 'confirm-failed', message, { cause: error })
  }
  return toJson(result)
}

/** What is left behind costs room, but fails no call. */
async function removeQuietly(key: string, { bucket, session, report }: CallContext): Promise<void> {
  try {
    await bucket.remove(key, session)
  } catch (error) {
    report(error instanceof ProblemError ? (error.cause ?? error) : error, 'removing an object')
  }
}
