/** Uploads in parts: each part signed for its number and length, and all looked at before they become an object. */
import { partCount, partLength } from '../protocol/part-plan.ts'
import type {
  CompleteRequest,
  ListPartsAnswer,
  SignPartsAnswer,
  SignPartsRequest,
  StoredAnswer,
} from '../protocol/wire-actions.ts'
import type { CallContext } from './call-context.ts'
import { grantLife, openUpload } from './call-context.ts'
import { ProblemError } from './problem.ts'
import type { ReceiptFacts } from './receipt.ts'
import type { FoundPart } from './storage/bucket-port.ts'
import { checksumHeaders } from './targets.ts'
import { whatDiffers } from './verify.ts'

type Multipart = NonNullable<ReceiptFacts['multipart']>

async function openMultipart(
  receipt: string,
  context: CallContext,
  window?: 'grant' | 'end',
): Promise<{ facts: ReceiptFacts; multipart: Multipart }> {
  const facts = await openUpload(receipt, context, window)
  if (facts.multipart) return { facts, multipart: facts.multipart }
  throw new ProblemError(400, 'bad-request', 'This upload was not begun in parts.')
}

/**
 * Signs the next parts.
 * @throws ProblemError
 */
export async function signParts(
  { receipt, parts }: SignPartsRequest,
  context: CallContext,
): Promise<SignPartsAnswer> {
  const { facts, multipart } = await openMultipart(receipt, context, 'grant')
  const { bucket, session } = context
  const { uploadId, partSize } = multipart
  const signed = parts.map(async ({ number, size, checksum }) => {
    if (partLength(facts.size, partSize, number) !== size)
      throw new ProblemError(400, 'bad-request', `The file has no part ${number} of ${size} bytes.`)
    const expiresIn = grantLife(size, session)
    const headers = {
      // Without it a URL would take up to 5 GiB.
      'content-length': String(size),
      ...(checksum && Object.fromEntries(checksumHeaders(checksum).slice(1))),
    }
    const query = { partNumber: String(number), uploadId }
    const request = { method: 'PUT', key: facts.key, query, headers, expiresIn } as const
    const { url, headers: toSend } = await bucket.presign(request, session)
    return { number, url, headers: toSend.filter(([name]) => name !== 'content-length'), expiresIn }
  })
  return { v: 1, parts: await Promise.all(signed) }
}

/**
 * The parts that S3 has.
 * @throws ProblemError
 */
export async function listParts(receipt: string, context: CallContext): Promise<ListPartsAnswer> {
  const { facts, multipart } = await openMultipart(receipt, context)
  const parts = await context.bucket.listParts(facts.key, multipart.uploadId, context.session)
  return parts ? { v: 1, parts } : { v: 1, gone: true }
}

/**
 * Makes the parts an object, if they are those that were signed. May be called again: an object that is there already
 * is the answer.
 * @throws ProblemError
 */
export async function completeMultipart(
  { receipt, parts: sent }: CompleteRequest,
  context: CallContext,
): Promise<StoredAnswer> {
  const { facts, multipart } = await openMultipart(receipt, context)
  const { bucket, session } = context
  const { key } = facts
  const { uploadId, createOnly } = multipart
  const parts = await bucket.listParts(key, uploadId, session)
  if (parts) {
    const missing = missingParts(facts, multipart, parts, sent)
    if (missing.length > 0) {
      const numbers = missing.slice(0, 20).join(', ')
      throw new ProblemError(
        409,
        'parts-missing',
        `These parts are missing, or other than signed: ${numbers}.`,
      )
    }
    const ends = await bucket.completeUpload({ key, uploadId, parts, createOnly }, session)
    if (ends === 'exists')
      throw new ProblemError(409, 'already-exists', 'There is an object of this name already.')
    if (ends === 'refused')
      throw new ProblemError(409, 'parts-missing', 'S3 refuses the parts: some were replaced meanwhile.')
  }
  const found = await bucket.find(key, session)
  const difference = found && whatDiffers(found, facts)
  if (found && difference === undefined)
    return { v: 1, stored: { key, size: found.size, etag: found.etag }, location: bucket.locationOf(key) }
  if (found && parts) {
    // Just made by us of parts that lied: nobody else's object.
    await bucket.remove(key, session)
    throw new ProblemError(409, 'not-stored', `The object ${difference}, and was removed.`)
  }
  throw new ProblemError(410, 'no-such-upload', 'S3 does not know this upload any more. Begin a new one.')
}

const bare = (etag: string): string => etag.replaceAll('"', '')

/** Numbers of parts that S3 lacks, has in another length, or has with another ETag than the browser saw. */
function missingParts(
  { size }: ReceiptFacts,
  { partSize }: Multipart,
  parts: readonly FoundPart[],
  sent: CompleteRequest['parts'],
): number[] {
  const count = partCount(size, partSize)
  const stored = new Map(parts.map((part) => [part.number, part]))
  const seen = new Map(sent.map(({ number, etag }) => [number, etag]))
  const isRight = (number: number): boolean => {
    const part = stored.get(number)
    const etag = seen.get(number)
    if (!part || part.size !== partLength(size, partSize, number)) return false
    return etag === undefined || bare(etag) === bare(part.etag)
  }
  const needed = Array.from({ length: count }, (_, index) => index + 1)
  const extra = [...stored.keys(), ...seen.keys()].filter((number) => number > count)
  return [...needed.filter((number) => !isRight(number)), ...new Set(extra)]
}
