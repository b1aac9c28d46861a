/** Reads and writes on condition (AWS: conditional-requests). */
import { headerOf, type Call } from '../call.ts'
import { notImplemented, preconditionFailed, S3Error } from '../errors.ts'
import type { ObjectRecord } from '../store/records.ts'

/** Decides at the moment of writing, given what is there. */
export type WriteCondition = (current: ObjectRecord | undefined) => void

/**
 * `If-None-Match: *` and `If-Match: <etag>` of a write. S3 takes no other values there, and not both.
 * @throws S3Error NotImplemented at once; the condition throws PreconditionFailed or NoSuchKey
 */
export function writeCondition(call: Call): WriteCondition {
  const [ifMatch, ifNoneMatch] = [headerOf(call, 'if-match'), headerOf(call, 'if-none-match')]
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw notImplemented(
      'If-Match,If-None-Match',
      'Multiple conditional request headers present in the request',
    )
  }
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== '*') throw unacceptable('If-None-Match')
    return (current) => {
      if (current) throw preconditionFailed('If-None-Match')
    }
  }
  if (ifMatch !== undefined) {
    if (ifMatch === '*') throw unacceptable('If-Match')
    return (current) => {
      if (!current) throw new S3Error('NoSuchKey', { fields: [['Key', call.request.key ?? '']] })
      if (!sameEtag(ifMatch, current)) throw preconditionFailed('If-Match')
    }
  }
  return () => undefined
}

/** `If-Match` of a delete, where `*` asks for any object. */
export function deleteCondition(call: Call): WriteCondition {
  const ifMatch = headerOf(call, 'if-match')
  if (ifMatch === undefined) return () => undefined
  return (current) => {
    if (!current || (ifMatch !== '*' && !sameEtag(ifMatch, current))) throw preconditionFailed('If-Match')
  }
}

/**
 * The conditions of GET and HEAD, in RFC 9110's order.
 * @returns true if the answer is 304
 * @throws S3Error PreconditionFailed
 */
export function isNotModified(call: Call, object: ObjectRecord): boolean {
  const get = (name: string) => headerOf(call, name)
  return evaluate(object, {
    match: get('if-match'),
    noneMatch: get('if-none-match'),
    modifiedSince: get('if-modified-since'),
    unmodifiedSince: get('if-unmodified-since'),
  })
}

/** The same about the source of a copy, where "not modified" is a failure too (AWS: API_CopyObject). */
export function requireCopyable(call: Call, object: ObjectRecord): void {
  const get = (name: string) => headerOf(call, `x-amz-copy-source-if-${name}`)
  const unmodified = evaluate(object, {
    match: get('match'),
    noneMatch: get('none-match'),
    modifiedSince: get('modified-since'),
    unmodifiedSince: get('unmodified-since'),
  })
  if (unmodified) throw preconditionFailed('x-amz-copy-source-If-None-Match')
}

interface ReadConditions {
  readonly match: string | undefined
  readonly noneMatch: string | undefined
  readonly modifiedSince: string | undefined
  readonly unmodifiedSince: string | undefined
}

function evaluate(object: ObjectRecord, conditions: ReadConditions): boolean {
  const { match, noneMatch, modifiedSince, unmodifiedSince } = conditions
  if (match !== undefined) {
    if (!lists(match, object)) throw preconditionFailed('If-Match')
  } else if (isAfter(object, unmodifiedSince) === true) {
    throw preconditionFailed('If-Unmodified-Since')
  }
  if (noneMatch !== undefined) return lists(noneMatch, object)
  return isAfter(object, modifiedSince) === false
}

function lists(header: string, object: ObjectRecord): boolean {
  return header.split(',').some((one) => one.trim() === '*' || sameEtag(one, object))
}

/** Whether modified after an HTTP date, in whole seconds as those have; `undefined` if there is no date. */
function isAfter(object: ObjectRecord, date: string | undefined): boolean | undefined {
  const limit = Date.parse(date ?? '')
  return Number.isNaN(limit) ? undefined : Math.floor(object.modifiedAt / 1_000) * 1_000 > limit
}

/** Clients send ETags with and without quotes. */
function sameEtag(sent: string, object: ObjectRecord): boolean {
  return sent.trim().replace(/^"(.*)"$/, '$1') === object.etag
}

function unacceptable(header: string): S3Error {
  return notImplemented(header, `We don't accept the provided value of ${header} header for this API`)
}
