/** Uploads in parts are ended: their parts cost room, and stand in no list of files. */
import type { CallContext } from './call-context.ts'
import { listBelow, listedBy } from './open-uploads.ts'
import { ProblemError } from './problem.ts'
import type { ReceiptFacts } from './receipt.ts'

/** Milliseconds before each try: parts in flight may arrive after an abort (AWS: API_AbortMultipartUpload). */
const pauses = [0, 200, 400, 800, 1600]

/**
 * Aborts an upload in parts, and all others that were begun for the same item.
 * @throws ProblemError 502 if parts keep arriving
 */
export async function endParts(facts: ReceiptFacts, context: CallContext): Promise<void> {
  const { bucket, session } = context
  const { key, multipart } = facts
  if (!multipart) return
  await endSiblings(facts, context)
  for (const pause of pauses) {
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
    await bucket.abortUpload(key, multipart.uploadId, session)
    if (!(await bucket.listParts(key, multipart.uploadId, session))) return
  }
  throw new ProblemError(
    502,
    'storage-failed',
    'Parts of the upload are still arriving. Abort it again later.',
  )
}

/**
 * Aborts the uploads that repeated calls began for the same item. A call whose answer was lost is made again, and five
 * at once begin five uploads; one of them becomes the object. A failure costs room until `sweep()`, but fails no call.
 */
export async function endSiblings({ key, multipart }: ReceiptFacts, context: CallContext): Promise<void> {
  const { bucket, session, report } = context
  if (multipart?.stem === undefined) return
  try {
    const siblings = await listBelow(bucket, listedBy(key, multipart.stem, context), session)
    const others = siblings.filter(({ uploadId }) => uploadId !== multipart.uploadId)
    await Promise.all(others.map((other) => bucket.abortUpload(other.key, other.uploadId, session)))
  } catch (error) {
    report(error instanceof ProblemError ? (error.cause ?? error) : error, 'aborting repeated uploads')
  }
}
