/** The end of an upload: is the object what was granted, and what does the app say? */
import type { Json } from '../protocol/json.ts'
import type { ConfirmAnswer } from '../protocol/wire-actions.ts'
import { readRouteMetadata, Refused } from './admit.ts'
import type { CallContext } from './call-context.ts'
import { openUpload } from './call-context.ts'
import { promotionMark } from './grant.ts'
import { ProblemError, toJson } from './problem.ts'
import type { ReceiptFacts } from './receipt.ts'
import { isReject } from './reject.ts'
import type { FoundObject } from './storage/bucket-port.ts'
import { whatDiffers } from './verify.ts'

/**
 * Everything about the object comes from the receipt and from S3, nothing from the browser's word.
 * @throws ProblemError
 */
export async function confirmUpload(receipt: string, context: CallContext): Promise<ConfirmAnswer> {
  const facts = await openUpload(receipt, context)
  const { finalKey } = facts
  const taken = finalKey === undefined ? undefined : await findPromoted(finalKey, facts, context)
  if (finalKey !== undefined && taken) {
    // Taken before, and its answer lost. What lies at the old place now is somebody's second try: it never gets here.
    const result = await complete(facts, taken, finalKey, context)
    await removeQuietly(facts.key, context)
    return answer(finalKey, taken, result)
  }
  const found = await findAsGranted(facts, context)
  const result = await complete(facts, found, facts.key, context)
  if (finalKey === undefined) return answer(facts.key, found, result)
  const { bucket, session } = context
  // The copy is bound to what onComplete has seen: a replayed grant may have replaced it meanwhile.
  if ((await bucket.copy(facts.key, found.etag, finalKey, session)) === 'changed')
    throw new ProblemError(
      409,
      'not-stored',
      'The object was replaced while it was checked. Upload it again.',
    )
  await removeQuietly(facts.key, context)
  return answer(finalKey, (await bucket.find(finalKey, session)) ?? found, result)
}

/**
 * The object of a receipt, if it is as granted.
 * @throws ProblemError 409 if there is none, or another
 */
export async function findAsGranted(
  facts: ReceiptFacts,
  { bucket, session }: CallContext,
): Promise<FoundObject> {
  const found = await bucket.find(facts.key, session)
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

function answer(key: string, { size, etag }: FoundObject, result: Json): ConfirmAnswer {
  return { v: 1, stored: { key, size, etag }, result }
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
      throw new ProblemError(422, 'refused', error.message)
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
