/** What is said about an upload that was granted already. Each call brings the receipt, and nothing else is trusted. */
import type { Json } from './json.ts'
import type { SignRequest, WireChecksum, WireEntries } from './wire.ts'

interface ActionRequest<Action extends string> {
  readonly v: 1
  readonly action: Action
}

interface ReceiptRequest<Action extends string> extends ActionRequest<Action> {
  readonly receipt: string
}

/** Says that a file has arrived; answered by {@link ConfirmAnswer}. */
export type ConfirmRequest = ReceiptRequest<'confirm'>

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

/** A part as the browser sent it. */
export interface WireSentPart {
  readonly number: number
  /** Missing where CORS hid it. */
  readonly etag?: string
}

/** Ends a multipart upload; answered by {@link StoredAnswer}. */
export interface CompleteRequest extends ReceiptRequest<'complete'> {
  readonly parts: readonly WireSentPart[]
}

/** Asks for a route's stored files; answered by {@link ListAnswer}. */
export interface ListRequest extends ActionRequest<'list'> {
  readonly cursor?: string
}

/** The actions that take a receipt and nothing else. */
export const receiptActions = ['confirm', 'list-parts', 'abort', 'probe', 'delete', 'view'] as const

/** Everything that can be asked of the signer. */
export type SignerRequest =
  | SignRequest
  | ReceiptRequest<(typeof receiptActions)[number]>
  | SignPartsRequest
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

/** The end of an upload. */
export interface ConfirmAnswer {
  readonly v: 1
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
}

/** The answer to `list-parts`; `gone` where S3 does not know the upload. */
export type ListPartsAnswer =
  | { readonly v: 1; readonly parts: readonly WireStoredPart[] }
  | { readonly v: 1; readonly gone: true }

/** The answer to `complete` and `probe`; null where there is no object, which only `probe` says. */
export interface StoredAnswer {
  readonly v: 1
  readonly stored: WireStoredObject | null
  /** The object's own address, unsigned. */
  readonly location?: string
}

/** The answer to `abort` and `delete`. */
export interface DoneAnswer {
  readonly v: 1
  readonly done: true
}

/** The answer to `view`. */
export interface ViewAnswer {
  readonly v: 1
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
