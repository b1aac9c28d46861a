/** The browser's side of the wire for uploads that were granted already, and for the limits; see `answers.ts`. */
import type { Accept } from './accept.ts'
import { readAnswer, readEntries, readLife, readStored, readUrl } from './answers.ts'
import type { Json } from './json.ts'
import { ProtocolError, readInteger, readList, readRecord, readText } from './json.ts'
import { wireLimits } from './limits.ts'
import type {
  ViewAnswer,
  WireLimits,
  WireSignedPart,
  WireStoredFile,
  WireStoredObject,
  WireStoredPart,
} from './wire-actions.ts'

/**
 * The answer to `sign-parts`.
 * @throws ProtocolError if it is anything else
 */
export function parseSignedParts(text: string): readonly WireSignedPart[] {
  return readList(readAnswer(text).get('parts'), 'parts', wireLimits.signParts).map((value, index) => {
    const place = `parts[${index}]`
    const part = readRecord(value, place)
    return {
      number: readInteger(part.get('number'), `${place}.number`, wireLimits.parts),
      url: readUrl(part.get('url'), `${place}.url`),
      headers: readEntries(part.get('headers'), `${place}.headers`),
      expiresIn: readLife(part.get('expiresIn'), `${place}.expiresIn`),
    }
  })
}

/**
 * The answer to `list-parts`.
 * @throws ProtocolError if it is anything else
 */
export function parseStoredParts(text: string): readonly WireStoredPart[] | 'gone' {
  const answer = readAnswer(text)
  if (answer.get('gone') === true) return 'gone'
  return readList(answer.get('parts'), 'parts', wireLimits.parts).map((value, index) => {
    const place = `parts[${index}]`
    const part = readRecord(value, place)
    return {
      number: readInteger(part.get('number'), `${place}.number`, wireLimits.parts),
      size: readInteger(part.get('size'), `${place}.size`),
      etag: readText(part.get('etag'), `${place}.etag`, 1024),
    }
  })
}

/**
 * The answer to `complete` and `probe`; undefined where there is no object.
 * @throws ProtocolError if it is anything else
 */
export function parseStoredAnswer(text: string): (WireStoredObject & { location?: string }) | undefined {
  const answer = readAnswer(text)
  const stored = answer.get('stored')
  const location = answer.get('location')
  if (stored === null) return undefined
  return { ...readStored(stored), ...(location !== undefined && { location: readUrl(location, 'location') }) }
}

/**
 * The answer to `abort` and `delete`.
 * @throws ProtocolError if it is anything else
 */
export function parseDone(text: string): void {
  if (readAnswer(text).get('done') !== true) throw new ProtocolError('done must be true.')
}

/**
 * The answer to `view`.
 * @throws ProtocolError if it is anything else
 */
export function parseView(text: string): ViewAnswer {
  const answer = readAnswer(text)
  return {
    v: 1,
    url: readUrl(answer.get('url'), 'url'),
    expiresIn: readLife(answer.get('expiresIn'), 'expiresIn'),
  }
}

/**
 * The answer to `list`.
 * @throws ProtocolError if it is anything else
 */
export function parseList(text: string): { files: readonly WireStoredFile[]; cursor?: string } {
  const answer = readAnswer(text)
  const files = readList(answer.get('files'), 'files', 1000).map((value, index) => {
    const place = `files[${index}]`
    const file = readRecord(value, place)
    const at = (name: string): [Json | undefined, string] => [file.get(name), `${place}.${name}`]
    return {
      receipt: readText(...at('receipt'), wireLimits.receipt),
      name: readText(...at('name'), 2048),
      size: readInteger(...at('size')),
      ...(file.has('lastModified') && { lastModified: readInteger(...at('lastModified')) }),
      ...(file.has('url') && { url: readUrl(...at('url')) }),
    }
  })
  const cursor = answer.get('cursor')
  return { files, ...(cursor !== undefined && { cursor: readText(cursor, 'cursor', wireLimits.cursor) }) }
}

/**
 * The answer to GET: every route's limits, by name.
 * @throws ProtocolError if it is anything else
 */
export function parseLimits(text: string): ReadonlyMap<string, WireLimits> {
  const routes = readRecord(readAnswer(text).get('routes'), 'routes')
  return new Map([...routes].map(([name, value]) => [name, readLimits(value, `routes.${name.slice(0, 64)}`)]))
}

function readLimits(value: Json, place: string): WireLimits {
  const limits = readRecord(value, place)
  const at = (name: string): [Json | undefined, string] => [limits.get(name), `${place}.${name}`]
  const [from] = at('multipartFrom')
  return {
    accept: readAccept(...at('accept')),
    minSize: readInteger(...at('minSize')),
    maxSize: readInteger(...at('maxSize')),
    multipartFrom: from === undefined || from === null ? null : readInteger(...at('multipartFrom')),
    checksums: readTexts(limits.get('checksums') ?? [], `${place}.checksums`),
    ...(limits.has('maxFiles') && { maxFiles: readInteger(...at('maxFiles')) }),
  }
}

function readAccept(value: Json | undefined, place: string): Accept {
  return Object.fromEntries(
    [...readRecord(value, place)].map(([type, extensions]) => [type, readTexts(extensions, place)]),
  )
}

const readTexts = (value: Json, place: string): string[] =>
  readList(value, place, 1000).map((text) => readText(text, place, 255))
