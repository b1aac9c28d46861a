/**
 * Signature Version 4, computed from the wire. Written apart from `src/s3/sigv4.ts`, so that signer and verifier do
 * not share their mistakes (AWS: sig-v4-header-based-auth).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

import { encodeKey } from '../../../s3/key.ts'
import type { S3Request } from '../http/request.ts'

/** `<access key>/<day>/<region>/s3/aws4_request`, taken apart. */
export interface CredentialScope {
  readonly accessKeyId: string
  /** yyyymmdd */
  readonly day: string
  readonly region: string
}

/** The three texts of a signature, which S3 shows when it does not match. */
export interface ComputedSignature {
  readonly canonicalRequest: string
  readonly stringToSign: string
  readonly signature: string
}

/** SHA-256 in hexadecimal. Strings are Latin-1, which is how Node gives header bytes. */
export function sha256Hex(data: string | Uint8Array): string {
  const hash = createHash('sha256')
  return (typeof data === 'string' ? hash.update(data, 'latin1') : hash.update(data)).digest('hex')
}

/** The day's key for a region, from which signatures are made. */
export function signingKey(secretAccessKey: string, { day, region }: CredentialScope): Buffer {
  return [region, 's3', 'aws4_request'].reduce<Buffer>(hmac, hmac(`AWS4${secretAccessKey}`, day))
}

/** A signature as S3 writes it, in hexadecimal. */
export function signText(key: Uint8Array, text: string): string {
  return hmac(key, text).toString('hex')
}

/** What the request's signature must be. */
export function computeSignature(
  request: S3Request,
  options: {
    readonly key: Uint8Array
    readonly scope: CredentialScope
    /** yyyymmddThhmmssZ */
    readonly date: string
    /** In lower case, sorted. */
    readonly signedHeaders: readonly string[]
    /** Leaves those out that are not in the request. Default: they count as empty. */
    readonly skipsAbsent?: boolean
    /** The last line of the canonical request: a hash, or a word such as UNSIGNED-PAYLOAD. */
    readonly payload: string
  },
): ComputedSignature {
  const { key, scope, date, signedHeaders, skipsAbsent = false, payload } = options
  const present = signedHeaders.filter((name) => !skipsAbsent || request.headers.has(name))
  const canonicalRequest = [
    request.method,
    encodeKey(request.path),
    request.query.canonical(),
    ...present.map((name) => `${name}:${(request.headers.get(name) ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    payload,
  ].join('\n')
  const stringToSign = [
    'AWS4-HMAC-SHA256',
    date,
    `${scope.day}/${scope.region}/s3/aws4_request`,
    sha256Hex(canonicalRequest),
  ].join('\n')
  return { canonicalRequest, stringToSign, signature: signText(key, stringToSign) }
}

/** Compares in constant time; case matters, S3's signatures are in lower case. */
export function sameSignature(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** `yyyymmddThhmmssZ` as a date, `undefined` if it is anything else. */
export function parseLongDate(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  const date = new Date(`${iso}Z`)
  return Number.isNaN(date.getTime()) || !date.toISOString().startsWith(iso) ? undefined : date
}

function hmac(key: string | Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
