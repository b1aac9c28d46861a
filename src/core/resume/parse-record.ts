/** Reads what comes out of a database: another version, an extension or a bug may have written it. */
import { partLength } from '../../protocol/part-plan.ts'
import type { ResumeRecord } from './types.ts'

/** The record, if it is one; parts that do not fit its plan are left out, since those can be sent again. */
export function parseRecord(value: unknown): ResumeRecord | undefined {
  try {
    if (!isObject(value)) return undefined
    const { handle, ...rest } = value
    // What survives this is plain data. (A cycle throws.)
    const plain: unknown = JSON.parse(JSON.stringify(rest))
    if (!isRecord(plain)) return undefined
    const { size, partSize } = plain
    const parts = plain.parts.filter((part) => part.size === partLength(size, partSize, part.number))
    return { ...plain, parts, ...(isFileHandle(handle) && { handle }) }
  } catch {
    return undefined
  }
}

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isText = (value: unknown): boolean => typeof value === 'string'
const isOptionalText = (value: unknown): boolean => value === undefined || isText(value)
// A date may lie before 1970.
const isNumber = (value: unknown): boolean => typeof value === 'number'
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

function isRecord(value: unknown): value is ResumeRecord {
  if (!isObject(value)) return false
  const { fingerprint, parts, size } = value
  return (
    [value.id, value.backend, value.name, value.type].every(isText) &&
    [value.lastModified, value.createdAt, value.updatedAt].every(isNumber) &&
    [size, value.partSize].every(isCount) &&
    value.partSize !== 0 &&
    (value.state === 'open' || value.state === 'abandoned') &&
    value.ref !== undefined &&
    isOptionalText(value.relativePath) &&
    (value.isGenerated === undefined || typeof value.isGenerated === 'boolean') &&
    isObject(fingerprint) &&
    fingerprint.size === size &&
    isNumber(fingerprint.lastModified) &&
    isText(fingerprint.content) &&
    Array.isArray(parts) &&
    parts.every(isPart) &&
    (value.stored === undefined || isStored(value.stored))
  )
}

function isPart(value: unknown): boolean {
  if (!isObject(value)) return false
  const { checksum } = value
  return (
    [value.number, value.size].every(isCount) &&
    isOptionalText(value.etag) &&
    // Which algorithms there are is no affair of the store: one that is not known agrees with nothing.
    (checksum === undefined || (isObject(checksum) && isText(checksum.algorithm) && isText(checksum.value)))
  )
}

const isStored = (value: unknown): boolean =>
  isObject(value) && isText(value.location) && [value.key, value.bucket, value.etag].every(isOptionalText)

function isFileHandle(value: unknown): value is FileSystemFileHandle {
  return typeof FileSystemFileHandle === 'function' && value instanceof FileSystemFileHandle
}
