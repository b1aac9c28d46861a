/** The server's side of the wire: strict and bounded. */
import type { Json, Reader } from './json.ts'
import {
  listOf,
  maybe,
  oneOf,
  parseJson,
  ProtocolError,
  readInteger,
  readList,
  readRecord,
  readText,
  shape,
  someOf,
  text,
} from './json.ts'
import { longestLife, protocolVersion, wireLimits } from './limits.ts'
import type {
  BatchRequest,
  CompleteRequest,
  ListPartsRequest,
  ListRequest,
  SignerRequest,
  SignPartsRequest,
  WirePartToSign,
  WireSentPart,
} from './wire-actions.ts'
import { batchActions } from './wire-actions.ts'
import type { SignFile, SignRequest, WireChecksum } from './wire.ts'
import { checksumAlgorithms } from './wire.ts'

/** Milliseconds since 1970; files from before that are real (zip archives, cameras without a clock). */
const readTime: Reader<number> = (value, place) => {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 8.64e15) return value
  throw new ProtocolError(`${place} must be a time in whole milliseconds since 1970.`)
}

const readMetadata: Reader<Json> = (value, place) => {
  if (value !== undefined && jsonLength(value) <= wireLimits.metadata) return value
  throw new ProtocolError(`${place} must have at most ${wireLimits.metadata} characters as JSON.`)
}

/** Characters; Infinity for what is nested so deep that the stack does not suffice. */
function jsonLength(value: Json): number {
  try {
    return JSON.stringify(value).length
  } catch {
    return Infinity
  }
}

const size: Reader<number> = (value, place) => readInteger(value, place)
const receipt = text(wireLimits.receipt)
const algorithm = oneOf(...checksumAlgorithms)

const digestLengths = { crc32: 8, crc32c: 8, crc64nvme: 12, sha256: 44 } as const
const anyChecksum = shape<WireChecksum>({ algorithm, value: text(wireLimits.checksum) })
const checksum: Reader<WireChecksum> = (value, place) => {
  const read = anyChecksum(value, place)
  const isOne =
    read.value.length === digestLengths[read.algorithm] && /^[A-Za-z0-9+/]+={0,2}$/.test(read.value)
  if (isOne) return read
  throw new ProtocolError(`${place}.value must be a digest of ${read.algorithm} in base64.`)
}

const file = shape<SignFile>({
  id: text(wireLimits.id),
  name: text(wireLimits.name),
  size,
  type: text(wireLimits.type),
  lastModified: maybe(readTime),
  relativePath: maybe(text(wireLimits.relativePath)),
  reason: oneOf('first', 'renew', 'restart'),
  receipt: maybe(receipt),
  // Longer than allowed is no mistake: it is cut.
  minimumLife: maybe((value, place) => Math.min(readInteger(value, place), longestLife)),
  accepts: listOf(text(32), wireLimits.accepts),
  metadata: maybe(readMetadata),
  checksum: maybe(checksum),
  partChecksum: maybe(algorithm),
})

const partNumber: Reader<number> = (value, place) => {
  const number = readInteger(value, place, wireLimits.parts)
  if (number > 0) return number
  throw new ProtocolError(`${place} must be at least 1.`)
}

const part = shape<WirePartToSign>({ number: partNumber, size, checksum: maybe(checksum) })

const sentPart: Reader<WireSentPart> = (value, place) => {
  const [number, etag = null, digest = null] = readList(value, place, 3)
  return [
    partNumber(number, `${place}[0]`),
    etag === null ? null : readText(etag, `${place}[1]`, wireLimits.etag),
    digest === null ? null : readText(digest, `${place}[2]`, wireLimits.checksum),
  ]
}

const v: Reader<1> = (value) => {
  if (value === protocolVersion) return value
  throw new ProtocolError(`v must be ${protocolVersion}, the only version that this signer speaks.`)
}

const batch = shape<BatchRequest>({
  v,
  action: oneOf(...batchActions),
  receipts: someOf(receipt, wireLimits.receipts),
})

// A Map: `constructor` is no action.
const readers: ReadonlyMap<string, Reader<SignerRequest>> = new Map<string, Reader<SignerRequest>>([
  ['sign', shape<SignRequest>({ v, action: oneOf('sign'), files: someOf(file, wireLimits.files) })],
  [
    'sign-parts',
    shape<SignPartsRequest>({
      v,
      action: oneOf('sign-parts'),
      receipt,
      parts: someOf(part, wireLimits.signParts),
    }),
  ],
  ['list-parts', shape<ListPartsRequest>({ v, action: oneOf('list-parts'), receipt })],
  [
    'complete',
    shape<CompleteRequest>({
      v,
      action: oneOf('complete'),
      receipt,
      parts: someOf(sentPart, wireLimits.parts),
    }),
  ],
  ['list', shape<ListRequest>({ v, action: oneOf('list'), cursor: maybe(text(wireLimits.cursor)) })],
  ...batchActions.map((action) => [action, batch] as const),
])

/**
 * A request's body, checked member by member.
 * @throws ProtocolError if it is not what the protocol says
 */
export function parseRequest(body: string): SignerRequest {
  const value = parseJson(body)
  const all = readRecord(value, 'The body')
  v(all.get('v'), 'v')
  const action = all.get('action')
  const reader = typeof action === 'string' ? readers.get(action) : undefined
  if (reader) return reader(value, 'The body')
  throw new ProtocolError(`action must be one of: ${[...readers.keys()].join(', ')}.`)
}
