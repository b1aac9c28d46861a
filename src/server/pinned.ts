/** Was a waiting file the same all the time, from what `onComplete` saw to the copy? */
import type { FoundObject } from './storage/bucket-port.ts'

const valueOf = ({ headers }: FoundObject, name: string): string | null => headers.get(name)

/**
 * A version id that is still the latest proves it, because no later object ever has that id. Without versions, the date
 * of HEAD has whole seconds, and an ETag may be an MD5, of which two texts can be made. So the copy is compared too: its
 * digests, and its ETag, since Ceph RGW 16 ignores x-amz-copy-source-if-match.
 */
export function isUntouched(seen: FoundObject, after: FoundObject, copy: FoundObject | undefined): boolean {
  const isSame = (name: string): boolean => valueOf(seen, name) === valueOf(after, name)
  // With versioning suspended all objects have the version `null`.
  const version = valueOf(seen, 'x-amz-version-id') ?? 'null'
  if (version !== 'null') return isSame('x-amz-version-id')
  return after.etag === seen.etag && isSame('last-modified') && copy !== undefined && isCopyOf(seen, copy)
}

/** With keys of KMS or of the client, and in parts, an ETag is no MD5 (AWS: API_Object). */
const isMd5 = (object: FoundObject): boolean =>
  /^"?[\da-f]{32}"?$/.test(object.etag) &&
  !/kms/.test(valueOf(object, 'x-amz-server-side-encryption') ?? '') &&
  valueOf(object, 'x-amz-server-side-encryption-customer-algorithm') === null

/** Does nothing tell the two apart that is the same in every copy? */
function isCopyOf(seen: FoundObject, copy: FoundObject): boolean {
  if (isMd5(seen) && isMd5(copy) && seen.etag !== copy.etag) return false
  return [...seen.headers].every(([name, digest]) => {
    const other = valueOf(copy, name)
    // A digest of parts' digests, such as `…-3`, depends on the parts.
    const isWhole = !digest.includes('-') && other?.includes('-') === false
    return !/^x-amz-checksum-(?!type)/.test(name) || !isWhole || digest === other
  })
}
