/** Reads what comes out of a database: another version, an extension or a bug may have written it. */
import { parseJson, readInteger, readList, readOneOf, readRecord, readText } from '../../protocol/json.ts'
import type { Json } from '../../protocol/json.ts'
import { partLimits, partLength } from '../../protocol/part-plan.ts'
import { checksumAlgorithms } from '../../protocol/wire.ts'
import type { StoredPart } from '../ports.ts'
import type { FileFingerprint, ResumeRecord } from './types.ts'

/** The record, if it is one; parts that do not fit its plan are left out, since those can be sent again. */
export function parseRecord(value: unknown): ResumeRecord | undefined {
  try {
    return typeof value === 'object' && value !== null ? read(value) : undefined
  } catch {
    // The readers' ProtocolError, or JSON's error about a cycle.
    return undefined
  }
}

function read(value: object): ResumeRecord {
  const handle = 'handle' in value ? value.handle : undefined
  const fields = readRecord(parseJson(JSON.stringify({ ...value, handle: undefined })), 'The record')
  const text = (name: string): string => readText(fields.get(name), name, longest)
  const time = (name: string): number => readTime(fields.get(name), name)

  const size = readInteger(fields.get('size'), 'size')
  const partSize = readInteger(fields.get('partSize'), 'partSize', partLimits.maxSize)
  if (partSize === 0) throw new Error('A part has at least one byte.')
  const parts = readList(fields.get('parts'), 'parts', partLimits.count).map(readPart)
  return {
    id: text('id'),
    backend: text('backend'),
    state: readOneOf(fields.get('state'), 'state', ['open', 'abandoned']),
    ref: readGiven(fields.get('ref'), 'ref'),
    partSize,
    parts: parts.filter((part) => part.size === partLength(size, partSize, part.number)),
    fingerprint: readFingerprint(fields.get('fingerprint'), size),
    name: text('name'),
    size,
    type: text('type'),
    lastModified: time('lastModified'),
    ...(fields.has('relativePath') && { relativePath: text('relativePath') }),
    ...(fields.has('options') && { options: readGiven(fields.get('options'), 'options') }),
    ...(fields.has('record') && { record: readGiven(fields.get('record'), 'record') }),
    ...(isFileHandle(handle) && { handle }),
    createdAt: time('createdAt'),
    updatedAt: time('updatedAt'),
  }
}

/** UTF-16 units of any text: far more than a path has. */
const longest = 32_768

function readPart(value: Json, index: number): StoredPart {
  const place = `parts[${index}]`
  const part = readRecord(value, place)
  const checksum = part.has('checksum') ? readRecord(part.get('checksum'), place) : undefined
  return {
    number: readInteger(part.get('number'), place, partLimits.count),
    size: readInteger(part.get('size'), place),
    ...(part.has('etag') && { etag: readText(part.get('etag'), place, longest) }),
    ...(checksum && {
      checksum: {
        algorithm: readOneOf(checksum.get('algorithm'), place, checksumAlgorithms),
        value: readText(checksum.get('value'), place, longest),
      },
    }),
  }
}

function readFingerprint(value: Json | undefined, size: number): FileFingerprint {
  const fingerprint = readRecord(value, 'fingerprint')
  if (readInteger(fingerprint.get('size'), 'fingerprint.size') !== size)
    throw new Error('The fingerprint is of another file.')
  return {
    size,
    lastModified: readTime(fingerprint.get('lastModified'), 'fingerprint.lastModified'),
    content: readText(fingerprint.get('content'), 'fingerprint.content', longest),
  }
}

/** A date may lie before 1970. */
function readTime(value: Json | undefined, place: string): number {
  if (typeof value !== 'number') throw new Error(`${place} must be a number.`)
  return value
}

function readGiven(value: Json | undefined, place: string): Json {
  if (value === undefined) throw new Error(`${place} is missing.`)
  return value
}

function isFileHandle(value: unknown): value is FileSystemFileHandle {
  return typeof FileSystemFileHandle === 'function' && value instanceof FileSystemFileHandle
}
