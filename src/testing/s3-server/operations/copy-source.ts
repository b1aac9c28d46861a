/** The object that a copy is made of: `x-amz-copy-source`. */
import { missingObject, requireActions } from '../auth/permissions.ts'
import { maxRequestSize } from '../body/payload.ts'
import { headerOf, type Call } from '../call.ts'
import { invalidArgument, notImplemented, S3Error } from '../errors.ts'
import { decodePercent } from '../http/query.ts'
import type { ObjectRecord } from '../store/records.ts'

/** `[/]bucket/key`, percent-encoded. @throws S3Error InvalidArgument, NoSuchBucket, NoSuchKey, AccessDenied */
export function copySource(call: Call): ObjectRecord {
  const header = headerOf(call, 'x-amz-copy-source') ?? ''
  if (header.includes('?')) throw notImplemented('x-amz-copy-source') // versions
  const path = decodePercent(header).replace(/^\//, '')
  const slash = path.indexOf('/')
  const [bucket, key] = [path.slice(0, slash), path.slice(slash + 1)]
  if (slash <= 0 || key === '') {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      header,
    )
  }
  if (call.caller.keyPrefix !== undefined && !key.startsWith(call.caller.keyPrefix))
    throw new S3Error('AccessDenied')
  requireActions(call.caller.actions, ['s3:GetObject'])
  const source = call.state.catalog.bucket(bucket).objects.get(key)
  if (!source) throw missingObject(call.caller.actions, key)
  return source
}

/** What one request copies. @throws S3Error InvalidRequest */
export function requireOneCopy(size: number): void {
  if (size <= maxRequestSize) return
  throw new S3Error('InvalidRequest', {
    message: `The specified copy source is larger than the maximum allowable size for a copy source: ${maxRequestSize}`,
  })
}
