import type { Line } from './alarms.ts'
import type { UploadError } from './errors.ts'
import type { RetryDecision, Tries } from './rules/retry.ts'
import { decideRetry } from './rules/retry.ts'
import type { RetryRules } from './types.ts'

/** What was tried for each item, since bytes last got further than ever before. */
export interface TryBook {
  /**
   * Counts a failure and decides on it.
   * @param loaded bytes that this try had handed over
   */
  judge: (id: string, error: UploadError, loaded: number, rules: RetryRules) => RetryDecision
  /** Further than ever before: the line works again, and what failed earlier is no omen. */
  advance: (id: string, loaded: number) => void
  forget: (id: string) => void
}

/** Makes the book; `random` gives 0 to 1. */
export function createTries(line: Line, random: () => number): TryBook {
  const book = new Map<string, Tries & { furthest: number }>()

  return {
    judge(id, error, loaded, rules) {
      const past = book.get(id) ?? { failures: 0, atOnce: 0, furthest: loaded }
      const decision = decideRetry(error, past, rules, { online: line.isOnline(), random: random() })
      const isCounted = decision.do !== 'wait' || decision.reason === 'backoff'
      book.set(id, {
        failures: past.failures + (isCounted ? 1 : 0),
        atOnce: past.atOnce + (decision.do === 'again' ? 1 : 0),
        furthest: Math.max(past.furthest, loaded),
      })
      return decision
    },
    advance(id, loaded) {
      const past = book.get(id)
      if (past && loaded > past.furthest) book.set(id, { failures: 0, atOnce: 0, furthest: loaded })
    },
    forget: (id) => void book.delete(id),
  }
}
