/** Names of objects. The server chooses them; what the browser calls a file is only ever the tail, and tidied. */
import { isText } from './option-checks.ts'

// S3's own limit. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
const keyLimit = 1024
const nameLimit = 200

/** C0 and C1 control characters, DEL included. */
export const controlCharacters: RegExp = /\p{Cc}/u

const byteLength = (text: string): number => new TextEncoder().encode(text).byteLength

/**
 * A file name that is safe as the last part of a key and in a path: the part behind the last slash or backslash, with
 * letters and digits of any script, and `_` for what has a meaning in keys, URLs, shells or HTML, or cannot be seen
 * (controls, direction marks). At most 200 bytes, the extension kept. `file` where nothing is left.
 */
export function sanitizeFileName(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
  const tidy = last
    .normalize('NFC')
    // ASCII: letters, digits and `. _ - ( )` pass. Beyond: all but controls, marks of direction, lone surrogates,
    // private use and spaces; joiners pass, since Persian words and many emoji are made with them.
    .replace(/[^\w.()\-\u0080-\u{10FFFF}]|(?![\u200C\u200D])[\p{C}\p{Z}]/gu, '_')
    .replace(/_{2,}/g, '_')
    // `.` and `..` mean folders, a leading dot hides the file, Windows drops trailing ones.
    .replace(/^\.+|\.+$/g, '')
  return shorten(tidy.replace(/^[._]+$/, '')) || 'file'
}

function shorten(name: string): string {
  if (byteLength(name) <= nameLimit) return name
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : ''
  let stem = ''
  let room = nameLimit - byteLength(extension)
  // By code point: half a surrogate pair is no text.
  for (const character of name) {
    room -= byteLength(character)
    if (room < 0) break
    stem += character
  }
  return stem + extension
}

/**
 * A key that no other file gets: a random UUID, then the tidied name as a path segment of its own, so that a download
 * has its name back.
 * @param prefix put in front as it is, such as `users/42/`; default none
 */
export function uniqueKey(name: string, prefix = ''): string {
  return `${prefix}${crypto.randomUUID()}/${sanitizeFileName(name)}`
}

/**
 * What is wrong with a key; undefined if nothing is. Refused are keys that some store, proxy or URL parser would take
 * for another: a leading slash, empty segments, `.` and `..`, backslashes, control characters, half surrogate pairs;
 * `$`, on which S3's POST policies stumble (boto3 issue 4514); and more than 1,024 bytes.
 */
export function keyProblem(key: string): string | undefined {
  if (key === '') return 'is empty'
  if (controlCharacters.test(key)) return 'holds control characters'
  if (/\p{Surrogate}/u.test(key)) return 'is not well-formed Unicode'
  if (key.includes('\\')) return 'holds a backslash'
  if (key.includes('$')) return 'holds a $'
  if (byteLength(key) > keyLimit) return `has more than ${keyLimit} bytes`
  const segments = key.split('/')
  if (segments.includes('')) return 'has an empty segment: a slash at an end, or two in a row'
  if (segments.includes('.') || segments.includes('..')) return 'has a segment of dots'
  // The last of several is a file's name, which may be any word.
  if (![key, ...segments.slice(0, -1)].every(isText)) return 'has a segment made of a missing value'
  return undefined
}

/**
 * A relative path as a dropped folder has it, each part tidied as a file name: for keys that keep folders. Never more
 * than 32 levels; deeper ones are cut at the front.
 */
export function safePath(path: string): string {
  const parts = path.split(/[/\\]/).filter((part) => part !== '' && part !== '.' && part !== '..')
  return parts.slice(-32).map(sanitizeFileName).join('/') || 'file'
}
