/**
 * Metadata in any script. Headers carry ASCII: S3 answers all else in RFC 2047's form from a POST and refuses it in a
 * signed header, and other stores each do something of their own. So it is percent-encoded before it is signed, and
 * every store keeps it as it is.
 */

/**
 * A value as it stands in `x-amz-meta-*`: printable ASCII stays, all else is percent-encoded UTF-8. So are `%` itself;
 * `$`, a variable's mark in forms; spaces at the ends or in a row, which signing would fold; and `=?`, which S3 decodes
 * as RFC 2047 (AWS: UsingMetadata).
 */
export function encodeMetadata(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .replace(/[^\x20-\x7E]|[%$]|=(?=\?)|^ +| +$| {2,}/gu, (part) =>
      Array.from(part, (char) => (char === ' ' ? '%20' : encodeURIComponent(char))).join(''),
    )
}

/** The text that {@link encodeMetadata} was given. What was encoded in no way, or in another, stays as it is. */
export function decodeMetadata(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
