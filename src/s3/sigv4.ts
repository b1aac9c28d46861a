/** Signature Version 4 of requests, by header or in the URL's query. */
import type { S3Credentials } from './credentials.ts'
import { encodeKey, encodeRfc3986 } from './key.ts'
import { algorithm, Signature } from './signature.ts'

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

/** A request whose signature stands in its URL. */
export interface RequestToPresign extends RequestToSign {
  /** Seconds. */
  readonly expiresIn: number
  /**
   * Headers that the URL names as signed, in lower case, and that nobody sends. Only a store that skips absent headers
   * when it compares takes such a URL (Ceph RGW). It then refuses a request that brings one of them. Names among
   * `headers` are left out. Default: none.
   */
  readonly absent?: readonly string[]
}

/** See {@link createSigner}. */
export interface Signer {
  /**
   * A URL that carries its own permission. The body is not part of the signature (`UNSIGNED-PAYLOAD`).
   * @returns the URL, a secret for as long as it lives, and the headers that must be sent with it (without `host`)
   * @throws RangeError if `expiresIn` is not 1 … 604,800 whole seconds (AWS: sigv4-query-string-auth)
   */
  presign(request: RequestToPresign): Promise<{ url: string; headers: SignedHeaders }>
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
  const { sessionToken } = credentials

  return {
    async presign(request) {
      const { expiresIn, absent = [] } = request
      if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > maxExpiresIn) {
        throw new RangeError(`A presigned URL lives 1 to ${maxExpiresIn} whole seconds, not ${expiresIn}.`)
      }
      const signature = new Signature(credentials, region, request.now)
      const wire = toWire(request)
      const names = namesOf([...Object.keys(wire.headers), ...absent])
      const query: Query = {
        ...wire.query,
        'X-Amz-Algorithm': algorithm,
        'X-Amz-Credential': signature.credential,
        'X-Amz-Date': signature.longDate,
        'X-Amz-Expires': String(expiresIn),
        'X-Amz-SignedHeaders': names,
        ...(sessionToken !== undefined && { 'X-Amz-Security-Token': sessionToken }),
      }
      const signed = await signature.ofRequest({ ...wire, query, signedHeaders: names }, unsignedPayload)
      const { host: _, ...headers } = wire.headers
      const url = `${wire.base}${wire.path}?${toQuery({ ...query, 'X-Amz-Signature': signed })}`
      return { url, headers }
    },
    async sign(request) {
      const { bodyHash } = request
      const signature = new Signature(credentials, region, request.now)
      const wire = toWire(request)
      const signedHeaders = {
        ...wire.headers,
        'x-amz-date': signature.longDate,
        'x-amz-content-sha256': bodyHash,
        ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
      }
      const names = namesOf(Object.keys(signedHeaders))
      const signed = await signature.ofRequest(
        { ...wire, headers: signedHeaders, signedHeaders: names },
        bodyHash,
      )
      const { host: _, ...headers } = signedHeaders
      return {
        ...headers,
        authorization: `${algorithm} Credential=${signature.credential}, SignedHeaders=${names}, Signature=${signed}`,
      }
    },
  }
}

type Query = Readonly<Record<string, string | string[]>>

const namesOf = (names: readonly string[]): string => [...new Set(names)].toSorted().join(';')

/** The signer's own: what a caller says of them is dropped. */
const own = new Set(['authorization', 'date', 'x-amz-date'])

function toWire(request: RequestToSign) {
  const url = new URL(request.url)
  const given = Object.entries(request.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  )
  const query: Record<string, string[]> = {}
  for (const [name, value] of url.searchParams) (query[name] ??= []).push(value)
  return {
    base: `${url.protocol}//${url.host}`,
    method: request.method,
    path: encodeKey(decodeURIComponent(url.pathname)),
    query,
    headers: { ...Object.fromEntries(given.filter(([name]) => !own.has(name))), host: url.host },
  }
}

function toQuery(query: Query): string {
  return Object.entries(query)
    .flatMap(([name, values]) =>
      [values].flat().map((value) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`),
    )
    .join('&')
}
