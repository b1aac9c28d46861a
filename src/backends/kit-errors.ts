/** What the failures of our own signer mean to the engine. */
import { UploadError } from '../core/errors.ts'
import type { ReadProblem } from '../protocol/answers.ts'
import type { Refusal } from '../protocol/wire.ts'

/** The refusal of one file. */
export function refusalError({ code, message, limit, actual, rejectCode }: Refusal): UploadError {
  const isTrouble = code === 'signer-failed' || code === 'storage-failed'
  const retry = code === 'expired' ? 'restart' : isTrouble ? 'later' : 'never'
  return new UploadError(code, retry, `The signer refuses the file: ${message}`, {
    ...(limit !== undefined && { limit }),
    ...(actual !== undefined && { actual }),
    ...(rejectCode !== undefined && { rejectCode }),
    // All other codes have words in the user's own language.
    ...(code === 'refused' && { userMessage: message }),
  })
}

/** Failures of `confirm`, which end with a code of their own. */
export function confirmProblem(
  { code, detail, rejectCode }: ReadProblem,
  status: number,
): UploadError | undefined {
  const message = `The app's server did not take the upload: ${detail}`
  switch (code) {
    case 'refused':
      return new UploadError('confirm-failed', 'never', message, {
        status,
        userMessage: detail,
        ...(rejectCode !== undefined && { rejectCode }),
      })
    case 'receipt-invalid':
      return new UploadError('confirm-failed', 'never', message, { status })
    case 'not-stored':
    case 'expired':
      return new UploadError('confirm-failed', 'restart', message, { status })
    case 'already-exists':
      return new UploadError('already-exists', 'never', message, { status })
    case 'confirm-failed':
      return new UploadError('confirm-failed', 'later', message, { status })
    default:
      return undefined
  }
}

/** Failures of calls about an upload that was granted: the general rules know nothing of uploads that ended. */
export function uploadProblem({ code, detail }: ReadProblem, status: number): UploadError | undefined {
  const message = `The signer could not go on with the upload: ${detail}`
  switch (code) {
    case 'no-such-upload':
    case 'expired':
      return new UploadError('expired', 'restart', message, { status })
    case 'not-stored':
      return new UploadError('storage-refused', 'restart', message, { status })
    case 'parts-missing':
      // A renewed grant says which parts S3 has; only the others are sent again.
      return new UploadError('storage-refused', 'sign-again', message, { status })
    case 'already-exists':
      return new UploadError('already-exists', 'never', message, { status })
    case 'receipt-invalid':
      return new UploadError('refused', 'never', message, { status })
    default:
      return undefined
  }
}
