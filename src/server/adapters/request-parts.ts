/** Parts of a request as servers hand them out. Not all of them fit into a Request, whose constructor then throws. */

/** Is it a host? Anything else would become a path or a password of the URL. */
export const isHost = (host: string): boolean => /^[^\s/?#@\\]+$/.test(host)

/** Can a Request have this method? (Fetch, "forbidden method") */
export const isMethod = (method: string): boolean =>
  /^[\w!#$%&'*+.^`|~-]+$/.test(method) && !/^(connect|trace|track)$/i.test(method)

/**
 * Headers of these pairs; undefined where one is none, as with a line end in its value. A value beyond Latin-1, such as the
 * name of a city that a CDN adds, stands there as its bytes in UTF-8, as Node reads it from the wire.
 */
export function readHeaders(pairs: Iterable<readonly [name: string, value: string]>): Headers | undefined {
  const headers = new Headers()
  for (const [name, value] of pairs) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\0\r\n]/.test(value)) return undefined
    headers.append(name, /[^\0-\xFF]/.test(value) ? asBytes(value) : value)
  }
  return headers
}

const asBytes = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text))

/** Makes the app's named origin the only host that a page can share, whatever the request says. */
export function fixHost(headers: Headers, host: string): void {
  headers.set('host', host)
  headers.delete('x-forwarded-host')
}
