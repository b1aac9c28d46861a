/** Is the object what was granted? */
import { normalMediaType } from '../protocol/media-types.ts'
import type { ReceiptFacts } from './receipt.ts'
import type { FoundObject } from './storage/bucket-port.ts'

/** What is wrong with the object, in words; undefined if it is as granted. */
export function whatDiffers(found: FoundObject, facts: ReceiptFacts): string | undefined {
  const { size, headers } = found
  if (size !== facts.size) return `has ${size} bytes instead of ${facts.size}`
  const type = headers.get('content-type')
  if (type !== null && normalMediaType(type) !== normalMediaType(facts.type)) return 'has another type'
  // None more either: Ceph's gateway takes x-amz-* headers that were not signed (AWS: "headers present which were not
  // signed").
  const own = [...headers].filter(([name]) => name.startsWith('x-amz-meta-'))
  const isKept = facts.kept.every(([name, value]) => headers.get(name) === value)
  if (!isKept || own.length !== facts.kept.length) return 'has other metadata'
  const { checksum } = facts
  const digest = checksum && headers.get(`x-amz-checksum-${checksum.algorithm}`)
  // What came whole was compared with its digest on arrival, and not all stores keep it; what came in parts was not.
  if (checksum && !digest && facts.multipart) return 'has no checksum that could be compared'
  if (checksum && digest && digest !== checksum.value) return 'has another checksum'
  return undefined
}
