/** The upload in parts that a request names. */
import { bucketOf, keyOf, type Call } from '../call.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import type { Upload } from '../store/catalog.ts'

/** @throws S3Error NoSuchBucket, NoSuchUpload; an upload of another key is none */
export function uploadOf(call: Call): Upload {
  const id = call.request.query.get('uploadId') ?? ''
  const upload = call.state.catalog.bucket(bucketOf(call)).uploads.get(id)
  if (upload?.record.key !== keyOf(call)) throw new S3Error('NoSuchUpload', { fields: [['UploadId', id]] })
  return upload
}

/** @throws S3Error InvalidArgument unless it is 1 … 10,000 */
export function partNumberOf(call: Call): number {
  const text = call.request.query.get('partNumber') ?? ''
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= 10_000) return number
  throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', text)
}
