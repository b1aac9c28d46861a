import type { UploadError } from '../errors.ts'
import type { RetryDecision, Tries } from '../rules/retry.ts'
import { decideRetry } from '../rules/retry.ts'
import type { RetryRules } from '../settings.ts'
import type { Line } from './alarms.ts'

/** What was tried for each item and each of its parts, since bytes last got further than ever before. */
export interface TryBook {
  /**
   * Counts a failure and decides on it.
   * @param key an item's id, or `id#number` of a part
   * @param loaded bytes that this try had handed over
   */
  judge: (key: string, error: UploadError, loaded: number, rules: RetryRules) => RetryDecision
  /** Forgets the item and its parts. */
  forget: (id: string) => void
}

/** Makes the book; `random` gives 0 to 1. */
export function createTries(line: Line, random: () => number): TryBook {
  const book = new Map<string, Tries & { furthest: number }>()

  return {
    judge(key, error, loaded, rules) {
      const known = book.get(key)
      const furthest = known?.furthest ?? 0
      // Further than ever before: the line works again, and what failed earlier is no omen.
      const past = known && loaded <= furthest ? known : { failures: 0, atOnce: 0 }
      const decision = decideRetry(error, past, rules, { online: line.isOnline(), random: random() })
      const isCounted = decision.do !== 'wait' || decision.reason === 'backoff'
      book.set(key, {
        failures: past.failures + (isCounted ? 1 : 0),
        atOnce: past.atOnce + (decision.do === 'again' ? 1 : 0),
        furthest: Math.max(furthest, loaded),
      })
      return decision
    },
    forget(id) {
      for (const key of book.keys()) if (key === id || key.startsWith(`${id}#`)) book.delete(key)
    },
  }
}
