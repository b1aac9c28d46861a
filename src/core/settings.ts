/** What an app sets, and can change while the uploader runs. Types only. */
import type { Accept } from '../protocol/accept-labels.ts'
import type { UploadError } from './errors.ts'
import type { ChecksumAlgorithm, StoredPart } from './ports.ts'
import type { UploadItem, UploadProgress, UploadStatus } from './types.ts'

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
   * or ask. Default `keep`: phones give every photo one name. See also `compareContent`.
   */
  duplicates?:
    | 'keep'
    | 'skip'
    | ((file: File, existing: UploadItem) => Verdict | Promise<Verdict>)
    | undefined
  /**
   * Takes a file for a duplicate only if its content is the same too: all of it up to 512 KiB, samples beyond. Reads so
   * much of both files, and only of those that look the same. Default false.
   */
  compareContent?: boolean | undefined
}

/** What `beforeUpload` may change of one file; what it leaves out stays. */
export interface BeforeUploadChanges {
  name?: string
  /** Handed to the backend: metadata, another endpoint, whatever it takes. */
  options?: unknown
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
