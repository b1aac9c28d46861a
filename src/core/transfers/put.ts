/**
 * PutObject: one request with the file as its body, authorised by its query or its headers.
 * Spec: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
import type { StoredObject, UploadTarget } from '../ports.ts'
import type { TransferContext } from './context.ts'

/**
 * Sends the file as it is.
 * @throws UploadError with S3's reason, or the transport's
 */
export async function sendPut(
  { request: { url, headers } }: Extract<UploadTarget, { type: 'put' }>,
  { source, send, signal, progress, isOld, recovery }: TransferContext,
): Promise<StoredObject> {
  const answer = await send(
    { method: 'PUT', url, headers, body: { kind: 'blob', blob: typed(source, headers) } },
    { signal, onProgress: progress, isOld },
  )
  if (answer.status < 200 || answer.status > 299 || answer.text.includes('<Error'))
    throw (await recovery()).errorOfAnswer(answer, 'The upload (PUT)')
  const etag = answer.headers.get('etag')
  return { location: url.replace(/[?#].*$/s, ''), ...(etag && { etag }) }
}

/** A browser sends a blob's own type where no header says one, and S3 refuses what was not signed. */
function typed(source: Blob, headers: readonly (readonly [string, string])[]): Blob {
  return headers.some(([name]) => name.toLowerCase() === 'content-type')
    ? source
    : source.slice(0, source.size, '')
}
