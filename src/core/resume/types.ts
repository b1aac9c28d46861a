/** The port of what is remembered across reloads, and the plain data that is kept. Types only. */
import type { Json, StoredObject, StoredPart } from '../ports.ts'

/** What tells whether a file that is given again is the one that was begun with. Plain data, small. */
export interface FileFingerprint {
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970; 0 where the source has none. A hint only, see `sameFile`. */
  readonly lastModified: number
  /** Digest over samples of the content (over all of it, where the file is small), with the name of its making. */
  readonly content: string
}

/**
 * One unfinished upload: what is needed to go on with it, or to abort it. Written when its state changes, never on
 * progress. Survives structured clone; holds no URL and no form field, since those are credentials.
 */
export interface ResumeRecord {
  /** Names the record in its store. The item's id will do. */
  readonly id: string
  /** `UploadBackend.name`, since only that one understands `ref`. */
  readonly backend: string
  /** `abandoned`: nobody wants it any more, and its abort has not been answered yet: abort it at the next start. */
  readonly state: 'open' | 'abandoned'
  /** The backend's handle of the upload; goes through `parseRef` before it is used. */
  readonly ref: Json
  /** Bytes of each part but the last, as fixed when the upload was created. */
  readonly partSize: number
  /** What was stored: a hint where the backend has `listParts`, the truth where it has not. */
  readonly parts: readonly StoredPart[]
  /** Where the object is, once it is one: only the app's server has to hear of it, and no file is needed for that. */
  readonly stored?: StoredObject
  readonly fingerprint: FileFingerprint
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** `''` where the browser does not know. */
  readonly type: string
  /** Milliseconds since 1970. */
  readonly lastModified: number
  readonly relativePath?: string
  /** Given to `add()`; kept only where it survives JSON. */
  readonly options?: Json
  /** The backend's record, shown with the item; kept only where it survives JSON. */
  readonly record?: Json
  /** It was pasted or made by the page, and ended with it: nobody can go on. */
  readonly isGenerated?: boolean
  /** Chromium only: leads back to the file, after the user has permitted it again. */
  readonly handle?: FileSystemFileHandle
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Milliseconds since 1970; records grow old from here. */
  readonly updatedAt: number
}

/** How {@link ResumeStore.lock} behaves where another has the lock. */
export interface ResumeLockOptions {
  /** Wait until the other lets go, or until `signal` is aborted. Default false: answer `undefined` at once. */
  readonly wait?: boolean
}

/**
 * Remembers unfinished uploads. Every method rejects with UploadError `resume-unavailable` where the browser refuses
 * (private mode, a full disk, a blocked database): the upload itself can always go on without.
 */
export interface ResumeStore {
  /** All records of a backend, oldest first. What is broken or too old is deleted instead. */
  load(backend: string): Promise<readonly ResumeRecord[]>
  /** Writes a record, over the one with its id if there is one. Resolved means on disk. */
  save(record: ResumeRecord): Promise<void>
  /** Forgets a record; one that does not exist is fine. */
  delete(id: string): Promise<void>
  /**
   * Takes the right to work on one record, across tabs, and gives the function that ends it; a closed or crashed tab
   * ends it too. `undefined`: somebody else has it, in this tab or in another. Not re-entrant.
   * @throws UploadError `aborted` when `signal` is
   */
  lock(id: string, signal: AbortSignal, options?: ResumeLockOptions): Promise<(() => void) | undefined>
}
