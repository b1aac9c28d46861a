/** Requests to S3 itself: the string is written here, and signed by the app's server after a look into it. */
import type { BackendCall, Entries, SignedRequest } from '../../core/ports.ts'
import { encodeRfc3986 } from '../../s3/key.ts'
import { isSigned } from './metadata.ts'
import { objectPath, objectUrl, placeOf } from './place.ts'
import { scopeAt } from './policy.ts'
import type { FineUploaderOptions, FineUploaderRef } from './types.ts'

/** A request before it is signed. */
export interface RestRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  readonly query: Entries
  /** Those that S3 does not want signed are sent all the same. */
  readonly headers?: Entries
  /** Of its body, in hexadecimal: the original never sends `UNSIGNED-PAYLOAD`, and servers may check. */
  readonly bodyHash: string
}

/** The request as it is sent but for its signature, and the text to be signed. */
export interface UnsignedRest {
  /** Not a string to sign as S3 has it: its last part is the whole canonical request, not its hash. */
  readonly text: string
  readonly withSignature: (signature: string) => SignedRequest
}

/** Writes the text for one request. */
export function writeRest(
  request: RestRequest,
  ref: FineUploaderRef,
  options: FineUploaderOptions,
  call: BackendCall,
): UnsignedRest {
  const { method, headers = [], bodyHash } = request
  const place = placeOf(ref.endpoint ?? options.request.endpoint, options.objectProperties)
  const { date, scope, credential } = scopeAt(call, options)
  const sent: Entries = [...headers, ['x-amz-content-sha256', bodyHash], ['x-amz-date', date]]
  const signed = [...sent.filter(([name]) => isSigned(name)), ['host', place.host] as const]
    .map(([name, value]) => [name.toLowerCase(), value.trim().replaceAll(/ +/g, ' ')] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  const names = signed.map(([name]) => name).join(';')
  const query = request.query
    .map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
    .toSorted()
    .join('&')
  const canonical = [
    method,
    objectPath(place, ref.key),
    query,
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    bodyHash,
  ]
  return {
    text: ['AWS4-HMAC-SHA256', date, scope, ...canonical].join('\n'),
    withSignature: (signature) => ({
      url: objectUrl(place, ref.key) + (query === '' ? '' : `?${query}`),
      headers: [
        ...sent,
        [
          'Authorization',
          `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${names},Signature=${signature}`,
        ],
      ],
    }),
  }
}
