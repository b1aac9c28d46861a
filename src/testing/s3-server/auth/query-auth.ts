/** Presigned URLs (AWS: sigv4-query-string-auth). */
import type { UnsignedHeaders } from '../call.ts'
import { S3Error } from '../errors.ts'
import type { S3Request } from '../http/request.ts'
import { parsePayloadClaim, type Caller } from './caller.ts'
import { complainers, findKey, parseCredential } from './credential.ts'
import { maxSkew, type AuthContext } from './header-auth.ts'
import { parseLongDate, signingKey } from './signature.ts'
import { parseSignedHeaders, requireSignature, requireSigned } from './signed-headers.ts'

const required = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
] as const
const maxExpires = 604_800

/** @throws S3Error whatever is wrong with it, in S3's words */
export function verifyQuery(
  request: S3Request,
  context: AuthContext & { readonly unsignedHeaders: UnsignedHeaders },
): Caller {
  const { credential, date: dateText, signature, expires, signedHeaders } = readParameters(request)
  const date = parseLongDate(dateText)
  if (!date) throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
  const scope = parseCredential(
    credential,
    { region: context.region, day: dateText.slice(0, 8), dateName: 'X-Amz-Date' },
    complainers.query,
  )
  const known = findKey(
    context.ring,
    scope.accessKeyId,
    request.query.get('X-Amz-Security-Token'),
    context.now,
  )
  requireAlive(date, expires, context.now)
  const takesUnsigned = context.unsignedHeaders !== 'refused' && request.method === 'PUT'
  requireSigned(request, signedHeaders, takesUnsigned ? 'host' : 'all')
  const queryHeaders = hoistedHeaders(request)

  const claimText = queryHeaders.get('x-amz-content-sha256') ?? request.headers.get('x-amz-content-sha256')
  const payload = parsePayloadClaim(claimText ?? 'UNSIGNED-PAYLOAD')
  if (!payload) throw malformed('x-amz-content-sha256 is not valid')
  const key = signingKey(known.credentials.secretAccessKey, scope)
  requireSignature(request, {
    scope,
    key,
    date: dateText,
    signedHeaders,
    payload: claimText ?? 'UNSIGNED-PAYLOAD',
    signature,
    skipsAbsent: takesUnsigned && context.unsignedHeaders === 'named',
  })
  return {
    accessKeyId: scope.accessKeyId,
    keyPrefix: known.keyPrefix,
    actions: known.actions,
    payload,
    chain: { key, scope, date: dateText, signature },
    queryHeaders,
  }
}

function malformed(message: string): S3Error {
  return new S3Error('AuthorizationQueryParametersError', { message })
}

function readParameters(request: S3Request) {
  const [algorithm, credential, date, expiresText, names, signature] = required.map((name) => {
    const values = request.query.entries.filter(([own]) => own === name)
    return values.length === 1 ? values[0]?.[1] : undefined // doubled ones are as good as none
  })
  if (!algorithm || !credential || !date || !expiresText || !names || !signature) {
    throw malformed(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    )
  }
  if (algorithm !== 'AWS4-HMAC-SHA256') throw malformed('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"')
  if (!/^[+-]?\d+$/.test(expiresText)) throw malformed('X-Amz-Expires should be a number')
  const expires = Number(expiresText)
  if (expires < 0) throw malformed('X-Amz-Expires must be non-negative')
  if (expires > maxExpires) {
    throw malformed(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    )
  }
  const signedHeaders = parseSignedHeaders(names)
  if (!signedHeaders) throw malformed('X-Amz-SignedHeaders is malformed')
  return { credential, date, signature, expires, signedHeaders }
}

function requireAlive(date: Date, expires: number, now: Date): void {
  const end = new Date(date.getTime() + expires * 1_000)
  if (now.getTime() >= end.getTime()) {
    throw new S3Error('AccessDenied', {
      message: 'Request has expired',
      fields: [
        ['X-Amz-Expires', String(expires)],
        ['Expires', end.toISOString().replace(/\.\d+Z$/, 'Z')],
        ['ServerTime', now.toISOString().replace(/\.\d+Z$/, 'Z')],
      ],
    })
  }
  // S3's exact words for this are not recorded (FACTS 8).
  if (date.getTime() - now.getTime() > maxSkew) {
    throw new S3Error('AccessDenied', { message: 'Request is not valid yet' })
  }
}

/** `x-amz-*` parameters count as headers; where both are sent they must agree (AWS: sigv4-query-string-auth). */
function hoistedHeaders(request: S3Request): Map<string, string> {
  const own = new Set<string>([...required, 'X-Amz-Security-Token'].map((name) => name.toLowerCase()))
  const headers = new Map<string, string>()
  for (const [name, value] of request.query.entries) {
    const header = name.toLowerCase()
    if (!header.startsWith('x-amz-') || own.has(header)) continue
    const sent = request.headers.get(header) ?? headers.get(header)
    if (sent !== undefined && sent !== value) {
      throw new S3Error('InvalidRequest', {
        message: 'Conflicting values provided in HTTP headers and query parameters',
      })
    }
    headers.set(header, value)
  }
  return headers
}
