/** Rules about the list of signed headers that both ways of signing share. */
import { S3Error } from '../errors.ts'
import type { S3Request } from '../http/request.ts'
import { computeSignature, sameSignature, signText, type CredentialScope } from './signature.ts'

/** What a signature is checked with. */
export interface SignatureCheck {
  readonly scope: CredentialScope
  readonly key: Uint8Array
  readonly date: string
  readonly signedHeaders: readonly string[]
  readonly payload: string
  /** As it was sent. */
  readonly signature: string
  /** Leaves signed headers that are absent out, as Ceph RGW does. Default: they fail the check. */
  readonly skipsAbsent?: boolean
}

/**
 * S3 wants `host` and all `x-amz-*` headers signed, `x-amz-content-sha256` excepted (AWS: sig-v4-header-based-auth).
 * @param which `host`: only that, as stores do that take what is not signed
 * @throws S3Error AccessDenied, naming those that are not
 */
export function requireSigned(
  request: S3Request,
  signedHeaders: readonly string[],
  which: 'all' | 'host' = 'all',
): void {
  const signed = new Set(signedHeaders)
  const unsigned = [...request.headers.keys()].filter(
    (name) =>
      (name === 'host' ||
        (which === 'all' && name.startsWith('x-amz-') && name !== 'x-amz-content-sha256')) &&
      !signed.has(name),
  )
  if (!signed.has('host') && !unsigned.includes('host')) unsigned.push('host')
  if (unsigned.length > 0) {
    throw new S3Error('AccessDenied', {
      message: 'There were headers present in the request which were not signed',
      fields: [['HeadersNotSigned', unsigned.join(', ')]],
    })
  }
}

/** The list, if it is one: names in lower case, sorted, each once. */
export function parseSignedHeaders(text: string): string[] | undefined {
  const names = text.split(';')
  const orderly = names.every(
    (name, at) => /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && (at === 0 || name > (names[at - 1] ?? '')),
  )
  return orderly ? names : undefined
}

/** @throws S3Error SignatureDoesNotMatch, with what was computed, as S3 shows it */
export function requireSignature(request: S3Request, check: SignatureCheck): void {
  const computed = computeSignature(request, check)
  // A header that was signed and did not arrive cannot match; S3 would take it for an empty one.
  const complete =
    check.skipsAbsent === true || check.signedHeaders.every((name) => request.headers.has(name))
  if (complete && sameSignature(computed.signature, check.signature)) return
  throw new S3Error('SignatureDoesNotMatch', {
    fields: [
      ['AWSAccessKeyId', check.scope.accessKeyId],
      ['StringToSign', computed.stringToSign],
      ['SignatureProvided', check.signature],
      ['StringToSignBytes', hexBytes(computed.stringToSign)],
      ['CanonicalRequest', computed.canonicalRequest],
      ['CanonicalRequestBytes', hexBytes(computed.canonicalRequest)],
    ],
  })
}

/** A policy's signature: of its base64, as received. */
export function requirePolicySignature(
  policy: string,
  check: Pick<SignatureCheck, 'scope' | 'key' | 'signature'>,
): void {
  if (sameSignature(signText(check.key, policy), check.signature)) return
  throw new S3Error('SignatureDoesNotMatch', {
    fields: [
      ['AWSAccessKeyId', check.scope.accessKeyId],
      ['StringToSign', policy],
      ['SignatureProvided', check.signature],
      ['StringToSignBytes', hexBytes(policy)],
    ],
  })
}

function hexBytes(text: string): string {
  return Buffer.from(text, 'latin1')
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')
}
