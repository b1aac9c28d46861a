/** Is the object what was granted? */
import { normalMediaType } from '../protocol/media-types.ts'
import type { CallContext } from './call-context.ts'
import { isPassive } from './content.ts'
import { tagging } from './object-options.ts'
import type { ReceiptFacts } from './receipt.ts'
import type { FoundObject } from './storage/bucket-port.ts'
import type { StoreCapabilities } from './storage/capabilities.ts'
import { isOwn } from './upload-mark.ts'

/**
 * Headers of a stored object that change what it is to who opens it. A presigned PUT signs them only where the grant has
 * them, so that a browser can add the others.
 */
const compared: readonly (readonly [name: string, words: string])[] = [
  ['content-disposition', 'another Content-Disposition'],
  ['cache-control', 'another Cache-Control'],
  ['content-encoding', 'another Content-Encoding'],
  ['content-language', 'a Content-Language'],
  ['expires', 'an Expires'],
  ['x-amz-website-redirect-location', 'a redirect'],
]

/** What is wrong with the object, in words; undefined if it is as granted. */
export function whatDiffers(
  found: FoundObject,
  facts: ReceiptFacts,
  can: StoreCapabilities,
): string | undefined {
  const { size, headers } = found
  if (!isOwn(found, facts)) return 'is of another upload'
  if (size !== facts.size) return `has ${size} bytes instead of ${facts.size}`
  const type = headers.get('content-type')
  if (type !== null && normalMediaType(type) !== normalMediaType(facts.type)) return 'has another type'
  const granted = new Map(facts.headers)
  // Such a store keeps only the type of a form.
  const losesHeaders = !can.formHeaders && !facts.multipart
  for (const [name, words] of compared) {
    const [own, wanted] = [headers.get(name), granted.get(name)]
    // A picture without its disposition is shown instead of downloaded, and nothing runs.
    const mayLack = losesHeaders || (name === 'content-disposition' && isPassive(facts.type))
    const isRight = own === null ? wanted === undefined || mayLack : own.trim() === wanted?.trim()
    if (!isRight && !(wanted === undefined && isHarmless(name, own))) return `has ${words}`
  }
  // None more either: Ceph's gateway takes x-amz-* headers that were not signed (AWS: "headers present which were not
  // signed").
  const wanted = facts.headers.filter(([name]) => isMetadata(name))
  const isKept = wanted.every(([name, value]) => headers.get(name) === value)
  if (!isKept || [...headers.keys()].filter(isMetadata).length !== wanted.length) return 'has other metadata'
  const { checksum } = facts
  const digest = checksum && headers.get(`x-amz-checksum-${checksum.algorithm}`)
  // What came whole was compared with its digest on arrival, and not all stores keep it; what came in parts was not.
  if (checksum && !digest && facts.multipart) return 'has no checksum that could be compared'
  if (checksum && digest && digest !== checksum.value) return 'has another checksum'
  return undefined
}

const isMetadata = (name: string): boolean => name.startsWith('x-amz-meta-')

/**
 * Browsers add Cache-Control to a PUT by themselves: `no-cache` while developer tools switch the cache off, and beside
 * `If-None-Match` (Fetch, "HTTP-network-or-cache fetch"), where Chromium says `max-age=0`. Some stores give `no-cache` to
 * all objects. Both values only keep caches from answering.
 */
const isHarmless = (name: string, value: string | null): boolean =>
  name === 'cache-control' && (value === 'no-cache' || value === 'max-age=0')

/**
 * What is wrong with the object's tags, in words; undefined if they are as granted. A store that refuses unsigned headers
 * counts them at most; one that takes them is asked.
 */
export async function tagsDiffer(
  { headers }: FoundObject,
  { headers: granted, key }: ReceiptFacts,
  { bucket, session }: CallContext,
): Promise<string | undefined> {
  const wanted = new Map(granted).get(tagging) ?? ''
  if (bucket.can.formHeaders || !bucket.can.tags) {
    const count = headers.get('x-amz-tagging-count')
    const extra = Number(count) - new URLSearchParams(wanted).size
    // Where the store refuses unsigned headers, no browser has added a tag: a scanner has.
    const isRight = count === null || extra === 0 || (extra > 0 && bucket.can.unsignedHeaders === 'refused')
    return isRight ? undefined : 'has other tags'
  }
  return inOrder(await bucket.tagsOf(key, session)) === inOrder(wanted) ? undefined : 'has other tags'
}

/** Stores list tags in an order of their own. */
function inOrder(tags: string): string {
  const params = new URLSearchParams(tags)
  params.sort()
  return params.toString()
}
