/** The vocabulary of the list: items, progress, rules, events, commands. Types only (and the list of statuses). */
import type { UploadError } from './errors.ts'
import type { ChecksumAlgorithm, StoredObject, StoredPart } from './ports.ts'

/** Why a rule rejects a file, as a value; the words are in `i18n`. */
export interface FileError {
  code:
    | 'file-invalid-type'
    | 'file-too-large'
    | 'file-too-small'
    | 'too-many-files'
    | 'total-too-large'
    /** The same file is in the list already. */
    | 'duplicate'
    /** The app's own `validator` or `beforeUpload` does not want it; `reason` says why. */
    | 'vetoed'
  file: { name: string; size: number; type: string }
  /** Bytes, files, or what is accepted (`image/*`, `.pdf`); 0 where there is none to name. */
  limit: number | readonly string[]
  actual: number | string
  /** The app's words for the user, with `vetoed`. */
  reason?: string
}

/** What of an item's life failed. */
export type UploadStep = 'prepare' | 'transfer' | 'complete' | 'confirm'

/** What all items have. */
export interface UploadItemFacts {
  readonly id: string
  /** The bytes; undefined for `remote` items, and for unfinished ones of an earlier visit until the file is chosen again. */
  readonly file: File | undefined
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** The browser's guess; `''` where it has none. */
  readonly type: string
  /** Milliseconds since 1970. */
  readonly lastModified: number
  /** `folder/name` for files of a dropped or picked folder. */
  readonly relativePath: string | undefined
  /** Given to `add()`, handed to the backend. */
  readonly options: unknown
  /** What the app's server made before the upload. */
  readonly record: unknown
  /** Does a pause keep what was sent? False for a post or put: those begin again at byte 0. */
  readonly canResume: boolean
}

/** What differs by status. */
export type UploadItemState =
  | { readonly status: 'queued' }
  /** Asking the signer. */
  | { readonly status: 'preparing' }
  | { readonly status: 'uploading' }
  /** Goes on by itself; `until` in milliseconds since 1970, missing where no time is known. */
  | {
      readonly status: 'waiting'
      readonly reason: 'offline' | 'backoff'
      readonly until?: number
      readonly error?: UploadError
    }
  | {
      readonly status: 'paused'
      /** `needs-file`: {@link Uploader.attach} goes on; `needs-permission`: `resume` asks for it, in a click. */
      readonly reason: 'user' | 'needs-file' | 'needs-permission' | 'other-tab'
      /** Why the file that was given last is not taken. */
      readonly error?: UploadError
    }
  /** The bytes are in S3, the app's server is still answering. */
  | { readonly status: 'processing'; readonly stored: StoredObject }
  | {
      readonly status: 'success'
      readonly stored: StoredObject
      /** What `confirm` answered. */
      readonly result: unknown
      readonly removal?: 'pending' | UploadError
    }
  | {
      readonly status: 'error'
      readonly step: UploadStep
      readonly error: UploadError
      /** Set where the bytes are in S3 already (step `confirm`). */
      readonly stored?: StoredObject
    }
  | { readonly status: 'canceled' }
  | { readonly status: 'rejected'; readonly errors: readonly FileError[] }
  /** Already stored, not uploaded by us. */
  | { readonly status: 'remote'; readonly stored: StoredObject; readonly removal?: 'pending' | UploadError }

/** One file in the list. A snapshot: replaced, never changed. */
export type UploadItem = UploadItemFacts & UploadItemState

/** See {@link UploadItemState}. */
export type UploadStatus = UploadItem['status']

/** Every status, in the order of a file's life. */
export const uploadStatuses: readonly UploadStatus[] = [
  'queued',
  'preparing',
  'uploading',
  'waiting',
  'paused',
  'processing',
  'success',
  'error',
  'canceled',
  'rejected',
  'remote',
]

/**
 * Bytes of the file. `loaded` is what was handed to the network, and reaches `total` only once S3 has answered. After a
 * failure it goes back to what S3 has kept.
 */
export interface UploadProgress {
  readonly loaded: number
  readonly total: number
}

/** How many items are in each status. */
export type UploadCounts = Readonly<Record<UploadStatus, number>>

