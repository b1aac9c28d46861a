/**
 * The ports: what the engine asks of a network (`HttpTransport`) and of a signing server (`UploadBackend`), and the
 * plain data that crosses them.
 */
import type { Accept } from '../protocol/accept.ts'
import type { UploadError } from './errors.ts'

// ------------------------------------------------------------------------------------------ plain data

/** What survives JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** Name and value pairs in order: servers care about the order of form fields, and `__proto__` is a legal name. */
export type Entries = readonly (readonly [name: string, value: string])[]

/** A request's body, as plain data. */
export type HttpBody =
  /** The transport builds the multipart form: fields in order, the file last (S3 ignores what follows it). */
  | { kind: 'form'; fields: Entries; file: Blob; fileName: string }
  | { kind: 'blob'; blob: Blob }
  | { kind: 'text'; text: string }

/** One HTTP request as plain data: it can cross to a worker (no FormData, Request or AbortSignal inside). */
export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  url: string
  headers?: Entries
  body?: HttpBody
  /** Are cookies sent to another origin too? Default `same-origin`. (XMLHttpRequest has no `omit`.) */
  credentials?: 'same-origin' | 'include'
}

/** One HTTP answer. */
export interface HttpResponse {
  status: number
  /** Names in lower case; only what CORS exposes. */
  headers: ReadonlyMap<string, string>
  text: string
}

/** How one request is sent. */
export interface HttpSendOptions {
  signal: AbortSignal
  /** Bytes of the *file* handed to the network so far, never more than its size. */
  onProgress?: (loaded: number) => void
}

/** Sends one request with progress. The one port to the network. */
export interface HttpTransport {
  /** Resolves for every HTTP status. Rejects with UploadError `network`, `file-unreadable` or `aborted`. */
  readonly send: (request: HttpRequest, options: HttpSendOptions) => Promise<HttpResponse>
}

// --------------------------------------------------------------------------------------------- targets

/** A request that is authorised as it stands, by its query or by its headers. */
export interface SignedRequest {
  url: string
  headers: Entries
}

/** What is granted for one file. `expiresIn` is in seconds from the answer's arrival: the browser's clock may be off. */
export type UploadTarget =
  | {
      type: 'post'
      /** More than one: the same bucket under several host names. */
      urls: readonly [string, ...string[]]
      /** Sent as given: nothing added, nothing left out. */
      fields: Entries
      /** Statuses that mean success. Default 200, 201, 204. */
      success?: readonly number[]
      expiresIn: number
      /** Where the object will be, where the fields do not say: an answer that names another one is an error. */
      object?: { bucket?: string; key?: string }
    }
  | { type: 'put'; request: SignedRequest; expiresIn: number }
  | {
      type: 'multipart'
      /** Bytes; fixed for the life of the upload. */
      partSize: number
      /** Parts that S3 has already; `ask` = list them first. */
      stored: readonly StoredPart[] | 'ask'
      /** Where the object will be, as far as the backend knows: a completion that names another one is an error. */
      object?: { bucket?: string; key?: string }
    }

/** The digests that S3 compares by itself. */
export type ChecksumAlgorithm = 'crc32' | 'crc32c' | 'crc64nvme' | 'sha256'

/** A digest of bytes. */
export interface Checksum {
  algorithm: ChecksumAlgorithm
  /** Big-endian, in base64. */
  value: string
}

/** A part that S3 has. */
export interface StoredPart {
  /** 1 … 10,000 */
  number: number
  size: number
  /** With its quotes. Missing where CORS hides it; then `listParts` has it. */
  etag?: string
  checksum?: Checksum
}

/** A part that is to be sent next. */
export interface PartToSign {
  number: number
  /** Bytes. */
  size: number
  /** Present where `partChecksum` asks for it. */
  checksum?: Checksum
}

/** A part that may be sent. */
export interface SignedPart {
  number: number
  request: SignedRequest
  expiresIn: number
}

/** Where a file ended up. */
export interface StoredObject {
  /** XML `<Location>`, else the Location header, else made of URL and key. */
  location: string
  key?: string
  bucket?: string
  /** With its quotes, as S3 gives it. */
  etag?: string
}

// ------------------------------------------------------------------------------------------- the backend

/** What one protocol fills in. */
export interface BackendTypes {
  /** Opaque to the engine. */
  ref: Json
  /** What the app gives per file. */
  options: unknown
  /** Made before the upload and shown with the item. */
  record: unknown
  /** What the app's server answers at the end. */
  result: unknown
}

/** What a backend is told of a file. */
export interface FileFacts<Options = unknown> {
  /** The item's id; also the idempotency key of its creation. */
  id: string
  source: Blob
  name: string
  /** Bytes. */
  size: number
  /** `''` where the browser does not know. */
  type: string
  /** Milliseconds since 1970. */
  lastModified: number
  relativePath?: string
  options: Options
  /** Of the whole file, where it is known. */
  checksum?: Checksum
}

