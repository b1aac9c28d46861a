/** The server's side of the wire: strict and bounded. Unknown members are refused, as they may be meant to matter. */
import type { Json } from './json.ts'
import { parseJson, ProtocolError, readInteger, readList, readOneOf, readRecord, readText } from './json.ts'
import { longestLife, protocolVersion, wireLimits } from './limits.ts'
import type { SignerRequest, SignFile } from './wire.ts'

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
]

/**
 * A request's body, checked member by member.
 * @throws ProtocolError if it is not what the protocol says
 */
export function parseRequest(text: string): SignerRequest {
  const body = parseJson(text)
  const all = readRecord(body, 'The body')
  if (all.get('v') !== protocolVersion)
    throw new ProtocolError(`v must be ${protocolVersion}, the only version that this signer speaks.`)
  if (readOneOf(all.get('action'), 'action', ['sign', 'confirm']) === 'confirm') {
    const receipt = readRecord(body, 'The body', ['v', 'action', 'receipt']).get('receipt')
    return { v: 1, action: 'confirm', receipt: readText(receipt, 'receipt', wireLimits.receipt) }
  }
  const listed = readRecord(body, 'The body', ['v', 'action', 'files']).get('files')
  const files = readList(listed, 'files', wireLimits.files)
  if (files.length === 0) throw new ProtocolError('files must not be empty.')
  return { v: 1, action: 'sign', files: files.map((file, index) => readFile(file, `files[${index}]`)) }
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
  }
}

/** Milliseconds since 1970; files from before that are real (zip archives, cameras without a clock). */
function readTime(value: Json | undefined, place: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 8.64e15) return value
  throw new ProtocolError(`${place} must be a time in whole milliseconds since 1970.`)
}
