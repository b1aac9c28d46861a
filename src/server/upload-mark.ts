/** The mark by which the signer knows the object of one upload, where a key alone does not tell. */
import { uploadMark } from './object-options.ts'
import type { ReceiptFacts } from './receipt.ts'
import type { FoundObject } from './storage/bucket-port.ts'

/**
 * Is this object the one of this upload? By its mark, which other users' uploads cannot have; without a mark by its key,
 * which no other upload ever gets.
 */
export function isOwn(found: FoundObject, { headers, isUnique }: ReceiptFacts): boolean {
  const mark = headers.find(([name]) => name === uploadMark)?.[1]
  return mark === undefined ? isUnique === true : found.headers.get(uploadMark) === mark
}
