/** A route: which files, for whom, under which key, and what the app does before and after. */
import type { Accept } from '../protocol/accept.ts'
import type { JsonOf } from '../protocol/router-shape.ts'
import type { SchemaInput, SchemaOutput, StandardSchema } from '../protocol/standard-schema.ts'
import type {
  UploadContext,
  CompletedUpload,
  AbortedUpload,
  KnownUpload,
  StoredContext,
  UploadState,
} from './contexts.ts'
import type { ObjectOptions } from './object-options.ts'
import type { Authorization } from './options.ts'

/**
 * Which files the signer takes. It enforces them itself, whatever the browser's rules say. A limit that is there but
 * `undefined` is refused, since a missing variable gives that: leave it out for its default.
 */
export interface SignerRules {
  /** Default: everything. */
  readonly accept?: Accept
  /** Bytes, inclusive. Default 0. */
  readonly minSize?: number
  /** Bytes, inclusive. Default 5 GiB, the most that S3 takes in one request; more goes in parts, up to 48.8 TiB. */
  readonly maxSize?: number
  /** Files in one call; those beyond are refused. Default: as many as a call can hold, 100. */
  readonly maxFiles?: number
}

/** Options of {@link route}. Keep this order: TypeScript infers the types of later callbacks from earlier ones. */
export interface RouteOptions<
  User = unknown,
  Schema extends StandardSchema | undefined = undefined,
  PrepareResult = unknown,
  Result = unknown,
  RejectCode extends string = string,
> extends SignerRules {
  /**
   * Who is asking, and may they upload? Runs at every call, before anything else; leave the body unread.
   *
   * Return the user: a string or number, an object with an `id`, or `true` where all users are one. Or `null` for
   * "log in first" (401), `false` for "not allowed" (403). Throwing is a 401; a Response with 403 is a 403, thrown or
   * returned. An id must say something: 0, NaN, blank texts and `'undefined'` are a 401.
   */
  readonly authorize: (request: Request) => Authorization<User> | Promise<Authorization<User>>
  /** What tells users apart, as text. Receipts of one are none for another. Default: the user itself, or its `id`. */
  readonly userId?: (user: User) => string
  /** The codes that this route's {@link Reject}s carry, for the page's code and its types. Default none. */
  readonly rejects?: readonly RejectCode[]
  /** What the browser must tell of each file: a schema of zod, valibot, arktype or another Standard Schema. */
  readonly metadata?: Schema
  /**
   * Bytes that this user may still store, asked once per call for grants, not for renewals; files beyond are refused.
   * Default: no limit. Count granted bytes too: what is granted now arrives later.
   */
  readonly quota?: (context: { readonly user: User }) => number | Promise<number>
  /** What every key of this route begins with, such as `avatars/`: what `iamPolicy()` allows is below it. Default none. */
  readonly prefix?: string
  /**
   * The object's key. Default: `prefix`, then `file.uniqueName`. Must not repeat itself: a grant replaces an object of
   * the same key. Throw {@link Reject} to refuse this one file.
   */
  readonly key?: (upload: UploadContext<User, SchemaOutput<Schema>>) => string | Promise<string>
  /** What the object is stored with. Signed in every way of sending. Runs twice for a file in parts. */
  readonly object?:
    | ObjectOptions
    | ((upload: UploadContext<User, SchemaOutput<Schema>>) => ObjectOptions | Promise<ObjectOptions>)
  /**
   * Media types that browsers may open from the bucket, such as `['image/*', 'application/pdf']`; all others are
   * stored with `Content-Disposition: attachment`, since a page or an SVG from a user would run its scripts. Those
   * that can are never meant by a wildcard: they must be named. Default: none.
   */
  readonly inline?: readonly string[]
  /** How files travel. Default `auto`: what the store takes and the browser can; in parts from `multipartFrom` on. */
  readonly transport?: 'auto' | 'post' | 'put' | 'multipart'
  /** Bytes from which on `auto` sends in parts. Default 64 MiB. */
  readonly multipartFrom?: number
  /**
   * Uploads in parts that one user may have open at a time; more are refused for now. Not held on MinIO, which does not list
   * them. Default 100.
   */
  readonly maxOpenUploads?: number
  /**
   * Seconds that a grant lives at most. Browsers ask for more after a try that took too long. Default: the time that the
   * file takes at 8 KiB/s, an hour at least and a day at most.
   */
  readonly maxGrantLife?: number
  /** Bytes of a part, 5 MiB at least; more where 10,000 parts would not do. Default 16 MiB, less below 96. */
  readonly partSize?: number
  /**
   * The folder where files wait until `onComplete` took them, such as `incoming/`; only then are they copied to their
   * key, out of reach of whoever sent them. No route's `prefix` may begin with it, since old files in it are removed.
   * Without it a file can be replaced by its sender while grants of it live, also after it was confirmed or deleted.
   * Grants are renewed for 7 days, or with `uploadState` until it was taken.
   * Default: nowhere.
   */
  readonly promote?: string
  /**
   * Runs before the grant: the place for a record in the app's database. What it returns, as JSON, goes with the item
   * and comes to `onComplete`. Not run for renewals; make it idempotent by `file.id`, as a lost answer repeats the
   * call. Throw {@link Reject} to refuse this one file.
   */
  readonly prepare?: (
    upload: UploadContext<User, SchemaOutput<Schema>> & { readonly key: string },
  ) => PrepareResult | Promise<PrepareResult>
  /**
   * Runs when a file has arrived and S3 has it as granted. What it returns, as JSON, goes to the browser as the upload's
   * `result`. May run twice for one upload, when its answer was lost: make it idempotent by `key`. Throw
   * {@link Reject} to refuse the file for good and to remove it; after any other error the browser asks again.
   */
  readonly onComplete?: (
    upload: CompletedUpload<User, SchemaOutput<Schema>, JsonOf<PrepareResult>>,
  ) => Result | Promise<Result>
  /**
   * Runs when an upload was aborted: remove `prepare`'s record, unless the object stays, and give back its quota after
   * `usableUntil`. May run twice for one upload.
   */
  readonly onAbort?: (upload: AbortedUpload<User, JsonOf<PrepareResult>>) => unknown
  /**
   * What does the app's database say of an upload? Asked before it is confirmed, where `aborted` is refused, before it is
   * renewed, where only `open` is granted again, and before its object is removed in an abort, where `taken` stays. Not asked with `promote`, where the bucket itself
   * tells. With neither, an abort ends parts but removes no stored object, and an aborted grant still works until it
   * expires. A route with `quota` and `onAbort` needs one of the two.
   */
  readonly uploadState?: (
    upload: KnownUpload<User, JsonOf<PrepareResult>>,
  ) => UploadState | Promise<UploadState>
  /** What begins the keys of the files that this user may list. Default: no lists. */
  readonly list?: (context: { readonly user: User }) => string | Promise<string>
  /**
   * May this user get a short-lived address of this file? `true`: of what they uploaded or listed. Only `true` is a yes.
   * Default: no.
   */
  readonly view?: boolean | ((file: StoredContext<User>) => boolean | Promise<boolean>)
  /** May this user remove this file? `true`: what they uploaded or listed. Only `true` is a yes. Default: no. */
  readonly delete?: boolean | ((file: StoredContext<User>) => boolean | Promise<boolean>)
}

