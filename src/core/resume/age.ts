/** How records grow old, the same in every store. */
import type { ResumeRecord } from './types.ts'

/** When a record is too old. */
export interface AgeRules {
  /** Milliseconds since its last change. Default 7 days, after which browsers and buckets clean up as well. */
  maxAge?: number
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number
}

const week = 7 * 24 * 60 * 60 * 1000

/**
 * What is still of use, oldest first. Too old an upload is not gone on with, but its parts lie in S3 and cost money:
 * it comes back as `abandoned`, to be aborted. Twice as old, it is given up, and its record can go.
 */
export function currentRecords(
  records: readonly ResumeRecord[],
  { maxAge = week, now = Date.now }: AgeRules,
): readonly ResumeRecord[] {
  const ageOf = ({ updatedAt }: ResumeRecord): number => now() - updatedAt
  return records
    .filter((record) => ageOf(record) <= 2 * maxAge)
    .map((record) => (ageOf(record) > maxAge ? { ...record, state: 'abandoned' as const } : record))
    .toSorted((a, b) => a.createdAt - b.createdAt)
}