/** All that is to be uploaded or was: without canceled, rejected and remote items. */
export interface UploadTotals {
  /** Bytes. Never runs backwards while the files stay the same: bytes that are sent again count once. */
  readonly loaded: number
  /** Bytes. */
  readonly total: number
  readonly files: number
  /** Files that ended in `success`. */
  readonly succeeded: number
  /** Files that ended in `error`. */
  readonly failed: number
  /** Files that still have to go on by themselves: queued to processing, without paused ones. */
  readonly active: number
}

// ------------------------------------------------------------------------------------- rules and options

/** When a failure is tried again by itself; the signatures are TanStack Query's. */
export interface RetryRules {
  /**
   * How often, or whether: `failureCount` begins at 0 and starts anew once bytes have got further than before. Only
   * what can pass by itself is asked about (never a refusal). Default 5.
   */
  retry?: boolean | number | ((failureCount: number, error: UploadError) => boolean) | undefined
  /** Milliseconds to wait. Default: 1 s, doubled each time up to 30 s, half of it by chance. `Retry-After` is kept. */
  retryDelay?: number | ((failureCount: number, error: UploadError) => number) | undefined
}

/** The object form of react-dropzone: media types to extensions, `{'image/*': ['.png'], 'application/pdf': []}`. */
export type Accept = Readonly<Record<string, readonly string[]>>

/** Which files are taken. The server decides in the end; these spare the user the wait. */
export interface UploadRules {
  /** Default: everything. */
  accept?: Accept | undefined
  /** Bytes, inclusive. Default 0. */
  minSize?: number | undefined
  /** Bytes, inclusive. Default: no limit. */
  maxSize?: number | undefined
  /** Files in the list that are not rejected or canceled. Default: no limit. */
  maxFiles?: number | undefined
  /** Bytes of those files together. Default: no limit. */
  maxTotalSize?: number | undefined
  /** Over `maxFiles` or `maxTotalSize`: keep the first ones that fit (`trim`), or none of the batch. Default `trim`. */
  overflow?: 'trim' | 'reject' | undefined
}

/** What an own check says: nothing or true takes the file, a text is the reason for the user, false has none. */
export type Verdict = string | boolean | null | undefined | void

/** Checks of the app's own, after the rules. Those that answer later keep their files `queued` until they have. */
export interface UploadChecks {
  /** One file. Throwing refuses it too, with the error's message. */
  validator?: ((file: File) => Verdict | Promise<Verdict>) | undefined
  /** All files of one `add()` that the rules took; a verdict holds for all of them. */
  validateBatch?: ((files: readonly File[]) => Verdict | Promise<Verdict>) | undefined
  /**
   * A file of the same name, size, date and folder that is in the list already: take it (`keep`), refuse it (`skip`),
   * or ask. Default `keep`: phones give every photo one name.
   */
  duplicates?:
    | 'keep'
    | 'skip'
    | ((file: File, existing: UploadItem) => Verdict | Promise<Verdict>)
    | undefined
}

/** What `beforeUpload` may change of one file; what it leaves out stays. */
export interface BeforeUploadChanges {
  name?: string
  /** Handed to the backend: metadata, another endpoint, whatever it takes. */
  options?: unknown
}

/** What a finished upload gives. */
export interface UploadResult {
  readonly id: string
  readonly name: string
  readonly stored: StoredObject
  /** What the app's server answered. */
  readonly result: unknown
}

/** What all settled: the outcome of each file of an `add()`. */
export interface UploadBatchOutcome {
  readonly succeeded: readonly UploadItem[]
  readonly failed: readonly UploadItem[]
  readonly canceled: readonly UploadItem[]
  readonly rejected: readonly UploadItem[]
}

/** Callbacks; each gets the whole item. A throwing callback is reported to the console and stops nothing. */
export interface UploadEvents {
  /** Files were taken into the list. */
  onAdded?: ((items: readonly UploadItem[]) => void) | undefined
  /** Files were refused by a rule, a check, or `beforeUpload`. */
  onRejected?: ((items: readonly UploadItem[]) => void) | undefined
  /** An item's status changed; `previous` is the one before. */
  onStatus?: ((item: UploadItem, previous: UploadStatus) => void) | undefined
  /** Bytes were handed over; at most once per animation frame and file. */
  onProgress?: ((item: UploadItem, progress: UploadProgress) => void) | undefined
  /** S3 has one more part of it. */
  onPartDone?: ((item: UploadItem, part: StoredPart) => void) | undefined
  /** A file is in S3 and confirmed. */
  onSuccess?: ((item: UploadItem & { status: 'success' }) => void) | undefined
  /** A file ended in an error. */
  onError?: ((error: UploadError, item: UploadItem & { status: 'error' }) => void) | undefined
  /** Nothing is going on any more. */
  onSettled?: ((items: readonly UploadItem[]) => void) | undefined
  /** The credentials that a backend signs with run out at `expiresAt` (milliseconds since 1970), or have. */
  onCredentialsExpiring?: ((expiresAt: number) => void) | undefined
}

