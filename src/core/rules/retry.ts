/** Whether a failure is tried again, and when. Pure: the clock, the line and the dice are handed in. */
import type { UploadError } from '../errors.ts'
import type { RetryRules } from '../settings.ts'

/** What was tried so far, since the last time that bytes got further than before. */
export interface Tries {
  /** Failures that counted. Being offline does not. */
  failures: number
  /** Failures that were tried again without a pause. */
  atOnce: number
}

/** What to do about a failure. */
export type RetryDecision =
  | { do: 'fail' }
  /** Without a pause: a new signature or a fresh read is all that it takes. */
  | { do: 'again' }
  /** After `delay` milliseconds; offline: when the line is back. */
  | { do: 'wait'; reason: 'offline' | 'backoff'; delay: number }

/** Milliseconds between looks whether the line is back: `navigator.onLine` has been seen to stay false. */
export const offlineRecheck = 15_000
const firstDelay = 1000
const longestDelay = 30_000
/** Milliseconds; a timer that is to wait longer rings at once. */
const longestTimer = 2 ** 31 - 1
const defaultRetries = 5

/** What is said of a request that got no answer; a line that is down may swallow it without a word. */
const silent: ReadonlySet<string> = new Set(['network', 'signer-unreachable', 'timeout'])

/**
 * Decides on one failure.
 * @param online what the browser says of the line; believed only where a request got no answer
 * @param random 0 to 1, spreads the clients that one outage has hit
 */
export function decideRetry(
  error: UploadError,
  tries: Tries,
  { retry, retryDelay }: RetryRules,
  { online, random }: { online: boolean; random: number },
): RetryDecision {
  if (error.retry === 'never' || retry === false) return { do: 'fail' }
  const noAnswer = error.status === undefined && silent.has(error.code)
  if (noAnswer && !online) return { do: 'wait', reason: 'offline', delay: offlineRecheck }
  if (!mayRetry(error, tries.failures, retry)) return { do: 'fail' }
  // Once, and at once: what comes back the same then is no matter of a stale signature or of a bad read.
  if (error.retry !== 'later') return { do: tries.atOnce === 0 ? 'again' : 'fail' }
  return { do: 'wait', reason: 'backoff', delay: delayOf(error, tries.failures, retryDelay, random) }
}

function mayRetry(
  error: UploadError,
  failures: number,
  retry: RetryRules['retry'] = defaultRetries,
): boolean {
  if (typeof retry === 'function') return retry(failures, error)
  return retry === true || (typeof retry === 'number' && failures < retry)
}

function delayOf(
  error: UploadError,
  failures: number,
  retryDelay: RetryRules['retryDelay'],
  random: number,
): number {
  const own = typeof retryDelay === 'function' ? retryDelay(failures, error) : retryDelay
  const delay = own ?? backoff(failures, random)
  // The server knows best; a date in its distant future is no reason to wait for ever.
  return Math.min(Math.max(delay, Math.min((error.retryAfter ?? 0) * 1000, 10 * 60_000)), longestTimer)
}

/** Milliseconds. Half of it is certain, half is chance, so that the clients of one outage do not come back as one. */
export function backoff(failures: number, random: number): number {
  const longest = Math.min(firstDelay * 2 ** failures, longestDelay)
  return longest / 2 + (random * longest) / 2
}