/** A route with its types: what it takes, and what the browser gets. */
export interface Route<
  Metadata = unknown,
  PrepareRecord = unknown,
  Result = unknown,
  RejectCode extends string = string,
> {
  /** As given, with types that only the route itself needs to know. */
  readonly options: AnyRouteOptions
  /** Only for the compiler. */
  readonly '~types'?: {
    readonly metadata: Metadata
    readonly record: PrepareRecord
    readonly result: Result
    readonly rejectCode: RejectCode
  }
}

/**
 * The options with all types forgotten. Methods, so that TypeScript compares their parameters in both directions: the
 * handler hands each callback only what the same route's callbacks made.
 */
export interface AnyRouteOptions extends SignerRules {
  authorize(request: Request): unknown
  userId?(user: unknown): string
  readonly rejects?: readonly string[]
  readonly metadata?: StandardSchema | undefined
  quota?(context: { readonly user: unknown }): number | Promise<number>
  readonly prefix?: string
  key?(upload: UploadContext<unknown, unknown>): string | Promise<string>
  readonly object?: ObjectOptions | AnyObjectFunction['object']
  readonly inline?: readonly string[]
  readonly transport?: 'auto' | 'post' | 'put' | 'multipart'
  readonly multipartFrom?: number
  readonly maxOpenUploads?: number
  readonly maxGrantLife?: number
  readonly partSize?: number
  readonly promote?: string
  prepare?(upload: UploadContext<unknown, unknown> & { readonly key: string }): unknown
  onComplete?(upload: CompletedUpload<unknown, unknown>): unknown
  onAbort?(upload: AbortedUpload): unknown
  uploadState?(upload: KnownUpload): UploadState | Promise<UploadState>
  list?(context: { readonly user: unknown }): string | Promise<string>
  readonly view?: boolean | AnyStoredFunction['may']
  readonly delete?: boolean | AnyStoredFunction['may']
}

// Method signatures, for the same reason.
interface AnyObjectFunction {
  object(upload: UploadContext<unknown, unknown>): ObjectOptions | Promise<ObjectOptions>
}
interface AnyStoredFunction {
  may(file: StoredContext): boolean | Promise<boolean>
}

/**
 * A route for {@link createUploadRouter}; its types reach the browser through `typeof router`.
 * @example route({ accept: { 'image/*': [] }, authorize: (request) => session(request), onComplete: ({ key }) => ({ key }) })
 */
export function route<
  User,
  Schema extends StandardSchema | undefined = undefined,
  PrepareResult = null,
  Result = null,
  const RejectCode extends string = never,
>(
  options: RouteOptions<User, Schema, PrepareResult, Result, RejectCode>,
): Route<
  SchemaInput<NoInfer<Schema>>,
  JsonOf<NoInfer<PrepareResult>>,
  JsonOf<NoInfer<Result>>,
  NoInfer<RejectCode>
> {
  return { options }
}
