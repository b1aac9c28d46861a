/** What the listings share: order, prefixes, delimiters, encoded names, numbers. */
import { encodeKey } from '../../../s3/key.ts'
import type { Call } from '../call.ts'
import { invalidArgument } from '../errors.ts'

/** Compares as S3 sorts: by the bytes of UTF-8, not by UTF-16 units. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** The prefix that a delimiter folds this key into, `undefined` if none does. */
export function commonPrefix(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (!delimiter) return undefined
  const at = key.indexOf(delimiter, prefix.length)
  return at < 0 ? undefined : key.slice(0, at + delimiter.length)
}

/** A parameter that is a count, at most 1,000 of anything. @throws S3Error InvalidArgument */
export function countParameter(call: Call, name: string): number {
  const text = call.request.query.get(name)
  if (text === undefined) return 1_000
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2_147_483_647) {
    throw invalidArgument(`Argument ${name} must be an integer between 0 and 2147483647`, name, text)
  }
  return Math.min(1_000, Number(text))
}

/** How names are written: as they are, or percent-encoded, since XML cannot hold every character. */
export function nameWriter(call: Call): {
  encode: (name: string) => string
  encodingType: string | undefined
} {
  const encodingType = call.request.query.get('encoding-type')
  if (encodingType === undefined) return { encode: (name) => name, encodingType }
  if (encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType)
  }
  return { encode: encodeKey, encodingType }
}
