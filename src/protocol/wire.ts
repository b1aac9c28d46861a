/**
 * What the browser and our signer say to each other: JSON over POST to one address, and a GET that publishes the
 * limits. Types only; `requests.ts` parses on the server, `answers.ts` in the browser. What concerns an upload that
 * was granted already is in `wire-actions.ts`.
 *
 * A call names its route in the URL, as `?route=avatar`: so the route's `authorize` decides before the body is read, and
 * logs and proxies can tell routes apart. Without it the route `default` is meant, the only one of the short form.
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
  /** What the route's schema wants to know. */
  readonly metadata?: Json
  /** Of the whole file; S3 then takes no other bytes. */
  readonly checksum?: WireChecksum
  /** The kind of digest that each part will bring, if it goes in parts: S3 must be told when the upload begins. */
  readonly partChecksum?: WireChecksumAlgorithm
}

/** The digests that S3 compares by itself. */
export const checksumAlgorithms = ['crc32', 'crc32c', 'crc64nvme', 'sha256'] as const

/** See {@link checksumAlgorithms}. */
export type WireChecksumAlgorithm = (typeof checksumAlgorithms)[number]

/** A digest of bytes. */
export interface WireChecksum {
  readonly algorithm: WireChecksumAlgorithm
  /** Big-endian, in base64. */
  readonly value: string
}

/** Asks for targets; answered by {@link SignAnswer}. */
export interface SignRequest {
  readonly v: 1
  readonly action: 'sign'
  readonly files: readonly SignFile[]
}

/** Why one file is refused. The names are those of `UploadErrorCode` in `src/core/errors.ts`. */
export const refusalCodes = [
  'file-invalid-type',
  'file-too-large',
  'file-too-small',
  'too-many-files',
  /** For a reason without a code of its own: `message` is then meant for the user. */
  'refused',
  'unauthorized',
  /** All files of this user together would be too large. */
  'total-too-large',
  /** The receipt has run out: only a new upload can help. */
  'expired',
  /** The app's server could not prepare this file; asking again may help. */
  'signer-failed',
  /** S3 did not take the signer's request for this file; asking again may help. */
  'storage-failed',
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
  /** The app's own code, where it rejected the file. */
  readonly rejectCode?: string
}

/** A POST policy: where the form goes and what it says before the file. */
export interface WirePostTarget {
  readonly type: 'post'
  readonly urls: readonly [string, ...string[]]
  readonly fields: WireEntries
  /** Seconds from the answer's arrival: the browser's clock may be off. */
  readonly expiresIn: number
}

/** A request that is signed as it stands. */
export interface WirePutTarget {
  readonly type: 'put'
  readonly url: string
  /** To be sent exactly so. Content-Length is signed too, and left to the browser, which lets no script set it. */
  readonly headers: WireEntries
  readonly expiresIn: number
}

/** A file to be sent in parts, each signed by itself when its turn comes. */
export interface WireMultipartTarget {
  readonly type: 'multipart'
  /** Bytes of each part but the last. */
  readonly partSize: number
  /** Has S3 parts of it already? Then they are to be listed first. */
  readonly resumes: boolean
}

/** What is granted for one file. */
export type WireTarget = WirePostTarget | WirePutTarget | WireMultipartTarget

/** The signer's verdict on one file. */
export type SignVerdict =
  | {
      readonly ok: true
      readonly receipt: string
      readonly target: WireTarget
      /** What the route's `prepare` made. */
      readonly record?: Json
    }
  | { readonly ok: false; readonly error: Refusal }

/** One verdict per file, in the order of the request. */
export interface SignAnswer {
  readonly v: 1
  readonly files: readonly SignVerdict[]
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
  /** No route of this name (404). */
  | 'unknown-route'
  | 'method-not-allowed'
  | 'body-too-large'
  | 'unsupported-media-type'
  /** The body did not arrive in time (408). */
  | 'body-timeout'
  /** Too many calls; `Retry-After` says when to come back (429). */
  | 'rate-limited'
  /** The receipt is not one of this signer for this user (403). */
  | 'receipt-invalid'
  /** The receipt has run out (410). */
  | 'expired'
  /** The object is not in S3, or not as granted (409). */
  | 'not-stored'
  /** S3 does not know the multipart upload, and there is no object either (410). */
  | 'no-such-upload'
  /** Parts are missing, or are not those that were signed (409). */
  | 'parts-missing'
  /** There is an object of this key already, which must not be replaced (409). */
  | 'already-exists'
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
