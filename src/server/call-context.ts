/** What every action of one call works with. */
import { longestLife } from '../protocol/limits.ts'
import type { OpenUploads } from './open-uploads.ts'
import type { Report } from './options.ts'
import { ProblemError } from './problem.ts'
import type { ReceiptFacts, Receipts } from './receipt.ts'
import type { AnyRouteOptions } from './route.ts'
import type { Bucket } from './storage/bucket-port.ts'
import type { SignerCredentials } from './storage/options.ts'
import type { Session } from './storage/send.ts'
import { grantingCredentials } from './storage/send.ts'

/** One call: who asks, of which route, and what may be used to answer. */
export interface CallContext {
  readonly bucket: Bucket
  readonly session: Session
  readonly receipts: Receipts
  readonly openUploads: OpenUploads
  readonly routeName: string
  readonly route: AnyRouteOptions
  /** The `promote` folders of all routes. */
  readonly waitingFolders: readonly string[]
  /** What `authorize` returned. */
  readonly user: unknown
  /** Sealed into receipts. */
  readonly userId: string
  readonly report: Report
}

/** Seconds for which a receipt can renew its grant: as long as the longest policy, less than `lifecycleRules()` waits. */
export const receiptLife: number = longestLife

/** Renewed on its last day, a grant can still run for as long again; an hour for the slow and the late. */
const endingWindow = 2 * longestLife + 3600

const [hour, day] = [3600, 86_400]

/** Seconds: a minute to begin, and the time that the bytes take at so many bytes a second. */
const lifeAt = (speed: number, size: number): number => 60 + Math.ceil(size / speed)

/**
 * Seconds that a grant for so many bytes lives at most, whatever the browser asks for: what a connection of 8 KiB/s
 * needs, an hour at least, since any connection can hang, and a day at most, unless the route says otherwise.
 */
export function longestGrantLife(size: number, { maxGrantLife }: AnyRouteOptions): number {
  const needed = Math.min(Math.max(lifeAt(8192, size), hour), day)
  return Math.min(maxGrantLife ?? needed, longestLife)
}

/**
 * Seconds that a grant lives: what a connection of 64 KiB/s needs, since a store may look at the clock only when the
 * body has arrived (RGW does). More where the browser asks for it after a try that took too long, see
 * {@link longestGrantLife}. Never longer than the credentials.
 */
export function grantLife(
  size: number,
  { session, route }: Pick<CallContext, 'session' | 'route'>,
  minimumLife = 0,
): number {
  const wanted = Math.max(lifeAt(65_536, size), minimumLife)
  return Math.min(wanted, longestGrantLife(size, route), secondsLeft(session))
}

/**
 * Seconds until the credentials expire, of either kind.
 * @throws TypeError if they have expired
 */
export function secondsLeft(session: Session): number {
  const { credentials, now } = session
  const ends = [credentials, grantingCredentials(session)].map(({ expiration }: SignerCredentials) =>
    expiration ? expiration.getTime() : Infinity,
  )
  const seconds = Math.floor((Math.min(...ends) - now) / 1000)
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
