/** For stores without lifecycle rules: ends what nobody ended. Run it once a day. */
import { receiptLife } from './call-context.ts'
import { checkRouter, sweepChecks } from './handler-checks.ts'
import { readNow } from './hook-answers.ts'
import { checkOptions } from './option-checks.ts'
import type { AnyRouter } from './router.ts'
import type { UploadMarker } from './storage/bucket-port.ts'
import { createBucket } from './storage/bucket.ts'
import type { FetchLike, StorageOptions } from './storage/options.ts'

/** Options of {@link sweep}. */
export interface SweepOptions {
  readonly storage: StorageOptions
  /** More than 7, as receipts let uploads be resumed for so long. Default 8. */
  readonly days?: number
  /** Stops it. */
  readonly signal?: AbortSignal
  /** Default: the global `fetch`. */
  readonly fetch?: FetchLike
  /** Milliseconds since 1970. Default `Date.now`; for tests. */
  readonly now?: () => number
}

/** What was removed. */
export interface Swept {
  /**
   * Uploads in parts; `unlisted` if the store cannot list them, as MinIO, which takes a prefix for a whole key. MinIO
   * itself removes them after a day (its setting `stale_uploads_expiry`).
   */
  readonly uploads: number | 'unlisted'
  /** Files that waited below `promote` twice as long, and abort markers. */
  readonly files: number
}

/**
 * Aborts the routes' uploads in parts that are older than `days`, and removes files that were not confirmed in twice
 * that time where they wait apart (`promote`). On MinIO only the latter: see {@link Swept.uploads}.
 * @throws RangeError for too few days, ProblemError if the store does not answer as it should
 */
export async function sweep(router: AnyRouter, options: SweepOptions): Promise<Swept> {
  checkRouter(router)
  checkOptions(options, sweepChecks, 'sweep: ')
  const { routes } = router
  const { days = 8, now = Date.now, signal = new AbortController().signal } = options
  if (days * 86_400 <= receiptLife)
    throw new RangeError(
      `Uploads can be resumed for ${receiptLife / 86_400} days: choose more days, not ${days}.`,
    )
  const bucket = createBucket(options.storage, options.fetch)
  const session = await bucket.openSession(readNow(now()), signal)
  const age = days * 86_400_000
  let uploads = 0
  let files = 0
  const prefixes = [...routes.values()].flatMap(({ prefix = '', promote }) => [prefix, promote ?? prefix])
  for (const prefix of new Set(bucket.can.listsUploads ? prefixes : [])) {
    let after: UploadMarker | undefined
    do {
      const page = await bucket.openUploads(prefix, after, session)
      for (const { key, uploadId, initiated } of page.uploads) {
        if (!(session.now - initiated > age)) continue
        await bucket.abortUpload(key, uploadId, session)
        uploads += 1
      }
      after = page.next
    } while (after)
  }
  for (const folder of new Set([...routes.values()].flatMap(({ promote }) => promote ?? []))) {
    let cursor: string | undefined
    do {
      const page = await bucket.list(folder, cursor, session)
      for (const { key, lastModified } of page.files) {
        if (!(session.now - lastModified > 2 * age)) continue
        await bucket.remove(key, session)
        files += 1
      }
      cursor = page.cursor
    } while (cursor !== undefined)
  }
  return { uploads: bucket.can.listsUploads ? uploads : 'unlisted', files }
}
