/** What every action of one call works with. */
import { longestLife } from '../protocol/limits.ts'
import type { Report } from './options.ts'
import { ProblemError } from './problem.ts'
import type { ReceiptFacts, Receipts } from './receipt.ts'
import type { AnyRouteOptions } from './route.ts'
import type { Bucket } from './storage/bucket-port.ts'
import type { SignerCredentials } from './storage/options.ts'
import type { Session } from './storage/send.ts'
import type { TakenKeys } from './taken.ts'

/** One call: who asks, of which route, and what may be used to answer. */
export interface CallContext {
  readonly bucket: Bucket
  readonly session: Session
  readonly receipts: Receipts
  readonly routeName: string
  readonly route: AnyRouteOptions
  /** What `authorize` returned. */
  readonly user: unknown
  /** Sealed into receipts. */
  readonly userId: string
  readonly taken: TakenKeys
  readonly report: Report
}

/** Seconds for which a receipt can renew its grant: as long as the longest policy, less than `lifecycleRules()` waits. */
export const receiptLife: number = longestLife

/** Renewed on its last day, a grant can still run for as long again; an hour for the slow and the late. */
const endingWindow = 2 * longestLife + 3600

/**
 * Seconds that a grant lives: a minute to begin, and the time that the bytes take at 64 KiB/s, since a store may look
 * at the clock only when the body has arrived (RGW does).
 */
export function policyLife(size: number, minimumLife = 0): number {
  return Math.min(Math.max(60 + Math.ceil(size / 65_536), minimumLife), longestLife)
}

/** {@link policyLife}, but never longer than the credentials. */
export function grantLife(size: number, { credentials, now }: Session, minimumLife?: number): number {
  return Math.min(policyLife(size, minimumLife), secondsLeft(credentials, now))
}

function secondsLeft({ expiration }: SignerCredentials, now: number): number {
  const seconds = expiration ? Math.floor((expiration.getTime() - now) / 1000) : Infinity
  if (seconds >= 1) return seconds
  throw new TypeError('The storage credentials have expired. Give a function that fetches new ones.')
}

/**
 * What a receipt says.
 * @param window `grant`: it is to grant once more. `end`: it only ends what was granted.
 * @throws ProblemError 403 if it is none of this signer's, user's and route's, 410 if it has run out
 */
export async function openReceipt(
  receipt: string,
  { receipts, userId, routeName, session }: CallContext,
  window: 'grant' | 'end' = 'end',
): Promise<ReceiptFacts> {
  const facts = await receipts.open(receipt, userId, routeName)
  if (!facts)
    throw new ProblemError(403, 'receipt-invalid', 'The receipt is not one that this signer gave this user.')
  const life = window === 'grant' ? receiptLife : endingWindow
  if (session.now > facts.issued + life * 1000)
    throw new ProblemError(410, 'expired', 'The upload was begun too long ago. Begin a new one.')
  return facts
}

/**
 * {@link openReceipt} for what concerns an upload, not a listed file.
 * @throws ProblemError
 */
export async function openUpload(
  receipt: string,
  context: CallContext,
  window?: 'grant' | 'end',
): Promise<ReceiptFacts> {
  const facts = await openReceipt(receipt, context, window)
  if (facts.kind === 'upload') return facts
  throw new ProblemError(403, 'receipt-invalid', 'The receipt is of a stored file, not of an upload.')
}
