/**
 * A multipart upload: parts in parallel, each signed shortly before, each tried again by itself; then the completion.
 * Spec: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
import { partCount, partLength } from '../../protocol/part-plan.ts'
import { isUploadError, UploadError } from '../errors.ts'
import type { StoredObject, StoredPart, UploadTarget } from '../ports.ts'
import type { TransferContext } from './context.ts'
import { bytesOf, partOf, sendAll } from './part-sender.ts'
import { createPartSignatures } from './part-signatures.ts'
import { createPartTelling } from './part-telling.ts'
import { assertNamed } from './post.ts'

type MultipartTarget = Extract<UploadTarget, { type: 'multipart' }>

/**
 * Sends what S3 does not have yet, and completes.
 * @throws UploadError what failed for good; {@link PutOff} when all that is left has to wait
 */
export async function sendParts(target: MultipartTarget, context: TransferContext): Promise<StoredObject> {
  try {
    return await carryOut(target, context)
  } catch (error) {
    if (!isUploadError(error) || error.retry !== 'restart') throw error
    // S3 does not know the upload any more: it is dead, or it is an object by now. One question tells.
    const found = await context.backend.probe?.(context.grant.ref, context.urgentCall)
    if (typeof found === 'object') return found
    throw error
  }
}

async function carryOut(target: MultipartTarget, context: TransferContext): Promise<StoredObject> {
  const { backend, grant, call, item } = context
  const { multipart } = backend
  if (!multipart)
    throw new UploadError(
      'unsupported-target',
      'never',
      `The ${backend.name} backend granted an upload in parts, and has no \`multipart\`.`,
    )
  const sizeOf = (number: number): number | undefined => partLength(item.size, target.partSize, number)
  const have = (parts: Iterable<StoredPart>): void => {
    // A part of another size was cut by another plan: mixed with ours it would be another file.
    for (const part of parts) if (part.size === sizeOf(part.number)) grant.parts.set(part.number, part)
    context.keep(bytesOf(grant.parts))
  }
  /** Asks S3 what it has, where it can be asked. */
  const list = async (): Promise<void> => {
    const listed = await multipart.listParts?.(grant.ref, call)
    if (!listed) return
    grant.parts.clear()
    if (listed !== 'gone') return have(listed)
    // Where the question whether it is an object by now gets no answer, the next run asks again first.
    grant.target = { ...target, stored: 'ask' }
    throw new UploadError('expired', 'restart', 'S3 no longer knows the multipart upload.')
  }

  const signatures = createPartSignatures(context, async (number) => {
    const size = sizeOf(number) ?? 0
    const checksum = await context.digest(partOf(context.source, target.partSize, number))
    return { number, size, ...(checksum && { checksum }) }
  })
  const numbers = Array.from({ length: partCount(item.size, target.partSize) }, (_, index) => index + 1)
  // Nothing is there yet: the first parts are signed while the upload is being written down.
  if (target.stored !== 'ask' && !target.stored.length && !grant.parts.size)
    signatures.take(1, numbers.slice(1)).catch(() => undefined) // asked for again by the part itself
  await context.beginParts()
  if (target.stored === 'ask' && !grant.completing) {
    await list()
    target.stored = []
  } else if (target.stored !== 'ask' && grant.parts.size === 0) have(target.stored)

  const telling = createPartTelling(context)
  try {
    for (let rounds = 0; ; rounds++) {
      // Where CORS hides the ETags, S3's own list has them, and says what it has. Also after a try that got no further.
      const isBlind = [...grant.parts.values()].some(({ etag }) => etag === undefined)
      if (isBlind) await list()
      const missing = numbers.filter((number) => !grant.parts.has(number))
      if (missing.length === 0) break
      // Sent twice and not there: without an end, its bytes would go out for ever.
      if (rounds > 1)
        throw new UploadError('storage-failed', 'later', `S3 took part ${missing[0]}, and does not list it.`)
      delete grant.completing
      await sendAll(missing, target.partSize, signatures, telling, context)
    }
    await telling.finish()
    return complete(target, numbers, context)
  } finally {
    telling.end()
  }
}

async function complete(
  { object }: MultipartTarget,
  numbers: readonly number[],
  context: TransferContext,
): Promise<StoredObject> {
  const { backend, grant, urgentCall } = context
  // Looked at before the first time; nothing of it was sent since.
  if (!grant.completing) await context.endParts()
  context.isCompleting()
  const parts = numbers.flatMap((number) => grant.parts.get(number) ?? [])
  grant.completing = true
  try {
    const stored = await backend.multipart?.complete(grant.ref, parts, urgentCall)
    if (!stored) throw new UploadError('bad-answer', 'never', 'The completion was answered with nothing.')
    assertNamed(object ?? {}, stored)
    return stored
  } catch (error) {
    if (!(error instanceof UploadError)) throw error
    // Called off by us or unanswered, it may have been carried out all the same.
    if (error.retry !== 'later' && error.code !== 'aborted') delete grant.completing
    throw error
  }
}
