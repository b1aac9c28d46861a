/** The Authorization header (AWS: sigv4-auth-using-authorization-header). */
import { invalidArgument, S3Error } from '../errors.ts'
import type { S3Request } from '../http/request.ts'
import { parsePayloadClaim, type Caller } from './caller.ts'
import { complainers, findKey, parseCredential } from './credential.ts'
import type { KeyRing } from './key-ring.ts'
import { parseLongDate, signingKey } from './signature.ts'
import { parseSignedHeaders, requireSignature, requireSigned } from './signed-headers.ts'

/** S3 refuses requests whose date is further off its clock. */
export const maxSkew: number = 15 * 60 * 1_000

/** What is checked against. */
export interface AuthContext {
  readonly ring: KeyRing
  readonly region: string
  /** S3's clock. */
  readonly now: Date
}

/** @throws S3Error whatever is wrong with it, in S3's order and words */
export function verifyHeader(request: S3Request, authorization: string, context: AuthContext): Caller {
  const { credential, signature, signedHeaders } = parseAuthorization(authorization)
  const complain = complainers.header

  const dateText = request.headers.get('x-amz-date') ?? request.headers.get('date') ?? ''
  const date = parseLongDate(dateText)
  if (!date) {
    throw new S3Error('AccessDenied', {
      message: 'AWS authentication requires a valid Date or x-amz-date header',
    })
  }
  const scope = parseCredential(
    credential,
    { region: context.region, day: dateText.slice(0, 8), dateName: 'X-Amz-Date' },
    complain,
  )
  const known = findKey(
    context.ring,
    scope.accessKeyId,
    request.headers.get('x-amz-security-token'),
    context.now,
  )
  if (Math.abs(context.now.getTime() - date.getTime()) > maxSkew) {
    throw new S3Error('RequestTimeTooSkewed', {
      fields: [
        ['RequestTime', dateText],
        ['ServerTime', context.now.toISOString()],
        ['MaxAllowedSkewMilliseconds', String(maxSkew)],
      ],
    })
  }

  const claimText = request.headers.get('x-amz-content-sha256')
  if (claimText === undefined) {
    throw new S3Error('InvalidRequest', {
      message: 'Missing required header for this request: x-amz-content-sha256',
    })
  }
  const payload = parsePayloadClaim(claimText)
  if (!payload) {
    throw invalidArgument(
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid sha256 value.',
      'x-amz-content-sha256',
      claimText,
    )
  }

  requireSigned(request, signedHeaders)
  const key = signingKey(known.credentials.secretAccessKey, scope)
  requireSignature(request, { scope, key, date: dateText, signedHeaders, payload: claimText, signature })
  return {
    accessKeyId: scope.accessKeyId,
    keyPrefix: known.keyPrefix,
    actions: known.actions,
    payload,
    chain: { key, scope, date: dateText, signature },
    queryHeaders: new Map(),
  }
}

function parseAuthorization(text: string): {
  credential: string
  signature: string
  signedHeaders: string[]
} {
  const [scheme, rest] = splitOnce(text, ' ')
  if (scheme !== 'AWS4-HMAC-SHA256') {
    if (scheme === 'AWS') {
      throw new S3Error('InvalidRequest', {
        message:
          'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
      })
    }
    throw invalidArgument('Unsupported Authorization Type', 'Authorization', scheme)
  }
  const parts = new Map(rest.split(',').map((part) => splitOnce(part.trim(), '=')))
  const [credential, names, signature] = ['Credential', 'SignedHeaders', 'Signature'].map((name) => {
    const value = parts.get(name)
    if (!value) throw complainers.header(`the ${name} is missing.`)
    return value
  })
  const signedHeaders = parseSignedHeaders(names ?? '')
  if (!signedHeaders || parts.size !== 3 || credential === undefined || signature === undefined) {
    throw complainers.header('the authorization component is malformed.')
  }
  return { credential, signature, signedHeaders }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
