/** The vocabulary of the list: items, their states, progress, ends. Types only (and the list of statuses). */
import type { UploadError } from './errors.ts'
import type { StoredObject } from './ports.ts'

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
      /** Set where the bytes are in S3 already: it goes on with `processing`, and can no more be stopped than that. */
      readonly stored?: StoredObject
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
