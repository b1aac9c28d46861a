/** The browser's side of the wire for uploads that were granted already, and for the limits; see `answers.ts`. */
import type { Accept } from './accept.ts'
import type { ReadProblem } from './answers.ts'
import { orFault, readAnswer, readEntries, readLife, readProblem, readStored, readUrl } from './answers.ts'
import type { Json } from './json.ts'
import { ProtocolError, readInteger, readList, readRecord, readText } from './json.ts'
import { wireLimits } from './limits.ts'
import type {
  ConfirmedFile,
  ViewedFile,
  WireLimits,
  WireSignedPart,
  WireStoredFile,
  WireStoredObject,
  WireStoredPart,
} from './wire-actions.ts'
import type { WireChecksum } from './wire.ts'
import { checksumAlgorithms } from './wire.ts'

/** A receipt's verdict as read: `Verdict`, but its code may be one of a newer signer. */
export type ReadVerdictOf<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number; readonly problem: ReadProblem }

/**
 * The answer to a list of `count` receipts: one verdict for each, in order; an error for each that cannot be read.
 * @param read what a good verdict says
 * @throws ProtocolError if it is anything else
 */
export function parseVerdicts<T>(
  text: string,
  count: number,
  read: (verdict: ReadonlyMap<string, Json>) => T,
): readonly (ReadVerdictOf<T> | ProtocolError)[] {
  const verdicts = readList(readAnswer(text).get('verdicts'), 'verdicts', count)
  if (verdicts.length !== count)
    throw new ProtocolError(
      `verdicts must have ${count} entries, one per receipt; it has ${verdicts.length}.`,
    )
  return verdicts.map((value, index) =>
    orFault(() => {
      const place = `verdicts[${index}]`
      const verdict = readRecord(value, place)
      if (verdict.get('ok') === true) return { ok: true, value: read(verdict) }
      const error = readRecord(verdict.get('error'), `${place}.error`)
      const status = readInteger(error.get('status'), `${place}.error.status`, 599)
      return { ok: false, status, problem: readProblem(error) }
    }),
  )
}

/** @throws ProtocolError if it is no verdict of `confirm` */
export function readConfirmed(verdict: ReadonlyMap<string, Json>): ConfirmedFile {
  return { stored: readStored(verdict.get('stored')), result: verdict.get('result') ?? null }
}

/**
 * What `probe` and `complete` say; undefined where there is no object.
 * @throws ProtocolError if it is anything else
 */
export function readPlace(
  found: ReadonlyMap<string, Json>,
): (WireStoredObject & { location?: string }) | undefined {
  const stored = found.get('stored')
  const location = found.get('location')
  if (stored === null) return undefined
  return { ...readStored(stored), ...(location !== undefined && { location: readUrl(location, 'location') }) }
}

/** @throws ProtocolError if it is no verdict of `view` */
export function readView(verdict: ReadonlyMap<string, Json>): ViewedFile {
  return {
    url: readUrl(verdict.get('url'), 'url'),
    expiresIn: readLife(verdict.get('expiresIn'), 'expiresIn'),
  }
}

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
      ...readDigest(part.get('checksum'), `${place}.checksum`),
    }
  })
}

/** An algorithm that is not known here says nothing that could be compared. */
function readDigest(value: Json | undefined, place: string): { checksum?: WireChecksum } {
  if (value === undefined) return {}
  const checksum = readRecord(value, place)
  const algorithm = checksumAlgorithms.find((one) => one === checksum.get('algorithm'))
  if (!algorithm) return {}
  return { checksum: { algorithm, value: readText(checksum.get('value'), place, wireLimits.checksum) } }
}

/**
 * The answer to `complete`.
 * @throws ProtocolError if it is anything else
 */
export function parseCompleted(text: string): (WireStoredObject & { location?: string }) | undefined {
  return readPlace(readAnswer(text))
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
