/**
 * The signature itself. Of `@smithy/signature-v4` only what S3's requests need: its `SignatureV4` brings event streams
 * along, more than a kilobyte that no upload ever runs. What is assembled here is held to the official SDK by a
 * differential test.
 */
import { createScope, getCanonicalHeaders, getSigningKey, SignatureV4Base } from '@smithy/signature-v4'

import { toHex } from './bytes.ts'
import type { S3Credentials } from './credentials.ts'
import { Sha256 } from './sha256.ts'

/** A request as it is signed. */
export interface CanonicalRequest {
  readonly method: string
  /** Encoded, once. */
  readonly path: string
  readonly query: Readonly<Record<string, string | string[]>>
  /** Names in lower case, `host` among them. All are signed. */
  readonly headers: Readonly<Record<string, string>>
  /** All names that count as signed, sorted, with `;` between: those of `headers`, and perhaps absent ones. */
  readonly signedHeaders: string
}

/** How requests are signed; stands in each. */
export const algorithm = 'AWS4-HMAC-SHA256'

/** Signs as one user, for one region, at one moment. */
export class Signature extends SignatureV4Base {
  /** `yyyymmddThhmmssZ` */
  readonly longDate: string
  /** Who signs, and for what. */
  readonly credential: string
  readonly #scope: string
  readonly #signingKey: () => Promise<Uint8Array>

  constructor(credentials: S3Credentials, region: string, date: Date = new Date()) {
    // S3 is the one service whose path is encoded once, not twice.
    super({ credentials, region, service: 's3', sha256: Sha256, uriEscapePath: false })
    const { longDate, shortDate } = this.formatDate(date)
    this.longDate = longDate
    this.#scope = createScope(shortDate, region, 's3')
    this.credential = `${credentials.accessKeyId}/${this.#scope}`
    this.#signingKey = () => getSigningKey(Sha256, credentials, shortDate, region, 's3')
  }

  /** @param bodyHash in hexadecimal, or `UNSIGNED-PAYLOAD` */
  async ofRequest(
    { method, path, query, headers, signedHeaders }: CanonicalRequest,
    bodyHash: string,
  ): Promise<string> {
    const request = { method, path, query, headers, protocol: '', hostname: '' }
    // All that are named: by itself it leaves some out, Cache-Control silently among them.
    const canonical = getCanonicalHeaders(request, undefined, new Set(Object.keys(headers)))
    // The last two lines are the names and the hash. Smithy names the headers that are there; absent ones may be named.
    const lines = this.createCanonicalRequest(request, canonical, bodyHash).split('\n')
    const text = [...lines.slice(0, -2), signedHeaders, bodyHash].join('\n')
    return this.ofText(await this.createStringToSign(this.longDate, this.#scope, text, algorithm))
  }

  /** Of a text as it is. */
  async ofText(text: string): Promise<string> {
    const hash = new Sha256(await this.#signingKey())
    hash.update(text)
    return toHex(await hash.digest())
  }
}
