/** A URL's query, decoded as S3 decodes it. */
import { encodeRfc3986 } from '../../../s3/key.ts'
import { S3Error } from '../errors.ts'

/** Parameters in the order they came; names are case-sensitive. */
export class Query {
  readonly entries: readonly (readonly [name: string, value: string])[]

  /** @throws S3Error InvalidURI where the escapes are broken or not UTF-8 */
  constructor(raw: string) {
    this.entries = raw
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const at = pair.indexOf('=')
        return at < 0
          ? [decodeQuery(pair), '']
          : [decodeQuery(pair.slice(0, at)), decodeQuery(pair.slice(at + 1))]
      })
  }

  has(name: string): boolean {
    return this.entries.some(([own]) => own === name)
  }

  /** The first value, `''` for a bare name. */
  get(name: string): string | undefined {
    return this.entries.find(([own]) => own === name)?.[1]
  }

  /** As Signature Version 4 wants it: encoded anew, sorted by name and value, without the signature itself. */
  canonical(): string {
    return this.entries
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
      .toSorted()
      .join('&')
  }
}

/** Decodes %XX of valid UTF-8, and nothing else. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    if (cause instanceof URIError) throw new S3Error('InvalidURI')
    throw cause
  }
}

function decodeQuery(text: string): string {
  return decodePercent(text.replaceAll('+', ' '))
}
