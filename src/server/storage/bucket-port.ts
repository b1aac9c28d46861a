/** What the signer asks of a bucket, and what it learns. */
import type { WireChecksum } from '../../protocol/wire.ts'
import type { StoreCapabilities } from './capabilities.ts'
import type { Session } from './send.ts'

/** What HEAD tells of an object. */
export interface FoundObject {
  /** Bytes. */
  readonly size: number
  /** With its quotes; `''` where the store gives none. */
  readonly etag: string
  readonly headers: Headers
}

/** A part that S3 has. */
export interface FoundPart {
  readonly number: number
  /** Bytes. */
  readonly size: number
  /** With its quotes. */
  readonly etag: string
  /** Where one was sent with it, and the store keeps it. */
  readonly checksum?: WireChecksum
}

/** An upload whose parts are all there. */
export interface UploadToComplete {
  readonly key: string
  readonly uploadId: string
  /** With a checksum where S3 is to be told it. */
  readonly parts: readonly Omit<FoundPart, 'size'>[]
  /** Conditions and digests. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A piece of an object, as it is to be found. */
export interface SourceRange {
  readonly from: string
  readonly etag: string
  /** On a versioned bucket. */
  readonly version?: string | undefined
  /** Both inclusive. */
  readonly first: number
  readonly last: number
}

/** A request that browsers may send. */
export interface PresignRequest {
  readonly method: 'GET' | 'PUT'
  readonly key: string
  readonly query?: Readonly<Record<string, string>>
  /** Signed, all of them. */
  readonly headers?: Readonly<Record<string, string>>
  /** Seconds. */
  readonly expiresIn: number
}

/** Uploads in parts. See each method's name in S3's own API. */
export interface UploadCalls {
  /** Begins a multipart upload, and returns its id. */
  createUpload(key: string, headers: Readonly<Record<string, string>>, session: Session): Promise<string>
  /** A page of the open uploads whose keys begin with `prefix`. */
  openUploads(prefix: string, after: UploadMarker | undefined, session: Session): Promise<OpenUploadsPage>
  /** All parts; undefined if S3 does not know the upload. */
  listParts(key: string, uploadId: string, session: Session): Promise<readonly FoundPart[] | undefined>
  /**
   * `gone`: S3 does not know the upload. `refused`: the parts are not as listed any more. `exists`: there is an object
   * of this key, and it was not to be replaced. `differs`: the whole has another checksum.
   */
  completeUpload(
    upload: UploadToComplete,
    session: Session,
  ): Promise<'done' | 'gone' | 'refused' | 'exists' | 'differs'>
  /** No failure if there is none. */
  abortUpload(key: string, uploadId: string, session: Session): Promise<void>
  /** Copies a piece of an object into a part, and returns its ETag; undefined if the source is not that one any more. */
  copyPart(
    source: SourceRange,
    to: { readonly key: string; readonly uploadId: string; readonly number: number },
    session: Session,
  ): Promise<string | undefined>
}

/** See each method's name in S3's own API. All throw ProblemError 502 if the store gives no useful answer. */
export interface Bucket extends UploadCalls {
  readonly name: string
  readonly region: string
  /** Where a form is posted to. */
  readonly postUrl: string
  readonly can: StoreCapabilities
  /** {@link Bucket.formsOnly}, as far as it is known from the start. */
  readonly isFormsOnly: boolean
  /** The object's address as browsers know it, unsigned. */
  locationOf(key: string): string
  /** Fetches all credentials for one call. `tell` hears of a failure that does not end the call. */
  openSession(now: number, signal: AbortSignal, tell?: (error: unknown) => void): Promise<Session>
  /**
   * Must the signer grant forms only, because the store acts on headers that nobody signed? Asks the store where that is
   * not known, with keys below `folder`, and tells the app of a bad answer.
   */
  formsOnly(folder: string, session: Session, tell: (error: unknown) => void): Promise<boolean>
  /** Looks for an object; undefined if there is none. */
  find(key: string, session: Session): Promise<FoundObject | undefined>
  /** The object's tags as `x-amz-tagging` has them. */
  tagsOf(key: string, session: Session): Promise<string>
  /** Stores an object without bytes; one that is there stays as it is or is replaced by the same. */
  createEmpty(key: string, session: Session): Promise<void>
  /** Replaces the object's tags by these, as `x-amz-tagging` has them. */
  setTags(key: string, tags: string, session: Session): Promise<void>
  /** `changed`: the source is no longer the one with this ETag, or a condition of `headers` does not hold. */
  copy(
    source: { readonly key: string; readonly etag: string; readonly version?: string | undefined },
    to: string,
    headers: Readonly<Record<string, string>>,
    session: Session,
  ): Promise<'done' | 'changed'>
  /** No failure if there is none. */
  remove(key: string, session: Session): Promise<void>
  list(
    prefix: string,
    cursor: string | undefined,
    session: Session,
  ): Promise<{ files: readonly ListedObject[]; cursor?: string }>
  presign(request: PresignRequest, session: Session): Promise<{ url: string; headers: [string, string][] }>
}

/** An object in a list. */
export interface ListedObject {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970; NaN where the store does not say. */
  readonly lastModified: number
}

/** Where the next page of {@link Bucket.openUploads} begins. */
export interface UploadMarker {
  readonly key: string
  readonly uploadId: string
}

/** An open upload. */
export interface OpenUpload extends UploadMarker {
  /** Milliseconds since 1970; NaN where the store does not say. */
  readonly initiated: number
}

/** A page of open uploads. */
export interface OpenUploadsPage {
  readonly uploads: readonly OpenUpload[]
  readonly next?: UploadMarker
}
