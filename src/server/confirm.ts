/** The end of an upload: is the object what was granted, and what does the app say? */
import { longestLife } from '../protocol/limits.ts'
import type { ConfirmAnswer } from '../protocol/wire.ts'
import type { CompletedUpload } from './options.ts'
import { ProblemError, toJson } from './problem.ts'
import type { Receipts } from './receipt.ts'
import { isReject } from './reject.ts'
import type { SignerCredentials, Storage } from './storage.ts'

/** What a confirmation needs. */
export interface ConfirmContext<User> {
  readonly storage: Storage
  readonly credentials: SignerCredentials
  readonly receipts: Receipts
  readonly user: User
  readonly userId: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly signal: AbortSignal
  readonly onComplete: ((upload: CompletedUpload<User>) => unknown) | undefined
}

/** Renewed on its last day, a grant can still run for as long again; an hour for the slow and the late. */
const confirmWindow = (2 * longestLife + 3600) * 1000

/**
 * Everything about the object comes from the receipt and from S3, nothing from the browser's word.
 * @throws ProblemError
 */
export async function confirmUpload<User>(
  receipt: string,
  { storage, credentials, receipts, user, userId, now, signal, onComplete }: ConfirmContext<User>,
): Promise<ConfirmAnswer> {
  const granted = await receipts.open(receipt, userId)
  if (!granted)
    throw new ProblemError(403, 'receipt-invalid', 'The receipt is not one that this signer gave this user.')
  if (now > granted.issued + confirmWindow)
    throw new ProblemError(410, 'expired', 'The upload was begun too long ago to be confirmed.')
  const { key, type, name } = granted
  const found = await storage.find(key, { credentials, now, signal })
  if (!found)
    throw new ProblemError(409, 'not-stored', 'The object is not in the bucket. Upload the file again.')
  if (found.size !== granted.size)
    throw new ProblemError(
      409,
      'not-stored',
      `The object in the bucket has ${found.size} bytes instead of ${granted.size}. Upload the file again.`,
    )
  const { size, etag } = found
  return {
    v: 1,
    stored: { key, size, etag },
    result: toJson(await complete({ bucket: storage.bucket, key, size, type, name, etag, user })),
  }

  async function complete(upload: CompletedUpload<User>): Promise<unknown> {
    try {
      return await onComplete?.(upload)
    } catch (error) {
      if (isReject(error)) throw new ProblemError(422, 'refused', error.message)
      throw new ProblemError(500, 'confirm-failed', "The app's server could not finish the upload.", {
        cause: error,
      })
    }
  }
}
