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

type Entry = Tries & { furthest: number }

/** Makes the book; `random` gives 0 to 1. */
export function createTries(line: Line, random: () => number): TryBook {
  /** By item, since thousands may be forgotten one by one; then by key. */
  const book = new Map<string, Map<string, Entry>>()

  return {
    judge(key, error, loaded, rules) {
      const id = key.replace(/#.*/, '')
      const page = book.get(id) ?? new Map<string, Entry>()
      book.set(id, page)
      const known = page.get(key)
      const furthest = known?.furthest ?? 0
      // Further than ever before: the line works again, and what failed earlier is no omen.
      const past = known && loaded <= furthest ? known : { failures: 0, atOnce: 0 }
      const decision = decideRetry(error, past, rules, { online: line.isOnline(), random: random() })
      const isCounted = decision.do !== 'wait' || decision.reason === 'backoff'
      page.set(key, {
        failures: past.failures + (isCounted ? 1 : 0),
        atOnce: past.atOnce + (decision.do === 'again' ? 1 : 0),
        furthest: Math.max(furthest, loaded),
      })
      return decision
    },
    forget: (id) => void book.delete(id),
  }
}
