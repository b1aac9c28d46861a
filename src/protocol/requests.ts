/** The server's side of the wire: strict and bounded. Unknown members are refused, as they may be meant to matter. */
import type { Json } from './json.ts'
import { parseJson, ProtocolError, readInteger, readList, readOneOf, readRecord, readText } from './json.ts'
import { longestLife, protocolVersion, wireLimits } from './limits.ts'
import type { SignerRequest, WirePartToSign, WireSentPart } from './wire-actions.ts'
import { receiptActions } from './wire-actions.ts'
import type { SignFile, WireChecksum } from './wire.ts'
import { checksumAlgorithms } from './wire.ts'

const fileMembers = [
  'id',
  'name',
  'size',
  'type',
  'lastModified',
  'relativePath',
  'reason',
  'receipt',
  'minimumLife',
  'accepts',
  'metadata',
  'checksum',
]

const actions = [...receiptActions, 'sign', 'sign-parts', 'complete', 'list'] as const

/**
 * A request's body, checked member by member.
 * @throws ProtocolError if it is not what the protocol says
 */
export function parseRequest(text: string): SignerRequest {
  const body = parseJson(text)
  const all = readRecord(body, 'The body')
  if (all.get('v') !== protocolVersion)
    throw new ProtocolError(`v must be ${protocolVersion}, the only version that this signer speaks.`)
  const action = readOneOf(all.get('action'), 'action', actions)
  const only = (...members: string[]): void => void readRecord(body, 'The body', ['v', 'action', ...members])
  const readReceipt = (): string => readText(all.get('receipt'), 'receipt', wireLimits.receipt)
  switch (action) {
    case 'sign': {
      only('files')
      const files = readFilled(all.get('files'), 'files', wireLimits.files)
      return { v: 1, action, files: files.map((file, at) => readFile(file, `files[${at}]`)) }
    }
    case 'sign-parts': {
      only('receipt', 'parts')
      const parts = readFilled(all.get('parts'), 'parts', wireLimits.signParts)
      const read = parts.map((part, at) => readPartToSign(part, `parts[${at}]`))
      return { v: 1, action, receipt: readReceipt(), parts: read }
    }
    case 'complete': {
      only('receipt', 'parts')
      const parts = readFilled(all.get('parts'), 'parts', wireLimits.parts)
      const read = parts.map((part, at) => readSentPart(part, `parts[${at}]`))
      return { v: 1, action, receipt: readReceipt(), parts: read }
    }
    case 'list': {
      only('cursor')
      const cursor = all.has('cursor') && { cursor: readText(all.get('cursor'), 'cursor', wireLimits.cursor) }
      return { v: 1, action, ...cursor }
    }
    default:
      only('receipt')
      return { v: 1, action, receipt: readReceipt() }
  }
}

function readFilled(value: Json | undefined, place: string, maximum: number): readonly Json[] {
  const list = readList(value, place, maximum)
  if (list.length === 0) throw new ProtocolError(`${place} must not be empty.`)
  return list
}

function readFile(value: Json, place: string): SignFile {
  const file = readRecord(value, place, fileMembers)
  const at = (name: string): [Json | undefined, string] => [file.get(name), `${place}.${name}`]
  return {
    id: readText(...at('id'), wireLimits.id),
    name: readText(...at('name'), wireLimits.name),
    size: readInteger(...at('size')),
    type: readText(...at('type'), wireLimits.type),
    reason: readOneOf(...at('reason'), ['first', 'renew', 'restart']),
    accepts: readList(...at('accepts'), wireLimits.accepts).map((kind) =>
      readText(kind, `${place}.accepts`, 32),
    ),
    ...(file.has('lastModified') && { lastModified: readTime(...at('lastModified')) }),
    ...(file.has('relativePath') && {
      relativePath: readText(...at('relativePath'), wireLimits.relativePath),
    }),
    ...(file.has('receipt') && { receipt: readText(...at('receipt'), wireLimits.receipt) }),
    // Longer than allowed is no mistake: it is cut.
    ...(file.has('minimumLife') && {
      minimumLife: Math.min(readInteger(...at('minimumLife')), longestLife),
    }),
    ...(file.has('metadata') && { metadata: readMetadata(...at('metadata')) }),
    ...(file.has('checksum') && { checksum: readChecksum(...at('checksum')) }),
  }
}

/** Milliseconds since 1970; files from before that are real (zip archives, cameras without a clock). */
function readTime(value: Json | undefined, place: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 8.64e15) return value
  throw new ProtocolError(`${place} must be a time in whole milliseconds since 1970.`)
}

function readMetadata(value: Json | undefined, place: string): Json {
  if (value !== undefined && JSON.stringify(value).length <= wireLimits.metadata) return value
  throw new ProtocolError(`${place} must have at most ${wireLimits.metadata} characters as JSON.`)
}

const digestLengths = { crc32: 8, crc32c: 8, crc64nvme: 12, sha256: 44 } as const

function readChecksum(value: Json | undefined, place: string): WireChecksum {
  const checksum = readRecord(value, place, ['algorithm', 'value'])
  const algorithm = readOneOf(checksum.get('algorithm'), `${place}.algorithm`, checksumAlgorithms)
  const digest = readText(checksum.get('value'), `${place}.value`, wireLimits.checksum)
  if (digest.length === digestLengths[algorithm] && /^[A-Za-z0-9+/]+={0,2}$/.test(digest))
    return { algorithm, value: digest }
  throw new ProtocolError(`${place}.value must be a digest of ${algorithm} in base64.`)
}

const readPartNumber = (value: Json | undefined, place: string): number => {
  const number = readInteger(value, `${place}.number`, wireLimits.parts)
  if (number === 0) throw new ProtocolError(`${place}.number must be at least 1.`)
  return number
}

function readPartToSign(value: Json, place: string): WirePartToSign {
  const part = readRecord(value, place, ['number', 'size', 'checksum'])
  return {
    number: readPartNumber(part.get('number'), place),
    size: readInteger(part.get('size'), `${place}.size`),
    ...(part.has('checksum') && { checksum: readChecksum(part.get('checksum'), `${place}.checksum`) }),
  }
}

function readSentPart(value: Json, place: string): WireSentPart {
  const part = readRecord(value, place, ['number', 'etag'])
  return {
    number: readPartNumber(part.get('number'), place),
    ...(part.has('etag') && { etag: readText(part.get('etag'), `${place}.etag`, wireLimits.etag) }),
  }
}
