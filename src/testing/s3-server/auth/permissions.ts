/** Permissions of keys that are limited to some of IAM's actions (AWS: list_amazons3, "Actions defined by Amazon S3"). */
import { S3Error } from '../errors.ts'
import type { S3Request } from '../http/request.ts'
import type { S3Operation } from '../operation.ts'
import type { Caller } from './caller.ts'

/** Operations that a limited key may carry out at all. CopyObject reads its source besides: see copy-source.ts. */
const actions: Readonly<Partial<Record<S3Operation, string>>> = {
  ListObjectsV2: 's3:ListBucket',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  PutObject: 's3:PutObject',
  CopyObject: 's3:PutObject',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  UploadPartCopy: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  AbortMultipartUpload: 's3:AbortMultipartUpload',
  ListParts: 's3:ListMultipartUploadParts',
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  DeleteObject: 's3:DeleteObject',
  DeleteObjects: 's3:DeleteObject',
  GetObjectTagging: 's3:GetObjectTagging',
  PutObjectTagging: 's3:PutObjectTagging',
  DeleteObjectTagging: 's3:DeleteObjectTagging',
}

/** The actions that a request needs; `unknown` stands for what no limited key may do. */
export function actionsOf(
  operation: S3Operation,
  { headers }: S3Request,
  { queryHeaders }: Pick<Caller, 'queryHeaders'>,
): string[] {
  const names = [...headers.keys(), ...queryHeaders.keys()]
  const writes = ['PutObject', 'CopyObject', 'CreateMultipartUpload'].includes(operation)
  return [actions[operation] ?? 'unknown', ...(writes ? attributeActions(names) : [])]
}

/** The actions that a form needs. */
export function formActions(get: (name: string) => string | undefined): string[] {
  const names = ['acl', 'tagging'].filter((name) => get(name) !== undefined)
  return ['s3:PutObject', ...attributeActions(names.map((name) => `x-amz-${name}`))]
}

/** @throws S3Error AccessDenied if the key is limited, and not to these */
export function requireActions(allowed: Caller['actions'], needed: readonly string[]): void {
  if (allowed && !needed.every((action) => allowed.has(action))) throw new S3Error('AccessDenied')
}

/** A missing object looks forbidden to keys without ListBucket (AWS: API_HeadObject, "Permissions"). */
export function missingObject(allowed: Caller['actions'], key: string): S3Error {
  if (allowed && !allowed.has('s3:ListBucket')) return new S3Error('AccessDenied')
  return new S3Error('NoSuchKey', { fields: [['Key', key]] })
}

const attributeActions = (names: readonly string[]): string[] => [
  ...(names.includes('x-amz-tagging') ? ['s3:PutObjectTagging'] : []),
  ...(names.some((name) => /^x-amz-(acl|grant-)/.test(name)) ? ['s3:PutObjectAcl'] : []),
]
