/** Calls to S3 itself about uploads in parts, each signed by the app's server. */
import { noChunk, UploadError } from '../../core/errors.ts'
import type {
  BackendCall,
  Checksum,
  Entries,
  HttpResponse,
  SignedRequest,
  StoredObject,
  StoredPart,
} from '../../core/ports.ts'
import { errorOfAnswer } from '../../core/rules/s3-error.ts'
import { toHex } from '../../s3/bytes.ts'
import { emptyBodyHash } from '../../s3/sigv4.ts'
import { escapeXml, readS3Error, readXmlElement, readXmlRecords } from '../../s3/xml.ts'
import type { AppServer } from './app.ts'
import { objectUrl, placeOf } from './place.ts'
import type { RestRequest } from './rest.ts'
import { writeRest } from './rest.ts'
import type { FineUploaderOptions, FineUploaderRef } from './types.ts'

/** See the head of this file. All reject with UploadError. */
export interface PartsStorage {
  /** Begins an upload. */
  readonly begin: (ref: FineUploaderRef, headers: Entries, call: BackendCall) => Promise<string>
  readonly signPart: (
    ref: FineUploaderRef,
    number: number,
    checksum: Checksum | undefined,
    call: BackendCall,
  ) => Promise<SignedRequest>
  readonly list: (ref: FineUploaderRef, call: BackendCall) => Promise<readonly StoredPart[] | 'gone'>
  readonly complete: (
    ref: FineUploaderRef,
    parts: readonly StoredPart[],
    call: BackendCall,
  ) => Promise<StoredObject>
  readonly abort: (ref: FineUploaderRef, call: BackendCall) => Promise<void>
  /** Is the object there? */
  readonly look: (ref: FineUploaderRef, call: BackendCall) => Promise<StoredObject | 'absent' | 'unknown'>
}

/** Makes the client. */
export function createPartsStorage(options: FineUploaderOptions, app: AppServer): PartsStorage {
  async function sign(request: RestRequest, ref: FineUploaderRef, call: BackendCall): Promise<SignedRequest> {
    const { text, withSignature } = writeRest(request, ref, options, call)
    return withSignature(await app.signText(text, call))
  }

  async function send(
    request: Omit<RestRequest, 'bodyHash'> & { readonly body?: string },
    ref: FineUploaderRef,
    call: BackendCall,
  ): Promise<HttpResponse> {
    const { body, method } = request
    const bodyHash = body === undefined ? emptyBodyHash : await hashOf(body, call.signal)
    const signed = await sign({ ...request, bodyHash }, ref, call)
    return call.send({ method, ...signed, ...(body !== undefined && { body: { kind: 'text', text: body } }) })
  }

  return {
    async begin(ref, headers, call) {
      const answer = await send({ method: 'POST', query: [['uploads', '']], headers }, ref, call)
      const uploadId = answer.status === 200 ? readXmlElement(answer.text, 'UploadId') : undefined
      if (answer.status !== 200) throw errorOfAnswer(answer, 'Beginning an upload in parts', call.now())
      if (!uploadId) throw unusable('The store began an upload and did not say which.')
      return uploadId
    },
    async signPart(ref, number, checksum, call) {
      if (checksum?.algorithm !== 'sha256')
        throw new UploadError('internal', 'never', `Part ${number} came without its SHA-256.`)
      const query: Entries = [['partNumber', String(number)], ...ofUpload(ref)]
      return sign({ method: 'PUT', query, bodyHash: hexOf(checksum) }, ref, call)
    },
    async list(ref, call) {
      const parts: StoredPart[] = []
      for (let marker: string | undefined; ;) {
        const after: Entries = marker === undefined ? [] : [['part-number-marker', marker]]
        const answer = await send({ method: 'GET', query: [...after, ...ofUpload(ref)] }, ref, call)
        if (readS3Error(answer.text)?.code === 'NoSuchUpload') return 'gone'
        if (answer.status !== 200) throw errorOfAnswer(answer, 'Asking for the stored parts', call.now())
        parts.push(...readXmlRecords(answer.text, 'Part').map(toPart))
        const next = readXmlElement(answer.text, 'NextPartNumberMarker')
        const isMore = readXmlElement(answer.text, 'IsTruncated') === 'true'
        if (!isMore) return parts
        // The same page again and again would be a list without end.
        if (next === undefined || Number(next) <= Number(marker ?? 0))
          throw unusable('The list of stored parts does not go on where it says.')
        marker = next
      }
    },
    async complete(ref, parts, call) {
      const headers: Entries = [['Content-Type', 'application/xml; charset=UTF-8']]
      const body = `<CompleteMultipartUpload>${parts.map(partXml).join('')}</CompleteMultipartUpload>`
      const answer = await send({ method: 'POST', query: ofUpload(ref), headers, body }, ref, call)
      // S3 answers 200 first and may fail afterwards.
      if (answer.status !== 200 || readS3Error(answer.text))
        throw errorOfAnswer(answer, 'Putting the parts together', call.now())
      const [bucket, key] = ['Bucket', 'Key'].map((name) => readXmlElement(answer.text, name))
      if (!bucket || !key)
        throw unusable('The store put the parts together and did not say into which object.', 'later')
      const etag = readXmlElement(answer.text, 'ETag')
      return {
        location: readXmlElement(answer.text, 'Location') ?? urlOf(ref, options),
        bucket,
        key: isSameKey(key, ref.key) ? ref.key : key,
        ...(etag !== undefined && { etag: etag.startsWith('"') ? etag : `"${etag}"` }),
      }
    },
    async abort(ref, call) {
      const answer = await send({ method: 'DELETE', query: ofUpload(ref) }, ref, call)
      const isGone = readS3Error(answer.text)?.code === 'NoSuchUpload'
      if (!isGone && (answer.status < 200 || answer.status > 299))
        throw errorOfAnswer(answer, 'Giving up the upload in parts', call.now())
    },
    async look(ref, call) {
      // Another key than a new one may hold an older object, which says nothing about ours.
      if (!ref.key.includes(ref.uuid)) return 'unknown'
      const { status, headers } = await send({ method: 'HEAD', query: [] }, ref, call)
      if (status === 404) return 'absent'
      if (status !== 200) return 'unknown'
      const etag = headers.get('etag')
      const { key, bucket } = ref
      return { location: urlOf(ref, options), key, bucket, ...(etag !== undefined && { etag }) }
    },
  }
}

