/** What the engine is to the outside: snapshots out, commands in. Types only. */
import type { UploadRules, UploaderSettings } from './settings.ts'
import type { FilesInput, FilesSource } from './sources/types.ts'
import type {
  UploadBatchOutcome,
  UploadCounts,
  UploadItem,
  UploadProgress,
  UploadResult,
  UploadStatus,
  UploadTotals,
} from './types.ts'

/** What belongs to one `add()`. */
export interface AddOptions {
  /** Handed to the backend with each of these files. */
  options?: unknown
}

/** Topics of {@link UploadSnapshots.subscribe}: each names one snapshot. */
export type UploadTopic =
  | 'ids'
  | `ids:${UploadStatus}`
  | 'items'
  | 'counts'
  | 'totals'
  | 'rules'
  | `item:${string}`
  | `progress:${string}`

/**
 * The readable side: snapshots that are replaced, never changed, and published at most once per animation frame
 * (a user's command publishes at once).
 */
export interface UploadSnapshots {
  /** Calls `listener` after the topic's snapshot was replaced. Returns the function that ends it. */
  readonly subscribe: (topic: UploadTopic, listener: () => void) => () => void
  /** All ids in list order, or those in one status. */
  readonly getIds: (status?: UploadStatus) => readonly string[]
  readonly getItem: (id: string) => UploadItem | undefined
  /** All items in list order (topic `items`: any of them changed). */
  readonly getItems: () => readonly UploadItem[]
  readonly getProgress: (id: string) => UploadProgress
  readonly getCounts: () => UploadCounts
  readonly getTotals: () => UploadTotals
}

/**
 * Commands in, snapshots out. Each command takes one id, several, or none for all; ids it does not fit are passed
 * over (the table of statuses and commands is in `item-reducer.ts`).
 */
export interface Uploader extends UploadSnapshots {
  /** Takes files into the list, in natural order, and (unless `autoStart` is false) starts them. Returns the items. */
  readonly add: (files: FilesInput, options?: AddOptions) => readonly UploadItem[]
  /**
   * Takes what comes in batches, such as `streamDrop(event)` and `filesFromDirectory(handle)` give, as it comes; or the
   * picture on a canvas. What could not be read is in the list as an error. Resolves with all items.
   * @throws UploadError `canvas-unreadable`
   */
  readonly addFrom: (source: FilesSource, options?: AddOptions) => Promise<readonly UploadItem[]>
  /** Starts what is queued; needed only with `autoStart: false`. */
  readonly start: (ids?: string | readonly string[]) => void
  /** Stops, keeps in the list; `resume` queues again. A post or put then begins at byte 0. */
  readonly pause: (ids?: string | readonly string[]) => void
  readonly resume: (ids?: string | readonly string[]) => void
  readonly cancel: (ids?: string | readonly string[]) => void
  /** Failed ones go on from the step that failed; canceled ones start anew. */
  readonly retry: (ids?: string | readonly string[]) => void
  /** Every failed one; those that were canceled stay so. */
  readonly retryAll: () => void
  /**
   * Queued ones go next, in this order. With `preempt` they go now: as many others as needed give up their place, and go
   * on behind them.
   */
  readonly prioritize: (ids: string | readonly string[], how?: { preempt?: boolean }) => void
  /**
   * The file of an item that `needs-file`. Resolves with whether it is the same one; then it goes on, else the item says
   * why not.
   */
  readonly attach: (id: string, file: File) => Promise<boolean>
  /**
   * Puts the unfinished uploads of earlier visits into the list, and ends on the server what a crash left over. Once; a
   * second call does nothing, but after `leave`. Never rejects: without a working database there is nothing to restore.
   */
  readonly restore: () => Promise<readonly UploadItem[]>
  /**
   * For a page that shows the list no longer, while what is under way goes on: lets go of what earlier visits left and
   * nobody has given a file for, so that another uploader may take it up. `restore` puts it into the list again.
   */
  readonly leave: () => void
  /** Cancels what runs and takes it off the list. Refused while `processing`, and while that waits. */
  readonly remove: (ids?: string | readonly string[]) => void
  /** Takes all off the list that is over: success, error, canceled, rejected. */
  readonly clear: () => void
  /** Changes the name before the first grant. Returns whether it was still possible. */
  readonly rename: (id: string, name: string) => boolean
  /** Changes what is handed to the backend, before the first grant. Returns whether it was still possible for all. */
  readonly setItemOptions: (ids: string | readonly string[], options: unknown) => boolean
  /** Resolves when each of these (default: all now in the list) is over. Never rejects. */
  readonly whenSettled: (ids?: readonly string[]) => Promise<UploadBatchOutcome>
  /**
   * One file, outside of any UI: added, started, awaited.
   * @throws UploadError when it is rejected, fails, or is canceled (code `aborted`)
   */
  readonly upload: (
    file: File | Blob,
    options?: AddOptions & { signal?: AbortSignal },
  ) => Promise<UploadResult>
  /** The rules in force: the app's own, and what the server publishes where the app says nothing. Topic `rules`. */
  readonly getRules: () => UploadRules
  /** New rules and callbacks; they hold from the next `add()` or event on. */
  readonly setOptions: (options: Partial<UploaderSettings>) => void
  /** Stops everything, drops all listeners. Further commands do nothing. Uploads in parts can be restored later. */
  readonly destroy: () => void
}
