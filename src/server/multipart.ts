/** Uploads in parts: each part signed for its number and length, and all looked at before they become an object. */
import { partCount, partLength } from '../protocol/part-plan.ts'
import type {
  CompleteAnswer,
  CompleteRequest,
  ListPartsAnswer,
  SignPartsAnswer,
  SignPartsRequest,
} from '../protocol/wire-actions.ts'
import type { CallContext } from './call-context.ts'
import { grantLife, openUpload } from './call-context.ts'
import { checksumHeaders, completeHeaders } from './digests.ts'
import { endSiblings } from './end-uploads.ts'
import { requireUrls } from './forms-only.ts'
import { tagging } from './object-options.ts'
import { ProblemError } from './problem.ts'
import type { MultipartFacts, ReceiptFacts } from './receipt.ts'
import type { FoundPart } from './storage/bucket-port.ts'
import { isOwn } from './upload-mark.ts'
import { whatDiffers } from './verify.ts'

async function openMultipart(
  receipt: string,
  context: CallContext,
  window?: 'grant' | 'end',
): Promise<{ facts: ReceiptFacts; multipart: MultipartFacts }> {
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
  await requireUrls(context)
  const { bucket, session } = context
  const { uploadId, partSize, digests } = multipart
  const signed = parts.map(async ({ number, size, checksum }) => {
    if (partLength(facts.size, partSize, number) !== size)
      throw new ProblemError(400, 'bad-request', `The file has no part ${number} of ${size} bytes.`)
    // S3 would refuse the bytes only once they are there.
    if (checksum?.algorithm !== digests?.algorithm)
      throw new ProblemError(
        400,
        'bad-request',
        `Part ${number} must come with ${digests ? `a digest of ${digests.algorithm}` : 'no digest'}, as the upload was begun.`,
      )
    const expiresIn = grantLife(size, context)
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
): Promise<CompleteAnswer> {
  const { facts, multipart } = await openMultipart(receipt, context)
  const { bucket, session } = context
  const { key } = facts
  const parts = await bucket.listParts(key, multipart.uploadId, session)
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
  }
  const isMade = parts && (await makeObject(facts, multipart, parts, context))
  const tags = bucket.can.partTags ? undefined : new Map(facts.headers).get(tagging)
  const found = await bucket.find(key, session)
  const difference = found && whatDiffers(found, facts, bucket.can)
  // One of them is the object now. The others, begun by repeated calls, would stay open for ever.
  if (isMade) await endSiblings(facts, context)
  // Also where a call before has made the object, and got no further.
  if (found && difference === undefined && tags !== undefined) await bucket.setTags(key, tags, session)
  if (found && difference === undefined)
    return { v: 1, stored: { key, size: found.size, etag: found.etag }, location: bucket.locationOf(key) }
  if (found && isMade && isOwn(found, facts)) {
    // Of parts that lied, and nobody else's object.
    await bucket.remove(key, session)
    throw new ProblemError(409, 'not-stored', `The object ${difference}, and was removed.`)
  }
  throw new ProblemError(410, 'no-such-upload', 'S3 does not know this upload any more. Begin a new one.')
}

/**
 * Completes. That S3 does not know the upload any more is no failure: a call whose answer was lost may have ended it, and
 * the object will tell.
 * @returns is the object that is there now surely of these parts?
 */
async function makeObject(
  facts: ReceiptFacts,
  { uploadId, digests }: MultipartFacts,
  parts: readonly FoundPart[],
  { bucket, session }: CallContext,
): Promise<boolean> {
  const { key, size, checksum, createOnly } = facts
  // Of a digest of digests, S3 wants to be told each.
  const listed = digests?.whole === false ? parts : parts.map(({ number, etag }) => ({ number, etag }))
  const headers = {
    ...Object.fromEntries(completeHeaders(digests, checksum)),
    ...(createOnly && { 'if-none-match': '*' }),
    ...(bucket.can.objectSize && { 'x-amz-mp-object-size': String(size) }),
  }
  const ends = await bucket
    .completeUpload({ key, uploadId, parts: listed, headers }, session)
    .catch(async (error) => {
      // S3 composes for minutes, and lines break: an object that is as granted is the answer that was lost.
      const found = await bucket.find(key, session)
      if (found && whatDiffers(found, facts, bucket.can) === undefined) return 'done'
      throw error
    })
  if (ends === 'exists') {
    await bucket.abortUpload(key, uploadId, session)
    throw new ProblemError(409, 'already-exists', 'There is an object of this name already.')
  }
  if (ends === 'refused')
    throw new ProblemError(409, 'parts-missing', 'S3 refuses the parts: some were replaced meanwhile.')
  if (ends === 'differs') {
    await bucket.abortUpload(key, uploadId, session)
    throw new ProblemError(
      409,
      'not-stored',
      'The parts do not make the file of the checksum that was given.',
    )
  }
  return ends === 'done'
}

const bare = (etag: string): string => etag.replaceAll('"', '')

/** Numbers of parts that S3 lacks, has in another length, or has with other bytes than the browser sent. */
function missingParts(
  { size }: ReceiptFacts,
  { partSize }: MultipartFacts,
  parts: readonly FoundPart[],
  sent: CompleteRequest['parts'],
): number[] {
  const count = partCount(size, partSize)
  const stored = new Map(parts.map((part) => [part.number, part]))
  const seen = new Map(sent.map((part) => [part[0], part]))
  const isRight = (number: number): boolean => {
    const part = stored.get(number)
    const [, etag = null, digest = null] = seen.get(number) ?? []
    if (!part || part.size !== partLength(size, partSize, number)) return false
    if (etag !== null && bare(etag) !== bare(part.etag)) return false
    return digest === null || (part.checksum?.value ?? digest) === digest
  }
  const needed = Array.from({ length: count }, (_, index) => index + 1)
  const extra = [...stored.keys(), ...seen.keys()].filter((number) => number > count)
  return [...needed.filter((number) => !isRight(number)), ...new Set(extra)]
}
