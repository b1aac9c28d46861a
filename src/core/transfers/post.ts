/**
 * POST Object: the policy's fields, then the file, as one multipart form.
 * Spec: https://docs.aws.amazon.com/AmazonS3/latest/developerguide/RESTObjectPOST.html
 */
import { encodeKey } from '../../s3/key.ts'
import { UploadError } from '../errors.ts'
import type { HttpResponse, StoredObject, UploadTarget } from '../ports.ts'
import type { TransferContext } from './context.ts'

/**
 * Sends the file as a form.
 * @throws UploadError with S3's reason, or the transport's; `bad-answer` if the answer names another object
 */
export async function sendPost(
  { urls, fields, object = {}, success = [200, 201, 204] }: Extract<UploadTarget, { type: 'post' }>,
  { item: { name }, source, send, pick, signal, progress, isOld, recovery }: TransferContext,
): Promise<StoredObject> {
  const url = pick(urls)
  const answer = await send(
    { method: 'POST', url, body: { kind: 'form', fields, file: source, fileName: name } },
    { signal, onProgress: progress, isOld },
  )
  // A success that says `<Error>` is none.
  if (!success.includes(answer.status) || answer.text.includes('<Error'))
    throw (await recovery()).errorOfAnswer(answer, 'The upload (POST)')
  return readStored(answer, url, fields, name, object)
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
  object: { bucket?: string; key?: string },
): StoredObject {
  const xml = text.includes('<PostResponse') ? text : ''
  const field = (wanted: string): string | undefined =>
    fields.find(([name]) => name.toLowerCase() === wanted)?.[1]
  const expected = field('key')?.replaceAll('${filename}', () => baseName(fileName))
  const key = element(xml, 'Key') ?? expected
  const bucket = element(xml, 'Bucket') ?? field('bucket')
  assertNamed({ bucket: field('bucket') ?? object.bucket, key: expected ?? object.key }, { bucket, key })
  const etag = element(xml, 'ETag') ?? headers.get('etag')
  const made = key === undefined ? url : `${url.replace(/\/?$/, '/')}${encodeKey(key)}`
  return {
    location: element(xml, 'Location') ?? headers.get('location') ?? made,
    ...(key !== undefined && { key }),
    ...(bucket !== undefined && { bucket }),
    ...(etag !== undefined && { etag: etag.startsWith('"') ? etag : `"${etag}"` }),
  }
}

/**
 * The text of an element that holds nothing but text. All that a success says fits this; the reader of errors
 * (`s3/xml.ts`) takes any document, and loads when there is one.
 */
function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<(?:\\w+:)?${name}>([^<]*)</`).exec(xml)?.[1]
  return text?.replace(/&(?:#(x?)([\da-f]+)|(\w+));/gi, (whole, hex: string, code: string, word: string) =>
    word ? (words[word] ?? whole) : String.fromCodePoint(parseInt(code, hex ? 16 : 10)),
  )
}

const words: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * An answer about another object than the one that was sent says nothing about ours.
 * @throws UploadError `bad-answer`
 */
export function assertNamed(
  expected: { bucket?: string | undefined; key?: string | undefined },
  named: { bucket?: string | undefined; key?: string | undefined },
): void {
  for (const part of ['bucket', 'key'] as const)
    if (expected[part] !== undefined && named[part] !== undefined && named[part] !== expected[part])
      throw new UploadError(
        'bad-answer',
        'never',
        `The store answered for the ${part} "${named[part]}", but the file was sent to "${expected[part]}".`,
      )
}

// S3 puts only the last segment of the file's name into `${filename}`, behind `/` or `\`, as browsers write it in a form.
const baseName = (name: string): string =>
  name
    .slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
    .replace(/["\r\n]/g, encodeURIComponent)
