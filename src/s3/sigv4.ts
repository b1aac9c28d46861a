/** Signature Version 4 of requests, by header or in the URL's query. */
import { SignatureV4 } from '@smithy/signature-v4'

import type { S3Credentials } from './credentials.ts'
import { encodeKey, encodeRfc3986 } from './key.ts'
import { Sha256 } from './sha256.ts'

/** Headers by name; names in lower case on the way out. */
export type SignedHeaders = Readonly<Record<string, string>>

/** What both ways of signing need. */
export interface RequestToSign {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /**
   * Absolute. Path and query may be encoded in any valid way: they are encoded anew, as S3 does before it compares.
   * `+` in the query is a space.
   */
  readonly url: string
  /**
   * Signed, all of them: whoever sends the request must send exactly these. `host` is added; `authorization`, `date`
   * and `x-amz-date` are the signer's own and are dropped.
   */
  readonly headers?: Readonly<Record<string, string>>
  /** Moment of signing. Default: now. S3 refuses what is more than 15 minutes off its own clock. */
  readonly now?: Date
}

/** See {@link createSigner}. */
export interface Signer {
  /**
   * A URL that carries its own permission. The body is not part of the signature (`UNSIGNED-PAYLOAD`).
   * @returns the URL, a secret for as long as it lives, and the headers that must be sent with it (without `host`)
   * @throws RangeError if `expiresIn` is not 1 … 604,800 whole seconds (AWS: sigv4-query-string-auth)
   */
  presign(
    request: RequestToSign & { readonly expiresIn: number },
  ): Promise<{ url: string; headers: SignedHeaders }>
  /**
   * The headers to send, `authorization`, `x-amz-date` and `x-amz-content-sha256` among them (without `host`, which
   * HTTP clients set themselves).
   * @param request its `bodyHash` is the body's SHA-256 in hexadecimal, or `UNSIGNED-PAYLOAD`
   */
  sign(request: RequestToSign & { readonly bodyHash: string }): Promise<SignedHeaders>
}

/** SHA-256 of no bytes: the `bodyHash` of a request without a body. */
export const emptyBodyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** `bodyHash` of a request whose body is not signed. */
export const unsignedPayload = 'UNSIGNED-PAYLOAD'

const maxExpiresIn = 7 * 24 * 60 * 60

/** Signs requests for one set of credentials and one region (`auto` on R2). Inert: no network, no timers. */
export function createSigner(options: {
  readonly credentials: S3Credentials
  readonly region: string
}): Signer {
  const { credentials, region } = options
  const signature = new SignatureV4({
    credentials,
    region,
    service: 's3',
    sha256: Sha256,
    uriEscapePath: false, // S3 is the one service whose path is encoded once, not twice
  })

  return {
    async presign(request) {
      const { expiresIn } = request
      if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > maxExpiresIn) {
        throw new RangeError(`A presigned URL lives 1 to ${maxExpiresIn} whole seconds, not ${expiresIn}.`)
      }
      const { wire, signable, base } = toWire(request)
      const signed = await signature.presign(
        // Any body that is no bytes makes it UNSIGNED-PAYLOAD without a header or parameter of that name.
        { ...wire, body: {} },
        { expiresIn, signableHeaders: signable, unhoistableHeaders: signable, ...dateOf(request) },
      )
      const { host: _, ...headers } = signed.headers
      return { url: `${base}${signed.path}?${toQuery(signed.query)}`, headers }
    },
    async sign(request) {
      const { wire, signable } = toWire(request)
      wire.headers['x-amz-content-sha256'] = request.bodyHash
      const signed = await signature.sign(wire, { signableHeaders: signable, ...dateOf(request) })
      const { host: _, ...headers } = signed.headers
      return headers
    },
  }
}

type Query = Record<string, string | string[] | null>

function toWire(request: RequestToSign) {
  const url = new URL(request.url)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value
  // SignatureV4 leaves some headers unsigned unless they are named here: Cache-Control silently among them.
  const signable = new Set(Object.keys(headers))
  headers['host'] = url.host
  const query: Record<string, string[]> = {}
  for (const [name, value] of url.searchParams) (query[name] ??= []).push(value)
  return {
    base: `${url.protocol}//${url.host}`,
    signable,
    wire: {
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: encodeKey(decodeURIComponent(url.pathname)),
      query,
      headers,
    },
  }
}

function toQuery(query: Query = {}): string {
  return Object.entries(query)
    .flatMap(([name, values]) =>
      [values ?? ''].flat().map((value) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`),
    )
    .join('&')
}

function dateOf({ now }: RequestToSign): { signingDate?: Date } {
  return now ? { signingDate: now } : {}
}
