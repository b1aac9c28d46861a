/** Percent-encoding as Signature Version 4 wants it: stricter than `encodeURIComponent`, the same everywhere. */

/**
 * Percent-encodes each UTF-8 byte except `A-Z a-z 0-9 - _ . ~` (RFC 3986's unreserved characters), hexadecimal in
 * upper case. This is AWS's `UriEncode` (sigv4-create-canonical-request). A lone surrogate, which file names
 * can hold and UTF-8 cannot, becomes U+FFFD.
 */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/**
 * An object key as it stands in a URL's path: {@link encodeRfc3986}, with `/` kept. It does not begin with a
 * slash unless the key does. Mind that URL parsers resolve the segments `.` and `..`, encoded or not: such keys
 * cannot be reached from browsers, so do not make them.
 */
export function encodeKey(key: string): string {
  return encodeRfc3986(key).replaceAll('%2F', '/')
}
