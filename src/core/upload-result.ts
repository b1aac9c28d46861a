import { UploadError } from './errors.ts'
import type { UploadBatchOutcome, UploadResult } from './types.ts'

/**
 * The end of a single upload, as a promise gives it.
 * @throws UploadError its error, its first rejection, or `aborted`
 */
export function resultOf(outcome: UploadBatchOutcome, signal: AbortSignal | undefined): UploadResult {
  const [item] = Object.values(outcome).flat()
  if (item?.status === 'success') {
    const { id, name, stored, result } = item
    return { id, name, stored, result }
  }
  if (item?.status === 'error') throw item.error
  if (item?.status === 'rejected' && item.errors[0]) {
    const { code, limit, actual } = item.errors[0]
    throw new UploadError(code, 'never', `A rule rejects the file: ${code}.`, {
      ...(typeof limit === 'number' && { limit }),
      ...(typeof actual === 'number' && { actual }),
      cause: item.errors,
    })
  }
  throw canceledError(signal)
}

/** The error of an upload that was canceled, perhaps by `signal`. */
export const canceledError = (signal: AbortSignal | undefined): UploadError =>
  new UploadError('aborted', 'never', 'The upload was canceled.', { cause: signal?.reason })
