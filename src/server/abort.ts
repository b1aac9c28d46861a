/** The end of an upload that is given up: nothing of it is left, but what the app has taken. */
import type { CallContext } from './call-context.ts'
import { openUpload } from './call-context.ts'
import { findPromoted } from './confirm.ts'
import { giveBack } from './grant.ts'
import { ProblemError } from './problem.ts'
import type { ReceiptFacts } from './receipt.ts'
import { whatDiffers } from './verify.ts'

/** Milliseconds before each try: parts that are on their way may land after an abort (AWS: API_AbortMultipartUpload). */
const pauses = [0, 200, 400, 800, 1600]

/**
 * Gives an upload up. Its parts go, and its object too if that has arrived unseen and the app did not take it; the app is
 * told what is left.
 * @throws ProblemError
 */
export async function abortUpload(receipt: string, context: CallContext): Promise<object> {
  const facts = await openUpload(receipt, context)
  const { key, finalKey, multipart, id, record } = facts
  if (multipart) await endParts(key, multipart.uploadId, context)
  const stored = await removeUntaken(facts, context)
  await giveBack({ key: finalKey ?? key, id, record, stored }, context)
  return {}
}

async function endParts(key: string, uploadId: string, { bucket, session }: CallContext): Promise<void> {
  for (const pause of pauses) {
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
    await bucket.abortUpload(key, uploadId, session)
    if (!(await bucket.listParts(key, uploadId, session))) return
  }
  throw new ProblemError(
    502,
    'storage-failed',
    'Parts of the upload are still arriving. Abort it again later.',
  )
}

/** @returns is the object there still? */
async function removeUntaken(facts: ReceiptFacts, context: CallContext): Promise<boolean> {
  const { key, finalKey, isUnique } = facts
  const { bucket, session } = context
  const found = await bucket.find(key, session)
  if (!isUnique) return found !== undefined && whatDiffers(found, facts) === undefined
  // Nothing else can lie here. What was promoted is out of reach.
  const promoted = finalKey === undefined ? undefined : await findPromoted(finalKey, facts, context)
  if (!found) return promoted !== undefined
  if (finalKey === undefined && (await isTaken(facts, context))) return true
  await bucket.remove(key, session)
  return promoted !== undefined
}

async function isTaken({ key, id, record }: ReceiptFacts, context: CallContext): Promise<boolean> {
  const { route, user, taken } = context
  return route.isTaken ? route.isTaken({ key, id, record, user }) : taken.has(key)
}