/** What the app does in the middle of an upload. */
export interface UploadHooks {
  /**
   * Before a file's first target is asked for, and not ahead of its turn: changes it, or vetoes it with
   * `{ veto: 'why' }`; the others go on. What it throws is the item's error, at step `prepare`.
   */
  beforeUpload?:
    | ((
        item: UploadItem,
        call: { signal: AbortSignal },
      ) =>
        | BeforeUploadChanges
        | { veto: string }
        | void
        | Promise<BeforeUploadChanges | { veto: string } | void>)
    | undefined
  /**
   * The app's server wants a login (401). Resolving goes on with the same call; `false` or a rejection lets the file
   * fail. Asked once for all files that wait for it.
   */
  onUnauthorized?: ((error: UploadError) => unknown) | undefined
}

// ------------------------------------------------------------------------------------------- the uploader

/** What belongs to one `add()`. */
export interface AddOptions {
  /** Handed to the backend with each of these files. */
  options?: unknown
}

/** What goes into `add()`. Folders and clipboards become `File[]` in `sources/` first. */
export type FilesInput = File | Blob | FileList | readonly (File | Blob)[]

/** Files that were found, and what could not be read on the way. Never both empty. */
export interface FileBatch {
  /** Some 100, fewer where they come slowly. Each has its place, `relativePathOf`, and where the browser gives one, its handle. */
  readonly files: readonly File[]
  /** Files and whole folders that the browser or the disk refused. */
  readonly unreadable: readonly UnreadableEntry[]
}

/** A file or folder that was dropped or picked and could not be read. */
export interface UnreadableEntry {
  /** `folder/name`; of a folder, nothing that is in it was read from here on. `''` where it has no name. */
  readonly path: string
  /** Code `file-unreadable`. */
  readonly error: UploadError
}

/** A canvas, and how its picture is to be stored. */
export interface CanvasPicture {
  readonly canvas: HTMLCanvasElement | OffscreenCanvas
  /** Its extension follows the type that the browser could write. Default `canvas`. */
  readonly name?: string
  /** What the browser is asked to write; `image/png` if it cannot (Safari: WebP). Default `image/png`. */
  readonly type?: string
  /** 0 to 1, for types that lose something. Default: the browser's. */
  readonly quality?: number
}

/** What goes into `addFrom()`. */
export type FilesSource = AsyncIterable<FileBatch> | HTMLCanvasElement | OffscreenCanvas | CanvasPicture

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
   * second call does nothing. Never rejects: without a working database there is nothing to restore.
   */
  readonly restore: () => Promise<readonly UploadItem[]>
  /** Cancels what runs and takes it off the list. Refused while `processing`. */
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

/** What can be changed while it runs. */
export interface UploaderSettings extends UploadRules, UploadChecks, UploadHooks, UploadEvents, RetryRules {
  /** What the server says that it takes (`backend.limits()`); a rule of the app's own comes before. */
  limits?: UploadRules | undefined
  /** Start files as they are added. Default true. */
  autoStart?: boolean | undefined
  /** Files in transfer at a time, per storage. Default 6: what a browser opens to one HTTP/1.1 host. */
  concurrency?: number | undefined
  /**
   * Milliseconds without a byte on its way after which a request is given up and tried again. Default 30,000. Where
   * the browser reports no progress (service workers), only a limit by size holds.
   */
  stallTimeout?: number | undefined
  /**
   * Digests that go with the bytes, signed, so that S3 refuses what was changed on the way: of each part, and of the whole
   * for files in one piece. Costs one reading of the file. Default: none.
   */
  checksum?: ChecksumAlgorithm | undefined
  /** Asks before the page is left while files are under way. Default true. */
  warnBeforeLeave?: boolean | undefined
  /** Keeps the screen on while files are under way, where the browser can. Default false. */
  wakeLock?: boolean | undefined
}