const ofUpload = ({ uploadId = '' }: FineUploaderRef): Entries => [['uploadId', uploadId]]

const urlOf = (ref: FineUploaderRef, options: FineUploaderOptions): string =>
  objectUrl(placeOf(ref.endpoint ?? options.request.endpoint, options.objectProperties), ref.key)

function toPart(part: ReadonlyMap<string, string>): StoredPart {
  const [number, size, etag] = [part.get('PartNumber'), part.get('Size'), part.get('ETag')]
  if (!number || !size || !/^\d+$/.test(number + size))
    throw unusable('The list of stored parts has one without number or size.')
  return {
    number: Number(number),
    size: Number(size),
    ...(etag !== undefined && { etag: etag.startsWith('"') ? etag : `"${etag}"` }),
  }
}

function partXml({ number, etag }: StoredPart): string {
  if (etag === undefined)
    throw new UploadError(
      'bad-answer',
      'never',
      'The store does not let this page read the ETags of its parts: the bucket must expose ETag (CORS, ' +
        'ExposeHeaders), or let itself be asked for them (chunking.askStorage).',
    )
  return `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`
}

/** Some stores give the key as it stands in an address. */
function isSameKey(named: string, key: string): boolean {
  if (named === key) return true
  try {
    return decodeURIComponent(named.replaceAll('+', ' ')) === key || decodeURIComponent(named) === key
  } catch {
    return false
  }
}

async function hashOf(text: string, signal: AbortSignal): Promise<string> {
  const { digest } = await import('../../core/integrity/digest.ts').catch(noChunk)
  // Not WebCrypto alone, which pages without a secure context lack.
  return hexOf(await digest(new Blob([text]), 'sha256', signal))
}

const hexOf = ({ value }: Checksum): string =>
  toHex(Uint8Array.from(atob(value), (char) => char.charCodeAt(0)))

const unusable = (why: string, retry: 'never' | 'later' = 'never'): UploadError =>
  new UploadError('bad-answer', retry, why)
