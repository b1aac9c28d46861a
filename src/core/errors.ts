/**
 * What can be done about an error:
 * - `now`: the same call again, at once
 * - `later`: the same call again, after a pause
 * - `sign-again`: ask the signer for a new target first, for the same object
 * - `restart`: the upload is dead on the server, begin a new one
 * - `never`: repeating cannot help; something must be changed first
 */
export type RetryAdvice = 'now' | 'later' | 'sign-again' | 'restart' | 'never'

/**
 * Every code an {@link UploadError} can carry. `i18n` has the words for users, by code: adding a code here
 * stops `Messages` from compiling until it is worded.
 */
export const uploadErrorCodes = [
  /** No answer: offline, DNS, TLS, a blocked request, or CORS. The browser does not tell which. */
  'network',
  /** Our own abort. Never shown: it only ends a call. */
  'aborted',
  /** The file cannot be read any more: it was changed, moved or deleted since it was chosen. */
  'file-unreadable',
  /** The file is not the one whose upload was begun. */
  'file-changed',
  /** The file was pasted or made by a page that is gone: its upload cannot go on. */
  'file-gone',
  /** The signer gave no answer. */
  'signer-unreachable',
  /** The signer answered with a server error (5xx). */
  'signer-failed',
  /** The signer wants a login, or does not allow this user to upload (401, 403). */
  'unauthorized',
  /** The signer refuses this file, for a reason that has no code of its own. */
  'refused',
  /** The signer refuses the file's type. */
  'file-invalid-type',
  /** The signer or S3 refuses the file as too large. */
  'file-too-large',
  /** The signer or S3 refuses the file as too small. */
  'file-too-small',
  /** The signer refuses the file since there would be too many. */
  'too-many-files',
  /** A rule refuses the file since all together would be too large. */
  'total-too-large',
  /** The signer's or S3's answer is not what the protocol says. */
  'bad-answer',
  /** The backend granted a kind of target that this build cannot carry out. */
  'unsupported-target',
  /** The policy, the URL or the token has run out. */
  'expired',
  /** S3 denies the request: IAM, bucket policy, KMS. */
  'access-denied',
  /** S3 finds the form or the signature to differ from what was signed. */
  'signature-mismatch',
  /** The bucket does not exist, or is in another region than the one signed for. */
  'wrong-bucket',
  /** The signer's clock is off by more than 15 minutes. */
  'clock-skew',
  /** S3 waited too long for bytes (400 RequestTimeout). */
  'timeout',
  /** S3 asks for fewer requests (503 SlowDown, 429). */
  'throttled',
  /** S3 answered with a server error (5xx). */
  'storage-failed',
  /** The bytes that arrived are not those that were sent. */
  'checksum-mismatch',
  /** The store does not know how to do this (501), such as POST on R2. */
  'not-supported',
  /** The object exists already and must not be replaced (412). */
  'already-exists',
  /** S3 refused, with a code that has no entry of its own; see `s3Code`. */
  'storage-refused',
  /** The bytes are stored, but the app's server did not accept them. */
  'confirm-failed',
  /** The browser gives no place to remember unfinished uploads in (IndexedDB blocked, full or broken). */
  'resume-unavailable',
  /** This page cannot compute the digest: WebAssembly or WebCrypto is missing or blocked. */
  'digest-unavailable',
  /** The canvas gives no picture: tainted by another origin, empty, or too large. */
  'canvas-unreadable',
  /** A fault in the kit or in a callback; see `cause`. */
  'internal',
] as const

/** See {@link uploadErrorCodes}. */
export type UploadErrorCode = (typeof uploadErrorCodes)[number]

/** What an {@link UploadError} knows beside its message. */
export interface UploadErrorDetails {
  /** HTTP status of the answer, if there was one. */
  status?: number
  /** S3's `<Code>`, as it came. */
  s3Code?: string
  /** Words of the app's server that are meant for the user; shown instead of the code's own. */
  userMessage?: string
  /** The code that the app's server gave a rejection of its own (`new Reject(message, code)`). */
  rejectCode?: string
  /** The limit that was broken and the file's own value, in bytes or files. */
  limit?: number
  /** What it really was. */
  actual?: number
  /** Seconds that the server asks to wait (`Retry-After`). */
  retryAfter?: number
  /** The error or answer behind this one. */
  cause?: unknown
}

/**
 * The one error of the kit. `message` is English, for developers: what happened, why, what to do. It never
 * holds a signed URL or a form field, since those are credentials. Users' words are in `i18n`, by `code`.
 */
export class UploadError extends Error {
  override readonly name = 'UploadError'
  /** What happened, for code. */
  readonly code: UploadErrorCode
  /** What can be done about it. */
  readonly retry: RetryAdvice
  readonly status: number | undefined
  readonly s3Code: string | undefined
  readonly userMessage: string | undefined
  readonly rejectCode: string | undefined
  readonly limit: number | undefined
  readonly actual: number | undefined
  readonly retryAfter: number | undefined

  constructor(code: UploadErrorCode, retry: RetryAdvice, message: string, details: UploadErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.code = code
    this.retry = retry
    this.status = details.status
    this.s3Code = details.s3Code
    this.userMessage = details.userMessage
    this.rejectCode = details.rejectCode
    this.limit = details.limit
    this.actual = details.actual
    this.retryAfter = details.retryAfter
  }
}

/** Is it ours? Holds across realms and doubled copies of the package, where `instanceof` does not. */
export function isUploadError(value: unknown): value is UploadError {
  return (
    value instanceof UploadError ||
    (value instanceof Error && value.name === 'UploadError' && 'code' in value && 'retry' in value)
  )
}

/**
 * Any thrown value as an {@link UploadError}, with itself as `cause`: `network` where an app's own `fetch` got no answer,
 * else `internal`.
 */
export function toUploadError(value: unknown, doing: string): UploadError {
  if (isUploadError(value)) return value
  const reason = value instanceof Error ? value.message : String(value)
  // What `fetch` says in an app's own code, where nobody answers: by its words, since it has nothing else.
  if (value instanceof TypeError && /^(failed to fetch|networkerror|load failed|fetch failed)/i.test(reason))
    return new UploadError('network', 'later', `No answer while ${doing}: ${reason}`, { cause: value })
  return new UploadError('internal', 'never', `Unexpected error while ${doing}: ${reason}`, { cause: value })
}

/**
 * For `import().catch`: a chunk that cannot be fetched is no fault of the file, and the line comes back.
 * @throws UploadError `network`
 */
export function noChunk(cause: unknown): never {
  throw new UploadError(
    'network',
    'later',
    'Code of the kit cannot be fetched: the line is down, or a new release has taken it away (then reload the page).',
    { cause },
  )
}
