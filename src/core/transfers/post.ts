/**
 * POST Object: the policy's fields, then the file, as one multipart form.
 * Spec: https://docs.aws.amazon.com/AmazonS3/latest/developerguide/RESTObjectPOST.html
 */
import { encodeKey } from '../../s3/key.ts'
import { readXmlElement } from '../../s3/xml.ts'
import type { HttpRequest, HttpResponse, StoredObject, UploadTarget } from '../ports.ts'
import { errorOfAnswer } from '../rules/s3-error.ts'

/** What is sent, and how its bytes are reported. */
export interface TransferContext {
  source: Blob
  name: string
  send: (request: HttpRequest) => Promise<HttpResponse>
}

const defaultSuccess: readonly number[] = [200, 201, 204]

/**
 * Sends the file as a form.
 * @throws UploadError with S3's reason, or the transport's
 */
export async function sendPost(
  target: Extract<UploadTarget, { type: 'post' }>,
  { source, name, send }: TransferContext,
): Promise<StoredObject> {
  const [url] = target.urls
  const answer = await send({
    method: 'POST',
    url,
    body: { kind: 'form', fields: target.fields, file: source, fileName: name },
  })
  const success = target.success ?? defaultSuccess
  if (!success.includes(answer.status)) throw errorOfAnswer(answer, 'The upload (POST)')
  return readStored(answer, url, target.fields, name)
}

/**
 * Where the object is. The XML of a 201 is readable with nothing but an allowed origin; the headers of a 200 or 204
 * only where the bucket's CORS rules expose them. Stores differ: RGW leaves the ETag's quotes out, Supabase answers
 * 200; so each value has its fallback.
 */
function readStored(
  { headers, text }: HttpResponse,
  url: string,
  fields: readonly (readonly [string, string])[],
  fileName: string,
): StoredObject {
  const xml = text.includes('<PostResponse') ? text : ''
  const field = (wanted: string): string | undefined =>
    fields.find(([name]) => name.toLowerCase() === wanted)?.[1]
  const key = readXmlElement(xml, 'Key') ?? field('key')?.replaceAll('${filename}', baseName(fileName))
  const bucket = readXmlElement(xml, 'Bucket') ?? field('bucket')
  const etag = readXmlElement(xml, 'ETag') ?? headers.get('etag')
  const made = key === undefined ? url : `${url.replace(/\/?$/, '/')}${encodeKey(key)}`
  return {
    location: readXmlElement(xml, 'Location') ?? headers.get('location') ?? made,
    ...(key !== undefined && { key }),
    ...(bucket !== undefined && { bucket }),
    ...(etag !== undefined && { etag: etag.startsWith('"') ? etag : `"${etag}"` }),
  }
}

// S3 puts only the last segment of the file's name into `${filename}`, behind `/` or `\`.
const baseName = (name: string): string =>
  name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
