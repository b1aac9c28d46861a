/** What is said about an upload that was granted already. Each call brings the receipt, and nothing else is trusted. */
import type { Json } from './json.ts'
import type { ProblemCode, SignRequest, WireChecksum, WireEntries } from './wire.ts'

interface ActionRequest<Action extends string> {
  readonly v: 1
  readonly action: Action
}

interface ReceiptRequest<Action extends string> extends ActionRequest<Action> {
  readonly receipt: string
}

/** The actions that take a list of receipts; answered by {@link BatchAnswer}. */
export const batchActions = ['confirm', 'abort', 'probe', 'delete', 'view'] as const

/** See {@link batchActions}. */
export interface BatchRequest extends ActionRequest<(typeof batchActions)[number]> {
  readonly receipts: readonly string[]
}

/** Why one receipt of a list came to nothing: what {@link Problem} says of a whole call. */
export interface WireProblem {
  /** As the whole call would have answered, had it been about this receipt alone. */
  readonly status: number
  readonly code: ProblemCode
  readonly detail: string
  /** The app's own code, where it rejected the file. */
  readonly rejectCode?: string
}

/** What became of one receipt; the others of its list have nothing to do with it. */
export type Verdict<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly error: WireProblem }

/** One verdict per receipt, in the order of the request. */
export interface BatchAnswer<T = object> {
  readonly v: 1
  readonly verdicts: readonly Verdict<T>[]
}

/** A part that is to be sent next. */
export interface WirePartToSign {
  /** 1 … 10,000 */
  readonly number: number
  /** Bytes. */
  readonly size: number
  readonly checksum?: WireChecksum
}

/** Asks for signed requests of parts; answered by {@link SignPartsAnswer}. */
export interface SignPartsRequest extends ReceiptRequest<'sign-parts'> {
  readonly parts: readonly WirePartToSign[]
}

/**
 * A part as the browser sent it; short, since an upload may have 10,000. The ETag is without quotes, null where CORS hid
 * it. The digest is of the algorithm that was named when the upload began, null where none was.
 */
export type WireSentPart = readonly [number: number, etag: string | null, digest: string | null]

/** Ends a multipart upload; answered by {@link StoredAnswer}. */
export interface CompleteRequest extends ReceiptRequest<'complete'> {
  readonly parts: readonly WireSentPart[]
}

/** Asks for a route's stored files; answered by {@link ListAnswer}. */
export interface ListRequest extends ActionRequest<'list'> {
  readonly cursor?: string
}

/** Asks which parts S3 has; answered by {@link ListPartsAnswer}. */
export type ListPartsRequest = ReceiptRequest<'list-parts'>

/** Everything that can be asked of the signer. */
export type SignerRequest =
  | SignRequest
  | BatchRequest
  | SignPartsRequest
  | ListPartsRequest
  | CompleteRequest
  | ListRequest

/** The object as the signer found it in S3. */
export interface WireStoredObject {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** With its quotes; `''` where the store gives none. */
  readonly etag: string
}

/** A verdict of `confirm`: the end of an upload. */
export interface ConfirmedFile {
  readonly stored: WireStoredObject
  /** What the app's `onComplete` returned; null where there is none. */
  readonly result: Json
}

/** A signed request of one part. */
export interface WireSignedPart {
  readonly number: number
  readonly url: string
  readonly headers: WireEntries
  /** Seconds from the answer's arrival. */
  readonly expiresIn: number
}

/** The answer to `sign-parts`: fewer than asked is possible. */
export interface SignPartsAnswer {
  readonly v: 1
  readonly parts: readonly WireSignedPart[]
}

/** A part that S3 has. */
export interface WireStoredPart {
  readonly number: number
  /** Bytes. */
  readonly size: number
  /** With its quotes. */
  readonly etag: string
  /** Where the store keeps it. */
  readonly checksum?: WireChecksum
}

/** The answer to `list-parts`; `gone` where S3 does not know the upload. */
export type ListPartsAnswer =
  | { readonly v: 1; readonly parts: readonly WireStoredPart[] }
  | { readonly v: 1; readonly gone: true }

/** The answer to `complete`. */
export interface CompleteAnswer extends ProbedFile {
  readonly v: 1
}

/** A verdict of `probe`; null where there is no object. */
export interface ProbedFile {
  readonly stored: WireStoredObject | null
  /** The object's own address, unsigned. */
  readonly location?: string
}

/** A verdict of `view`. */
export interface ViewedFile {
  /** Good for this one object; a secret for as long as it lives. */
  readonly url: string
  readonly expiresIn: number
}

/** A file that is stored, as `list` has it. */
export interface WireStoredFile {
  /** For `view` and `delete`. */
  readonly receipt: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970; missing where the store does not say. */
  readonly lastModified?: number
  /** A short-lived address, where the route lets its files be viewed. */
  readonly url?: string
}

/** The answer to `list`: a page, and where the next begins. */
export interface ListAnswer {
  readonly v: 1
  readonly files: readonly WireStoredFile[]
  readonly cursor?: string
}

/** What the signer publishes of a route. */
export interface WireLimits {
  /** As the route has it; empty where it takes all files. */
  readonly accept: Readonly<Record<string, readonly string[]>>
  /** Bytes, inclusive. */
  readonly minSize: number
  /** Bytes, inclusive. */
  readonly maxSize: number
  /** Files in one call. */
  readonly maxFiles?: number
  /** Bytes from which on files are sent in parts; null where they never are. */
  readonly multipartFrom: number | null
  /** Digests of whole files that the signer can hold S3 to. */
  readonly checksums: readonly string[]
}

/** The answer to GET. */
export interface LimitsAnswer {
  readonly v: 1
  readonly routes: Readonly<Record<string, WireLimits>>
}
