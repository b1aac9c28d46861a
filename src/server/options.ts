import type { Accept } from '../protocol/accept.ts'
import type { FetchLike, StorageOptions } from './storage.ts'

/** A file as the browser describes it: claims, none of them checked but by the rules. */
export interface UploadedFile {
  /** The item's id in the browser. */
  readonly id: string
  /** As the user's system has it: any characters but controls. For keys use `safeName`. */
  readonly name: string
  /** See {@link sanitizeFileName}. */
  readonly safeName: string
  /** Bytes; S3 holds the upload to it. */
  readonly size: number
  /** The Content-Type that the object gets. */
  readonly type: string
  /** Milliseconds since 1970. */
  readonly lastModified?: number
  /** `folder/name` for files of a folder. Never use it as a key unchecked. */
  readonly relativePath?: string
}

/** An upload that has arrived, checked against S3. */
export interface CompletedUpload<User> {
  readonly bucket: string
  readonly key: string
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
}

/** What `authorize` may return. */
export type Authorization<User> = User | false | null | undefined

/** Which files the signer takes. It enforces them itself, whatever the browser's rules say. */
export interface SignerRules {
  /** Default: everything. */
  readonly accept?: Accept
  /** Bytes, inclusive. Default 0. */
  readonly minSize?: number
  /** Bytes, inclusive. Default 5 GiB, the most that S3 takes in one request. */
  readonly maxSize?: number
  /** Files in one call; those beyond are refused. Default: as many as a call can hold, 100. */
  readonly maxFiles?: number
}

/** Options of {@link createUploadHandler}. */
export interface UploadHandlerOptions<User> extends SignerRules {
  readonly storage: StorageOptions
  /**
   * Who is asking, and may they upload? Runs at every call, before its body is read; leave the body unread.
   *
   * Return the user: a string or number, an object with an `id`, or `true` where all users are one. Or `null` for
   * "log in first" (401), `false` for "not allowed" (403). Throwing is a 401; a thrown Response with 403 is a 403.
   */
  readonly authorize: (request: Request) => Authorization<User> | Promise<Authorization<User>>
  /** What tells users apart. Receipts of one are none for another. Default: the user itself, or its `id`. */
  readonly userId?: (user: User) => string
  /**
   * The object's key. Default: a random UUID, a slash, and the tidied name. Must not repeat itself: a POST policy
   * replaces an object of the same key. Throw {@link Reject} to refuse this one file.
   */
  readonly key?: (upload: { readonly file: UploadedFile; readonly user: User }) => string | Promise<string>
  /**
   * Runs when a file has arrived and S3 has it as granted. What it returns, as JSON, goes to the browser as the upload's
   * `result`. May run twice for one upload, when its answer was lost: make it idempotent by `key`. Throw
   * {@link Reject} to refuse the file for good; after any other error the browser asks again.
   */
  readonly onComplete?: (upload: CompletedUpload<User>) => unknown
  /**
   * Media types that browsers may open from the bucket, such as `['image/*', 'application/pdf']`; all others are
   * stored with `Content-Disposition: attachment`, since a page or an SVG from a user would run its scripts. Those
   * that can are never meant by a wildcard: they must be named. Default: none.
   */
  readonly inline?: readonly string[]
  /** Other origins whose pages may call, with cookies: `['https://app.example.com']`. Default: none but the own. */
  readonly origins?: readonly string[]
  /**
   * Seals the receipts; at least 16 characters, the same on all servers. Default: derived from the secret access key.
   * Needed with temporary credentials, whose key changes within hours.
   */
  readonly secret?: string
  /** Told of what went wrong on the server's side; the browser learns no details. Default: `console.error`. */
  readonly onError?: (error: unknown, context: { readonly doing: string; readonly request: Request }) => void
  /** Sends the signer's own requests to S3. Default: the global `fetch`. */
  readonly fetch?: FetchLike
  /** Milliseconds since 1970. Default `Date.now`; for tests. */
  readonly now?: () => number
}

/** Tells the app of an error; never throws. */
export type Report = (error: unknown, doing: string) => void
