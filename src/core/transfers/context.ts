/** What a transfer is given. */
import { isUploadError, UploadError } from '../errors.ts'
import type { HeldGrant } from '../grants.ts'
import type { BackendCall, Checksum, HttpRequest, HttpResponse, StoredPart, UploadBackend } from '../ports.ts'
import type { Recovery } from '../recovery/index.ts'
import type { UploadItem } from '../types.ts'

/** How one request of a transfer is sent. */
export interface SendOptions {
  signal: AbortSignal
  /** Has what was signed run out while the request waited for its turn? Then it is not sent: {@link isStale}. */
  isOld?: () => boolean
  /** Before all that wait. */
  urgent?: boolean
  onProgress?: (loaded: number) => void
}

/** What a transfer needs of the engine. */
export interface TransferContext {
  readonly item: UploadItem
  readonly source: Blob
  readonly grant: HeldGrant
  readonly signal: AbortSignal
  readonly backend: UploadBackend
  readonly recovery: () => Promise<Recovery>
  /** To the store, within its budget, watched. */
  readonly send: (request: HttpRequest, options: SendOptions) => Promise<HttpResponse>
  /** Has the target run out? */
  readonly isOld: () => boolean
  /** The emptiest of several addresses of one bucket. */
  readonly pick: (urls: readonly [string, ...string[]]) => string
  /** Requests to one storage at a time. */
  readonly concurrency: () => number
  /** For calls to the backend. */
  readonly call: BackendCall
  /** For those that end the upload: before all that wait. */
  readonly urgentCall: BackendCall
  /** Bytes of the file handed over. */
  readonly progress: (loaded: number) => void
  /** Bytes that S3 keeps, whatever happens to the rest. */
  readonly keep: (bytes: number) => void
  readonly partDone: (part: StoredPart) => void
  /** Are parts digested before they are signed? */
  readonly isDigested: boolean
  /** The digest that was asked for, if any. */
  readonly digest: (blob: Blob) => Promise<Checksum | undefined>
  /** Called before an upload in parts goes on, and before it is completed: throws where it must not. */
  readonly beginParts: () => Promise<void>
  readonly endParts: () => Promise<void>
  readonly isCompleting: () => void
}

/** The error of a request that was not sent since what was signed for it had run out while it waited. */
export const staleError = (): UploadError =>
  new UploadError('expired', 'sign-again', 'What was signed ran out while the request waited for its turn.')

/** See {@link staleError}: nothing was sent, and signing anew is no failure. */
export const isStale = (error: unknown): boolean =>
  isUploadError(error) &&
  error.code === 'expired' &&
  error.status === undefined &&
  error.retry === 'sign-again'
