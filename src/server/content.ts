/** What the stored object says of itself: its type, and whether a browser may open it. */
import type { AcceptMatch } from '../protocol/accept.ts'
import { mediaTypeOf } from '../protocol/accept.ts'
import { normalMediaType } from '../protocol/media-types.ts'
import type { WireEntries } from '../protocol/wire.ts'
import { sanitizeFileName } from './keys.ts'
import type { StoreCapabilities } from './storage/capabilities.ts'

const unknownType = 'application/octet-stream'

// RFC 6838, section 4.2, less `$`, which has a meaning in POST policies. No parameters and above all no commas: S3
// reads a Content-Type with commas as a list.
const mediaType = /^[a-z0-9][a-z0-9!#&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#&^_.+-]{0,126}$/

/**
 * The type that the object gets: the browser's if it looks like one, else what the extension stands for, else
 * `application/octet-stream`. A file that only its extension let in does not keep the type it came with: a page called
 * `brief.pdf` is stored as a PDF.
 */
export function contentTypeFor(file: { name: string; type: string }, match: AcceptMatch): string {
  const told = normalMediaType(file.type)
  const isTold = mediaType.test(told) && told !== unknownType && match !== 'extension'
  return isTold ? told : (mediaTypeOf(file.name) ?? unknownType)
}

/**
 * Types that no browser runs or sniffs as a page, so that a wildcard may serve them inline. A list of what is safe, since
 * nobody can list what is not: browsers sniff types that they do not know, and some that they do (WHATWG MIME Sniffing).
 */
const passiveTypes: ReadonlySet<string> = new Set([
  ...['apng', 'avif', 'bmp', 'gif', 'heic', 'heif', 'jpeg', 'jxl', 'png', 'tiff', 'webp', 'x-icon'].map(
    (name) => `image/${name}`,
  ),
  ...['aac', 'flac', 'midi', 'mp4', 'mpeg', 'ogg', 'opus', 'wav', 'webm'].map((name) => `audio/${name}`),
  ...['3gpp', 'mp4', 'mpeg', 'ogg', 'quicktime', 'webm', 'x-matroska'].map((name) => `video/${name}`),
  ...['otf', 'ttf', 'woff', 'woff2'].map((name) => `font/${name}`),
  'application/pdf',
  'text/plain',
  'text/csv',
])

/** See {@link passiveTypes}. */
export const isPassive = (type: string): boolean => passiveTypes.has(type)

/** Types that browsers take for unknown, and so look into for a page (WHATWG MIME Sniffing, section 7). */
const isSniffed = (type: string): boolean => /^(unknown\/unknown|application\/unknown|\*\/\*)$/.test(type)

/** May a browser show it? A wildcard reaches types of a short list only; all others, such as SVG, must be named. */
export function mayInline(type: string, inline: readonly string[]): boolean {
  if (isSniffed(type)) return false
  return inline.some((written) => {
    const pattern = written.toLowerCase()
    if (!pattern.endsWith('/*')) return type === normalMediaType(pattern)
    return isPassive(type) && (pattern === '*/*' || type.startsWith(pattern.slice(0, -1)))
  })
}

/**
 * The type that the store is told. A form on a store that drops Content-Disposition would make an attachment of nothing,
 * so what browsers might run is stored as bytes there.
 */
export function storedTypeOf(
  type: string,
  transport: 'post' | 'put' | 'multipart',
  inline: readonly string[] = [],
  { formHeaders }: StoreCapabilities,
): string {
  if (formHeaders || transport !== 'post' || isPassive(type) || mayInline(type, inline)) return type
  return unknownType
}

/** For use in `accept` and `inline`: is it a media type, a wildcard or an extension? */
export function isTypePattern(text: string): boolean {
  return /^\.[\w.+-]+$|^\*\/\*$|^[\w.+-]+\/\*$/.test(text) || mediaType.test(normalMediaType(text))
}

/**
 * A Content-Disposition with the file's own name: ASCII for old readers, and RFC 8187's form for all scripts.
 * Spec: https://www.rfc-editor.org/rfc/rfc6266#section-4.3
 */
export function contentDisposition(kind: 'attachment' | 'inline', name: string): string {
  const tidy = sanitizeFileName(name)
  const ascii = tidy.replace(/[^\x20-\x7E]+/g, '_')
  const plain = `${kind}; filename="${ascii}"`
  return ascii === tidy ? plain : `${plain}; filename*=UTF-8''${encodeValue(tidy)}`
}

/**
 * Would a form lose what the app asked for, on a store that drops a form's headers? A Content-Disposition of the signer's
 * own may be dropped, see {@link storedTypeOf}.
 */
export const needsFormHeaders = (headers: WireEntries, fileName: string): boolean =>
  headers.some(([name, value]) =>
    name === 'content-disposition'
      ? !(['attachment', 'inline'] as const).some((kind) => contentDisposition(kind, fileName) === value)
      : name === 'cache-control' || name === 'content-encoding',
  )

// encodeURIComponent leaves four characters that RFC 8187 does not allow bare.
const encodeValue = (text: string): string =>
  encodeURIComponent(text).replace(/['()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
