/** The end of an upload that is aborted: nothing of it is left, but what the app has taken. */
import { longestGrantLife, openUpload, receiptLife, type CallContext } from './call-context.ts'
import { endParts } from './end-uploads.ts'
import { giveBack } from './grant.ts'
import type { ReceiptFacts } from './receipt.ts'
import { isOwn } from './upload-mark.ts'
import { findPromoted, markAborted, uploadStateOf } from './upload-state.ts'

/**
 * Aborts an upload. Its parts go, and so does its object where the signer knows that the app did not take it; the app is
 * told what is left, and until when the grant can still store something.
 * @throws ProblemError
 */
export async function abortUpload(receipt: string, context: CallContext): Promise<object> {
  const facts = await openUpload(receipt, context)
  const { key, finalKey, multipart, id, record } = facts
  // First of all: a call that confirms at the same moment must read it, in whichever process it runs.
  await markAborted(facts, context)
  if (multipart) await endParts(facts, context)
  const stored = await removeUntaken(facts, context)
  await giveBack(
    { key: finalKey ?? key, id, record, stored, usableUntil: usableUntil(facts, context) },
    context,
  )
  return {}
}

/** @returns is the object still there? */
async function removeUntaken(facts: ReceiptFacts, context: CallContext): Promise<boolean> {
  const { key, finalKey, isUnique } = facts
  const { bucket, session } = context
  if (finalKey !== undefined) {
    await bucket.remove(key, session)
    // After the removal: a copy that a confirm began before the marker needs the waiting file.
    return (await findPromoted(facts, context)) !== undefined
  }
  const found = await bucket.find(key, session)
  if (!found || !isOwn(found, facts)) return false
  const state = await uploadStateOf(facts, context)
  // Between a look and a removal, another upload may replace the object of a key that repeats.
  const mayRemove = isUnique === true && state !== undefined && state !== 'taken'
  if (mayRemove) await bucket.remove(key, session)
  return !mayRemove
}

/** Milliseconds since 1970, until which bytes can still arrive and count. */
function usableUntil({ size, issued, multipart, finalKey }: ReceiptFacts, context: CallContext): number {
  const { session, route } = context
  // S3 takes no part of an upload that was aborted.
  if (multipart) return session.now
  const isKnownToAll = finalKey !== undefined || route.uploadState !== undefined
  const lastGrant = isKnownToAll ? session.now : issued + receiptLife * 1000
  return lastGrant + longestGrantLife(size, route) * 1000
}
