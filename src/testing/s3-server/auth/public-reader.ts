/** Readers of objects whose ACL lets everybody read. Only servers that take unsigned headers keep such an ACL. */
import type { S3Request } from '../http/request.ts'
import type { S3Operation } from '../operation.ts'
import type { Catalog } from '../store/catalog.ts'
import type { Caller } from './caller.ts'

const nobody: Caller = {
  accessKeyId: '',
  keyPrefix: undefined,
  actions: new Set(['s3:GetObject']),
  payload: { type: 'unsigned' },
  chain: {
    key: new Uint8Array(),
    scope: { accessKeyId: '', day: '', region: '' },
    date: '',
    signature: '',
  },
  queryHeaders: new Map(),
}

/** The caller of an unsigned GET or HEAD of a public object; undefined for all other requests. */
export function publicReader(
  { headers, query, bucket = '', key = '' }: S3Request,
  operation: S3Operation,
  catalog: Catalog,
): Caller | undefined {
  if (operation !== 'GetObject' && operation !== 'HeadObject') return undefined
  if (headers.has('authorization') || query.has('X-Amz-Signature')) return undefined
  const object = catalog.buckets.get(bucket)?.objects.get(key)
  return object?.attributes.acl === 'public-read' ? nobody : undefined
}
