/** What the app's callbacks are told of. */

/** A file as the browser describes it: claims, none of them checked but by the rules. */
export interface UploadedFile {
  /** The item's id in the browser. */
  readonly id: string
  /** As the user's system has it: any characters but controls. For keys use `safeName` or `uniqueName`. */
  readonly name: string
  /** See {@link sanitizeFileName}. */
  readonly safeName: string
  /**
   * A UUID, a slash, and `safeName`: a key's tail that no other file gets. For files in parts it is the same again when
   * the browser asks again for the same item, so that a repeated call finds the upload that was begun.
   */
  readonly uniqueName: string
  /** Bytes; S3 holds the upload to it. */
  readonly size: number
  /** The Content-Type that the object gets. */
  readonly type: string
  /** Milliseconds since 1970. */
  readonly lastModified?: number
  /** `folder/name` for files of a folder. Never use it as a key unchecked; see {@link safePath}. */
  readonly relativePath?: string
}

/** What the app is told of a file for which a grant is asked. */
export interface UploadContext<User = unknown, Metadata = undefined> {
  readonly file: UploadedFile
  /** What `authorize` returned for this call. */
  readonly user: User
  /** What the route's schema made of what the browser sent; undefined without a schema. */
  readonly metadata: Metadata
}

/** An upload that has arrived, checked against S3. */
export interface CompletedUpload<User = unknown, Metadata = undefined, PrepareRecord = unknown> {
  readonly bucket: string
  /** Where the object is, or, with `promote`, will be once this has been accepted. */
  readonly key: string
  /** Where the bytes are now, to be looked at: differs from `key` with `promote`. */
  readonly storedKey: string
  /** Bytes, as S3 has them. */
  readonly size: number
  /** The object's Content-Type, as granted. */
  readonly type: string
  /** The file's name, as the browser gave it. */
  readonly name: string
  /** With its quotes; `''` where the store gives none. */
  readonly etag: string
  /** What `authorize` returned for this call. */
  readonly user: User
  readonly metadata: Metadata
  /** What `prepare` made of this file, after its way through JSON; null where there is no `prepare`. */
  readonly record: PrepareRecord
}

/** An upload that was aborted. */
export interface AbortedUpload<User = unknown, PrepareRecord = unknown> {
  readonly key: string
  /** The item's id in the browser. */
  readonly id: string
  readonly user: User
  /** What `prepare` made. */
  readonly record: PrepareRecord
  /** The object is in the bucket, and stays: its room is still taken. */
  readonly stored: boolean
  /**
   * Milliseconds since 1970, until which the grant can still store bytes. Its quota is free again after this moment
   * only: whoever has the grant can use it after the abort too. In the past where nothing can arrive any more.
   */
  readonly usableUntil: number
}

/** An upload of whose state the app is asked. */
export type KnownUpload<User = unknown, PrepareRecord = unknown> = Omit<
  AbortedUpload<User, PrepareRecord>,
  'stored' | 'usableUntil'
>

/**
 * What the app knows of an upload: `open` while neither `onComplete` took it nor `onAbort` ran, then `taken` or
 * `aborted`. An upload that is both, in calls at the same moment, is what the app says first.
 */
export type UploadState = 'open' | 'taken' | 'aborted'

/** A stored file that a user wants to see or to remove. */
export interface StoredContext<User = unknown> {
  readonly key: string
  readonly user: User
}
