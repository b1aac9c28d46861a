/**
 * What the browser and our signer say to each other: JSON over POST to one address. Types only; `requests.ts` parses
 * on the server, `answers.ts` in the browser.
 */
import type { Json } from './json.ts'

/** Name and value pairs in order: S3 wants the fields of a form in order, and `__proto__` is a legal name. */
export type WireEntries = readonly (readonly [name: string, value: string])[]

/** One file for which the browser wants a target. */
export interface SignFile {
  /** The item's id, made by the browser: the same for each call about this file. */
  readonly id: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** `''` where the browser does not know. */
  readonly type: string
  /** Milliseconds since 1970. */
  readonly lastModified?: number
  /** `folder/name` for files of a folder. */
  readonly relativePath?: string
  /** `renew`: the target aged or was refused, the object stays the same. `restart`: begin a new object. */
  readonly reason: 'first' | 'renew' | 'restart'
  /** From the grant before; wanted with `renew`. */
  readonly receipt?: string
  /** Seconds that the target should live at least. */
  readonly minimumLife?: number
  /** Kinds of targets that the browser can carry out. */
  readonly accepts: readonly string[]
}

/** Asks for targets; answered by {@link SignAnswer}. */
export interface SignRequest {
  readonly v: 1
  readonly action: 'sign'
  readonly files: readonly SignFile[]
}

/** Says that a file has arrived; answered by {@link ConfirmAnswer}. */
export interface ConfirmRequest {
  readonly v: 1
  readonly action: 'confirm'
  readonly receipt: string
}

/** Everything that can be asked of the signer. */
export type SignerRequest = SignRequest | ConfirmRequest

/** Why one file is refused. The names are those of `UploadErrorCode` in `src/core/errors.ts`. */
export const refusalCodes = [
  'file-invalid-type',
  'file-too-large',
  'file-too-small',
  'too-many-files',
  /** For a reason without a code of its own: `message` is then meant for the user. */
  'refused',
  'unauthorized',
  /** The receipt has run out: only a new upload can help. */
  'expired',
] as const

/** See {@link refusalCodes}. */
export type RefusalCode = (typeof refusalCodes)[number]

/** The refusal of one file. */
export interface Refusal {
  readonly code: RefusalCode
  readonly message: string
  /** The limit that was broken, in bytes or files. */
  readonly limit?: number
  /** What it really was. */
  readonly actual?: number
}

/** A POST policy: where the form goes and what it says before the file. */
export interface WirePostTarget {
  readonly type: 'post'
  readonly urls: readonly [string, ...string[]]
  readonly fields: WireEntries
  /** Seconds from the answer's arrival: the browser's clock may be off. */
  readonly expiresIn: number
}

/** The signer's verdict on one file. */
export type SignVerdict =
  | { readonly ok: true; readonly receipt: string; readonly target: WirePostTarget }
  | { readonly ok: false; readonly error: Refusal }

/** One verdict per file, in the order of the request. */
export interface SignAnswer {
  readonly v: 1
  readonly files: readonly SignVerdict[]
}

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

/** Why a whole call failed: the `code` of a {@link Problem}. */
export type ProblemCode =
  /** Not what the protocol says (400). */
  | 'bad-request'
  /** No user (401). */
  | 'unauthorized'
  /** A user who may not upload (403). */
  | 'forbidden'
  /** A page of an origin that is not allowed (403). */
  | 'cross-origin'
  | 'method-not-allowed'
  | 'body-too-large'
  | 'unsupported-media-type'
  /** The receipt is not one of this signer for this user (403). */
  | 'receipt-invalid'
  /** The receipt has run out (410). */
  | 'expired'
  /** The object is not in S3, or not as granted (409). */
  | 'not-stored'
  /** S3 did not answer the signer as it should (502). */
  | 'storage-failed'
  /** The app does not take the file (422); `detail` is meant for the user. */
  | 'refused'
  /** The app's `onComplete` failed (500). */
  | 'confirm-failed'
  | 'internal'

/**
 * A failed call: problem details, sent as `application/problem+json` with the same status.
 * Spec: https://www.rfc-editor.org/rfc/rfc9457
 */
export interface Problem {
  /** Always `about:blank`: `code` tells problems apart. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ProblemCode
}
