/**
 * What became of an upload, in words that every process of the signer reads alike. With `promote` the bucket itself
 * tells: an empty object beside the waiting file says that the upload was aborted. Without it, only the app's
 * `uploadState` knows.
 */
import type { CallContext } from './call-context.ts'
import type { UploadState } from './contexts.ts'
import { readUploadState } from './hook-answers.ts'
import type { ReceiptFacts } from './receipt.ts'
import type { FoundObject } from './storage/bucket-port.ts'
import { isOwn } from './upload-mark.ts'

/** Where the abort marker of a waiting file lies: in the same folder, which is this upload's alone. */
export const abortMarkerOf = (waitingKey: string): string => `${waitingKey}.aborted`

/**
 * Ends an upload for good: from now on no process confirms or renews it. Without `promote` there is nowhere to write
 * that, so nothing happens.
 */
export async function markAborted(
  { key, finalKey }: ReceiptFacts,
  { bucket, session }: CallContext,
): Promise<void> {
  if (finalKey !== undefined) await bucket.createEmpty(abortMarkerOf(key), session)
}

/** The state of an upload; undefined if neither the bucket nor the app can tell. */
export async function uploadStateOf(
  { key, finalKey, id, record }: ReceiptFacts,
  { bucket, session, route, user }: CallContext,
): Promise<UploadState | undefined> {
  if (finalKey !== undefined)
    return (await bucket.find(abortMarkerOf(key), session)) === undefined ? 'open' : 'aborted'
  return route.uploadState && readUploadState(await route.uploadState({ key, id, record, user }))
}

/** The object at the final key, if it is this upload's. */
export async function findPromoted(
  facts: ReceiptFacts,
  { bucket, session }: CallContext,
): Promise<FoundObject | undefined> {
  if (facts.finalKey === undefined) return undefined
  const found = await bucket.find(facts.finalKey, session)
  return found && isOwn(found, facts) ? found : undefined
}
