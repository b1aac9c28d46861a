/** Every text of the user interface, as one object: what a locale fills in, and what an app may reword. */
import type { UploadError, UploadErrorCode } from '../core/errors.ts'
import type {
  FileError,
  UploadCounts,
  UploadItem,
  UploadProgress,
  UploadStatus,
  UploadTotals,
} from '../core/types.ts'

/** What can be done with one file of the list. */
export type ItemAction =
  | 'pause'
  | 'resume'
  | 'startOver'
  /** Lets the browser ask whether it may read the file again. */
  | 'continue'
  /** Opens the chooser for a file that was begun with earlier. */
  | 'chooseFile'
  | 'cancel'
  | 'retry'
  | 'remove'

/** The words of an action. */
export interface ActionWords {
  /** On the button. */
  readonly label: string
  /** For those who hear the button without seeing its row: begins with `label`, and names the file. */
  readonly of: (name: string) => string
}

/** How an upload of several files ended. */
export interface UploadEnd {
  readonly succeeded: number
  readonly failed: number
}

/** A file with the reason why it failed or was refused, as a sentence. */
export interface NamedReason {
  readonly name: string
  readonly reason: string
}

/**
 * Every text of the user interface. Give components a whole object (`messages={de}`) or only what differs from
 * English (`messages={{ dropHere: () => 'Drop your scans here' }}`).
 */
export interface Messages {
  /** Accessible name of the whole uploader. */
  readonly uploader: string

  // ---- dropzone and paste
  readonly dropHere: (multiple: boolean) => string
  /** While files that look right are held over it. */
  readonly dropNow: string
  /** While files are held over it of which some will be refused. */
  readonly dropMixed: string
  readonly dropDisabled: string
  readonly chooseFiles: (multiple: boolean) => string
  readonly pasteHere: string

  // ---- limits, as one line each
  /** @param labels what `accept` takes: `image/*`, `.pdf` */
  readonly limitTypes: (labels: readonly string[]) => string
  readonly limitMaxSize: (bytes: number) => string
  readonly limitMinSize: (bytes: number) => string
  readonly limitMaxFiles: (count: number) => string
  readonly limitTotalSize: (bytes: number) => string

  // ---- list
  /** Accessible name of the list. */
  readonly files: string
  readonly size: (bytes: number) => string
  readonly progress: (progress: UploadProgress) => string
  /** @param ratio 0 to 1 */
  readonly percent: (ratio: number) => string
  /** Each status in a word or two. */
  readonly status: Readonly<Record<UploadStatus, string>>
  /** The word for `uploading`, with how much of it is done, 0 to 1. */
  readonly uploading: (ratio: number) => string
  /**
   * Why it waits; `seconds` until it goes on by itself, where that is known. `stored`: its bytes have arrived, and the
   * app's server did not answer.
   */
  readonly waiting: Readonly<
    Record<
      Extract<UploadItem, { status: 'waiting' }>['reason'] | 'stored',
      (seconds: number | undefined) => string
    >
  >
  readonly paused: Readonly<Record<Extract<UploadItem, { status: 'paused' }>['reason'], string>>
  /** The stored file is being deleted. */
  readonly deleting: string
  readonly actions: Readonly<Record<ItemAction, ActionWords>>

  // ---- summary
  /** Accessible name of the summary and of its bar. */
  readonly overall: string
  /** How many files have arrived, failed, were refused. */
  readonly summary: (totals: UploadTotals, counts: UploadCounts) => string
  readonly start: (count: number) => string
  readonly cancelAll: string
  readonly retryFailed: (count: number) => string
  readonly clearFinished: string

  // ---- what is read out
  readonly announceAdded: (count: number) => string
  readonly announceRejected: (files: readonly NamedReason[]) => string
  readonly announceProgress: (ratio: number) => string
  readonly announceFailed: (files: readonly NamedReason[]) => string
  readonly announceDone: (end: UploadEnd) => string

  // ---- what went wrong: what happened, and what to do
  readonly rejections: Readonly<Record<FileError['code'], (error: FileError) => string>>
  readonly errors: Readonly<Record<UploadErrorCode, (error: UploadError) => string>>
}

/** A failure in the user's words; what the app's server said for the user comes first. */
export function errorText(
  messages: Messages,
  { error, step }: { error: UploadError; step?: Extract<UploadItem, { status: 'error' }>['step'] },
): string {
  if (error.userMessage) return error.userMessage
  // The bytes are stored: "the connection was lost" would have the user send them again.
  if (step === 'confirm') return messages.errors['confirm-failed'](error)
  // The app's server looked, and they are not there any more: "it won't be sent twice" would not be true.
  const isGone = step !== undefined && error.code === 'confirm-failed'
  const words: Partial<Messages['errors']> = messages.errors
  // A backend of another version, or of plain JavaScript, may bring a code of its own.
  return (words[isGone ? 'storage-refused' : error.code] ?? messages.errors.internal)(error)
}

/** Why the rules refuse a file, all reasons. */
export function rejectionText(messages: Messages, errors: readonly FileError[]): string {
  return errors.map((error) => messages.rejections[error.code](error)).join(' ')
}
