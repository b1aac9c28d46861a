/**
 * The browser's side of the wire: what is used is checked, what is unknown is passed over, so that an older page works
 * with a newer signer.
 */
import type { Json } from './json.ts'
import { parseJson, ProtocolError, readInteger, readList, readRecord, readText } from './json.ts'
import { protocolVersion, wireLimits } from './limits.ts'
import type { WireStoredObject } from './wire-actions.ts'
import type { Refusal, WireEntries, WireTarget } from './wire.ts'
import { refusalCodes } from './wire.ts'

/** A target of a kind that this build does not know. */
export interface UnknownTarget {
  readonly type: 'unknown'
  /** What the signer calls it. */
  readonly kind: string
}

/** A verdict as read: as `SignVerdict`, but the target may be one that cannot be carried out. */
export type ReadVerdict =
  | {
      readonly ok: true
      readonly receipt: string
      readonly target: WireTarget | UnknownTarget
      readonly record?: Json
    }
  | { readonly ok: false; readonly error: Refusal }

/** What is known of a problem; proxies and frameworks answer errors in their own shapes. */
export interface ReadProblem {
  readonly code: string
  readonly detail: string
  /** The app's own code, where it rejected the file. */
  readonly rejectCode?: string
}

// S3 stops reading at 20 KiB of fields, and STS tokens take 1 to 2 KiB of those.
const textLimit = 32_768

/** What is wrong with one verdict stands in its place, and takes nothing from the others. */
export function orFault<T>(read: () => T): T | ProtocolError {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}

/**
 * The answer to `sign`: one verdict for each of `count` files, in order; an error for each that cannot be read.
 * @throws ProtocolError if it is anything else
 */
export function parseSignAnswer(text: string, count: number): readonly (ReadVerdict | ProtocolError)[] {
  const files = readList(readAnswer(text).get('files'), 'files', count)
  if (files.length !== count)
    throw new ProtocolError(`files must have ${count} entries, one per file; it has ${files.length}.`)
  return files.map((value, index) => orFault(() => readVerdict(value, `files[${index}]`)))
}

/** @throws ProtocolError */
export function readStored(value: Json | undefined): WireStoredObject {
  const stored = readRecord(value, 'stored')
  return {
    key: readText(stored.get('key'), 'stored.key', textLimit),
    size: readInteger(stored.get('size'), 'stored.size'),
    etag: readText(stored.get('etag'), 'stored.etag', textLimit),
  }
}

/** The problem details of a failed call; undefined where the body is something else, such as a proxy's page. */
export function parseProblem(text: string): ReadProblem | undefined {
  try {
    return readProblem(readRecord(parseJson(text), 'The body'))
  } catch {
    return undefined
  }
}

/** @throws ProtocolError */
export function readProblem(problem: ReadonlyMap<string, Json>): ReadProblem {
  return {
    code: readText(problem.get('code'), 'code', 64),
    detail: readWords(problem.get('detail'), 'detail'),
    ...readRejectCode(problem),
  }
}

function readRejectCode(of: ReadonlyMap<string, Json>): { rejectCode?: string } {
  const code = of.get('rejectCode')
  return code === undefined ? {} : { rejectCode: readText(code, 'rejectCode', 256) }
}

/** @throws ProtocolError if it is no answer of this version */
export function readAnswer(text: string): ReadonlyMap<string, Json> {
  const answer = readRecord(parseJson(text), 'The body')
  if (answer.get('v') !== protocolVersion)
    throw new ProtocolError(`v must be ${protocolVersion}, the only version that this client speaks.`)
  return answer
}

function readVerdict(value: Json, place: string): ReadVerdict {
  const verdict = readRecord(value, place)
  const ok = verdict.get('ok')
  if (ok === false) return { ok, error: readRefusal(verdict.get('error'), `${place}.error`) }
  if (ok !== true) throw new ProtocolError(`${place}.ok must be true or false.`)
  const receipt = readText(verdict.get('receipt'), `${place}.receipt`, wireLimits.receipt)
  const record = verdict.get('record')
  const target = readTarget(verdict.get('target'), `${place}.target`)
  return { ok, receipt, target, ...(record !== undefined && { record }) }
}

function readRefusal(value: Json | undefined, place: string): Refusal {
  const refusal = readRecord(value, place)
  const told = refusal.get('code')
  return {
    // A code of a newer signer: its message still says what is wrong.
    code: refusalCodes.find((code) => code === told) ?? 'refused',
    message: readWords(refusal.get('message'), `${place}.message`),
    ...readRejectCode(refusal),
    ...readMeasure(refusal, 'limit'),
    ...readMeasure(refusal, 'actual'),
  }
}

/** Words of the app's own may be of any length, and say why all the same. */
const readWords = (value: Json | undefined, place: string): string =>
  readText(value, place, Infinity).slice(0, 2000)

/** Only for the words of a refusal, which there are without it too. */
function readMeasure<Name extends string>(
  refusal: ReadonlyMap<string, Json>,
  name: Name,
): { [Key in Name]?: number } {
  const value = refusal.get(name)
  // A computed key widens to string.
  return (typeof value === 'number' ? { [name]: value } : {}) as { [Key in Name]?: number }
}

function readTarget(value: Json | undefined, place: string): WireTarget | UnknownTarget {
  const target = readRecord(value, place)
  const at = (name: string): [Json | undefined, string] => [target.get(name), `${place}.${name}`]
  const type = readText(...at('type'), 32)
  if (type === 'put')
    return {
      type,
      url: readUrl(...at('url')),
      headers: readEntries(...at('headers')),
      expiresIn: readLife(...at('expiresIn')),
    }
  if (type === 'multipart') {
    const partSize = readInteger(...at('partSize'))
    if (partSize === 0) throw new ProtocolError(`${place}.partSize must be above 0.`)
    return { type, partSize, resumes: target.get('resumes') === true }
  }
  if (type !== 'post') return { type: 'unknown', kind: type }
  const [url, ...more] = readList(...at('urls'), 16).map((one) => readUrl(one, `${place}.urls`))
  if (url === undefined) throw new ProtocolError(`${place}.urls must not be empty.`)
  return {
    type,
    urls: [url, ...more],
    fields: readEntries(...at('fields')),
    expiresIn: readLife(...at('expiresIn')),
  }
}

/** @throws ProtocolError if it is no number of seconds above 0 */
export function readLife(value: Json | undefined, place: string): number {
  if (typeof value === 'number' && value > 0) return value
  throw new ProtocolError(`${place} must be a number of seconds above 0.`)
}

/** @throws ProtocolError if it is no http or https address */
export function readUrl(value: Json | undefined, place: string): string {
  const url = readText(value, place, 8192)
  if (!/^https?:\/\/[^/]/i.test(url)) throw new ProtocolError(`${place} must be http or https addresses.`)
  return url
}

/** @throws ProtocolError if it is no list of pairs of texts */
export function readEntries(value: Json | undefined, place: string): WireEntries {
  return readList(value, place, 100).map((entry, index) => {
    const [name, text] = readList(entry, `${place}[${index}]`, 2)
    return [readText(name, `${place}[${index}][0]`, 256), readText(text, `${place}[${index}][1]`, textLimit)]
  })
}