/** One file for which a target is wanted. */
export interface UploadRequest<T extends BackendTypes = BackendTypes> extends FileFacts<T['options']> {
  /** `renew`: the target aged or was refused. `restart`: the old upload is dead on the server. */
  reason: 'first' | 'renew' | 'restart'
  previous?: T['ref']
  /** Seconds that the target should live at least; asked for after one ran out while bytes were on their way. */
  minimumLife?: number
  /** What can be carried out. */
  accepts: readonly UploadTarget['type'][]
  /** Parts will bring digests of this kind, if it goes in parts: S3 wants to know when an upload begins. */
  partChecksum?: ChecksumAlgorithm
}

/** The backend's verdict on one file. */
export type Grant<T extends BackendTypes = BackendTypes> =
  | { ok: true; ref: T['ref']; target: UploadTarget; record?: T['record'] }
  | { ok: false; error: UploadError }

/** What the engine lends a backend for one call. */
export interface BackendCall {
  readonly signal: AbortSignal
  /** Milliseconds; the tests' clock in tests. */
  readonly now: () => number
  /** Tells the app that the credentials which the backend signs with run out at `expiresAt` (ms since 1970), or have. */
  readonly credentialsExpiring?: (expiresAt: number) => void
  /** Through the engine's transport and budgets. */
  readonly send: (request: HttpRequest) => Promise<HttpResponse>
}

/** What a backend does for uploads in parts. */
export interface MultipartBackend<T extends BackendTypes = BackendTypes> {
  /** The engine digests each part before it is signed. */
  readonly partChecksum?: ChecksumAlgorithm
  /** May answer fewer than asked; the rest is asked for again. `ref`: a receipt prolonged on the way. */
  signParts(
    ref: T['ref'],
    parts: readonly PartToSign[],
    call: BackendCall,
  ): Promise<{ parts: readonly SignedPart[]; ref?: T['ref'] }>
  /** After each part, one call at a time per file, all before `complete`. */
  partStored?(ref: T['ref'], part: StoredPart, call: BackendCall): Promise<void>
  /** All pages. `gone`: no such upload. Missing: the engine trusts its own record. */
  listParts?(ref: T['ref'], call: BackendCall): Promise<readonly StoredPart[] | 'gone'>
  /** Makes the parts an object. Idempotent: a lost answer is settled by calling again. */
  complete(ref: T['ref'], parts: readonly StoredPart[], call: BackendCall): Promise<StoredObject>
  abort(ref: T['ref'], call: BackendCall): Promise<void>
}

/** A file that is stored already. */
export interface StoredFile<T extends BackendTypes = BackendTypes> {
  ref: T['ref']
  name: string
  /** Bytes. */
  size?: number
  url?: string
  previewUrl?: string
}

/** What the server takes. */
export interface UploadLimits {
  accept?: Accept
  /** Bytes. */
  minSize?: number
  /** Bytes. */
  maxSize?: number
  maxFiles?: number
  /** Bytes from which on files go in parts. Missing: they never do, or nobody knows. */
  multipartFrom?: number
  /** Digests of whole files that the server can hold the store to. */
  checksums?: readonly ChecksumAlgorithm[]
}

/**
 * Who grants targets and speaks to the app. A missing method is a missing capability. A backend never
 * retries: it throws {@link UploadError} with advice, and the engine repeats just the call that failed.
 */
export interface UploadBackend<T extends BackendTypes = BackendTypes> {
  readonly name: string
  /** Files per `createUploads` call; 1 = one by one. */
  readonly batchSize: number
  /** May this file be asked for before its turn? No, where asking leaves a trace. */
  signsAhead(file: FileFacts): boolean
  /** One verdict per request, in order. Throws only if the whole call failed. */
  createUploads(files: readonly UploadRequest<T>[], call: BackendCall): Promise<readonly Grant<T>[]>
  /** Checks a `ref` that comes back from storage. */
  parseRef(value: unknown): T['ref'] | undefined
  readonly multipart?: MultipartBackend<T>
  /** A lost answer or a CORS refusal: did the object arrive? Missing = `unknown`. */
  probe?(ref: T['ref'], call: BackendCall): Promise<StoredObject | 'absent' | 'unknown'>
  /** Tells the app. If it fails, the item is an error at step `confirm` and only this is repeated. */
  confirm?(
    ref: T['ref'],
    stored: StoredObject,
    file: FileFacts<T['options']>,
    call: BackendCall,
  ): Promise<T['result']>
  /** A post or put target will not be used: give back the quota or the record. */
  release?(ref: T['ref'], call: BackendCall): Promise<void>
  deleteObject?(ref: T['ref'], call: BackendCall): Promise<void>
  /** A short-lived address for looking at the file. */
  view?(ref: T['ref'], call: BackendCall): Promise<{ url: string; expiresIn: number }>
  /** A page of the files that are stored already, and where the next begins. */
  list?(
    cursor: string | undefined,
    call: BackendCall,
  ): Promise<{ files: readonly StoredFile<T>[]; cursor?: string }>
  limits?(call: BackendCall): Promise<UploadLimits>
}
