/** An object at another key, with all that it was stored with. */
import { partCount, partLength, partSizeFor } from '../protocol/part-plan.ts'
import type { CallContext } from './call-context.ts'
import { tagging } from './object-options.ts'
import type { FoundObject } from './storage/bucket-port.ts'

// Never copied (AWS: API_CopyObject): without them the object falls back to the bucket's defaults.
const stored = /^x-amz-(storage-class|server-side-encryption.*)$/

// CopyObject keeps these from the source as well; an upload in parts is told them again.
const described = /^(content-(type|disposition|encoding|language)|cache-control|expires|x-amz-meta-.*)$/

/** Bytes that one request copies: S3 takes some seconds for so many. */
const rangeSize = 512 * 1024 ** 2
/** Ranges at a time. */
const lanes = 6

/** Where the copy goes. */
export interface CopyTarget {
  readonly key: string
  /** Only if there is no object yet. */
  readonly createOnly: boolean
  /** S3 copies no ACL, and HEAD tells none. */
  readonly acl: string | undefined
}

/**
 * Copies the object that was seen, and no other.
 * @returns `changed` if it is not there any more, or if there is one already that must not be replaced
 */
export async function copyObject(
  source: { readonly key: string; readonly seen: FoundObject },
  to: CopyTarget,
  context: CallContext,
): Promise<'done' | 'changed'> {
  const { key, seen } = source
  const { bucket, session } = context
  if (seen.size > bucket.can.largestCopy) return copyInRanges(source, to, context)
  const headers = { ...pick(seen.headers, stored), ...aclOf(to), ...condition(to) }
  return bucket.copy({ key, etag: seen.etag, version: versionOf(seen.headers) }, to.key, headers, session)
}

const versionOf = (headers: Headers): string | undefined => headers.get('x-amz-version-id') ?? undefined

const aclOf = ({ acl }: CopyTarget): Record<string, string> => (acl === undefined ? {} : { 'x-amz-acl': acl })

const condition = ({ createOnly }: CopyTarget): Record<string, string> =>
  createOnly ? { 'if-none-match': '*' } : {}

async function copyInRanges(
  { key: from, seen: { etag, size, headers } }: { readonly key: string; readonly seen: FoundObject },
  target: CopyTarget,
  { bucket, session, route: { object } }: CallContext,
): Promise<'done' | 'changed'> {
  const to = target.key
  const mayTag = typeof object === 'function' || object?.tags !== undefined
  // Others may have tagged it besides, such as a scanner that onComplete waited for.
  const isMarked = async () => (await bucket.find(from, session))?.headers.has('x-amz-tagging-count')
  const isTagged = bucket.can.tags && (mayTag || (await isMarked()))
  const tags = isTagged ? await bucket.tagsOf(from, session) : ''
  const begun = {
    ...pick(headers, described),
    ...pick(headers, stored),
    ...aclOf(target),
    ...(tags && bucket.can.partTags && { [tagging]: tags }),
  }
  const uploadId = await bucket.createUpload(to, begun, session)
  const partSize = partSizeFor(size, Math.min(rangeSize, bucket.can.largestCopy))
  const parts: { number: number; etag: string }[] = []
  const copyOne = async (number: number): Promise<void> => {
    const first = (number - 1) * partSize
    const last = first + (partLength(size, partSize, number) ?? 0) - 1
    const copied = await bucket.copyPart(
      { from, etag, version: versionOf(headers), first, last },
      { key: to, uploadId, number },
      session,
    )
    if (copied !== undefined) parts.push({ number, etag: copied })
  }
  try {
    const count = partCount(size, partSize)
    for (let next = 1; next <= count && parts.length === next - 1; next += lanes) {
      const numbers = Array.from({ length: Math.min(lanes, count - next + 1) }, (_, at) => next + at)
      // Those that were begun come to their ends before the upload is aborted below them.
      const ends = await Promise.allSettled(numbers.map(copyOne))
      for (const end of ends) if (end.status === 'rejected') throw end.reason
    }
    const ordered = parts.toSorted((a, b) => a.number - b.number)
    const upload = { key: to, uploadId, parts: ordered, headers: condition(target) }
    if (parts.length === count && (await bucket.completeUpload(upload, session)) === 'done') {
      if (tags && !bucket.can.partTags) await bucket.setTags(to, tags, session)
      return 'done'
    }
  } catch (error) {
    await bucket.abortUpload(to, uploadId, session).catch(() => {})
    throw error
  }
  await bucket.abortUpload(to, uploadId, session)
  return 'changed'
}

const pick = (headers: Headers, names: RegExp): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => names.test(name)))
