/** What readers see of an empty list: always the same objects, as `useSyncExternalStore` wants of a server's snapshot. */
import type { UploadCounts, UploadItem, UploadProgress, UploadTotals } from './types.ts'

/** No ids. */
export const emptyIds: readonly string[] = Object.freeze([])

/** No items. */
export const emptyItems: readonly UploadItem[] = Object.freeze([])

/** Nothing of nothing. */
export const noProgress: UploadProgress = Object.freeze({ loaded: 0, total: 0 })

/** No bytes, no files. */
export const noTotals: UploadTotals = Object.freeze({
  loaded: 0,
  total: 0,
  files: 0,
  succeeded: 0,
  failed: 0,
  active: 0,
})

/** No item in any status. */
export const noCounts: UploadCounts = Object.freeze({
  queued: 0,
  preparing: 0,
  uploading: 0,
  waiting: 0,
  paused: 0,
  processing: 0,
  success: 0,
  error: 0,
  canceled: 0,
  rejected: 0,
  remote: 0,
})
