/** GET and HEAD of an object: ranges, conditions, overridden headers (AWS: API_GetObject). */
import { missingObject } from '../auth/permissions.ts'
import { bucketOf, headerOf, keyOf, type Call } from '../call.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import { emptyAnswer, quoteEtag, type Answer } from '../http/answer.ts'
import { readBytes } from '../store/object-bytes.ts'
import type { ObjectPart, ObjectRecord } from '../store/records.ts'
import { attributeHeaders, toHeader } from './attributes.ts'
import { isNotModified } from './preconditions.ts'
import { checksumHeaders, encryptionHeader } from './put-object.ts'
import { parseRange, type ByteRange } from './range.ts'

const overridable = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
]

/** 200, 206 or 304. @throws S3Error NoSuchKey, PreconditionFailed, InvalidRange */
export function getObject(call: Call): Promise<Answer> {
  return Promise.resolve(read(call))
}

/** The same without the bytes. */
export function headObject(call: Call): Promise<Answer> {
  return Promise.resolve(read(call))
}

/** The object a request names. @throws S3Error NoSuchBucket, NoSuchKey */
export function objectOf(call: Call): ObjectRecord {
  const object = call.state.catalog.bucket(bucketOf(call)).objects.get(keyOf(call))
  if (!object) throw missingObject(call.caller.actions, keyOf(call))
  return object
}

function read(call: Call): Answer {
  const object = objectOf(call)
  const etag = quoteEtag(object.etag)
  const modified = { etag, 'last-modified': new Date(object.modifiedAt).toUTCString() }
  if (isNotModified(call, object)) return emptyAnswer(304, modified)

  const part = partOf(call, object)
  const range = part ?? rangeOf(call, object)
  const { start, end } = range ?? { start: 0, end: object.size }
  const headers: Record<string, string> = {
    ...modified,
    ...attributeHeaders(object.attributes),
    ...overrides(call),
    ...encryptionHeader,
    'accept-ranges': 'bytes',
    'content-length': String(end - start),
    ...(range && object.size > 0 && { 'content-range': `bytes ${start}-${end - 1}/${object.size}` }),
    ...(part?.count !== undefined && { 'x-amz-mp-parts-count': String(part.count) }),
  }
  // A checksum of the whole is of no use to who gets a piece.
  const wantsChecksum = headerOf(call, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED'
  if (!range && wantsChecksum) {
    Object.assign(headers, checksumHeaders(object.checksum))
  }
  if (part?.checksum !== undefined && wantsChecksum) {
    Object.assign(headers, checksumHeaders({ ...object.checksum, value: part.checksum }))
  }
  const status = range ? 206 : 200
  return call.request.method === 'HEAD'
    ? emptyAnswer(status, headers)
    : { status, headers, body: readBytes(call.state.catalog, object.blobs, start, end) }
}

function rangeOf(call: Call, object: ObjectRecord): ByteRange | undefined {
  const ifRange = headerOf(call, 'if-range')
  if (ifRange !== undefined && ifRange !== quoteEtag(object.etag)) return undefined
  return parseRange(headerOf(call, 'range'), object.size)
}

/** `?partNumber=N`: one part of an object that was uploaded in parts; the first of any other is all of it. */
function partOf(
  call: Call,
  object: ObjectRecord,
): (ByteRange & { count: number | undefined; checksum: string | undefined }) | undefined {
  const text = call.request.query.get('partNumber')
  if (text === undefined) return undefined
  if (headerOf(call, 'range') !== undefined) {
    throw new S3Error('InvalidRequest', {
      message: 'Cannot specify both Range header and partNumber query parameter',
    })
  }
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (number < 1 || number > 10_000) {
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', text)
  }
  const parts: readonly ObjectPart[] = object.parts ?? [{ number: 1, size: object.size }]
  let start = 0
  for (const part of parts) {
    if (part.number === number) {
      return { start, end: start + part.size, count: object.parts?.length, checksum: part.checksum }
    }
    start += part.size
  }
  throw new S3Error('InvalidRange', {
    message: 'The requested partnumber is not satisfiable',
    status: 416,
    fields: [
      ['PartNumberRequested', text],
      ['ActualPartCount', String(parts.length)],
    ],
  })
}

function overrides(call: Call): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of overridable) {
    const value = call.request.query.get(`response-${name}`)
    if (value !== undefined) headers[name] = toHeader(value)
  }
  return headers
}
