/** Which of S3's operations a request asks for. */
import { notImplemented, S3Error } from './errors.ts'
import type { S3Request } from './http/request.ts'
import type { S3Operation } from './operation.ts'

/**
 * Parameters that make another operation of a request. One that is not implemented is refused: a `PUT ?acl` taken
 * for PutObject would replace the object by its own permissions.
 */
const subresources = new Set([
  'abac',
  'accelerate',
  'acl',
  'analytics',
  'annotation',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'list-type',
  'location',
  'logging',
  'metadataConfiguration',
  'metadataTable',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'partNumber',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
])

/** Operations by method, kind of resource and subresources, as `PUT key partNumber uploadId`. */
const routes: Readonly<Record<string, S3Operation>> = {
  'GET service': 'ListBuckets',
  'PUT bucket': 'CreateBucket',
  'HEAD bucket': 'HeadBucket',
  'DELETE bucket': 'DeleteBucket',
  'GET bucket location': 'GetBucketLocation',
  'GET bucket list-type': 'ListObjectsV2',
  'PUT bucket cors': 'PutBucketCors',
  'GET bucket cors': 'GetBucketCors',
  'DELETE bucket cors': 'DeleteBucketCors',
  'POST bucket': 'PostObject',
  'PUT key': 'PutObject',
  'GET key': 'GetObject',
  'GET key partNumber': 'GetObject',
  'HEAD key': 'HeadObject',
  'HEAD key partNumber': 'HeadObject',
  'DELETE key': 'DeleteObject',
  'GET key tagging': 'GetObjectTagging',
  'PUT key tagging': 'PutObjectTagging',
  'DELETE key tagging': 'DeleteObjectTagging',
  'POST bucket delete': 'DeleteObjects',
  'POST key uploads': 'CreateMultipartUpload',
  'PUT key partNumber uploadId': 'UploadPart',
  'GET key uploadId': 'ListParts',
  'GET bucket uploads': 'ListMultipartUploads',
  'POST key uploadId': 'CompleteMultipartUpload',
  'DELETE key uploadId': 'AbortMultipartUpload',
}

/** @throws S3Error NotImplemented, MethodNotAllowed */
export function operationOf(request: S3Request): S3Operation {
  const { method, bucket, key, query } = request
  const resource = key !== undefined ? 'key' : bucket !== undefined ? 'bucket' : 'service'
  const named = [...new Set(query.entries.map(([name]) => name))]
    .filter((name) => subresources.has(name))
    .toSorted()
  const operation = routes[[method, resource, ...named].join(' ')]
  if (operation === undefined) {
    if (named.length > 0 || method === 'GET')
      throw new S3Error('NotImplemented', { message: 'This local S3 does not implement the operation.' })
    throw new S3Error('MethodNotAllowed', {
      fields: [
        ['Method', method],
        ['ResourceType', resource === 'key' ? 'OBJECT' : resource.toUpperCase()],
      ],
    })
  }
  // A copy looks like a PUT of nothing but for this header, which a presigned URL may hold in its query.
  const copies = [...request.headers.keys(), ...query.entries.map(([name]) => name.toLowerCase())]
  if (copies.includes('x-amz-copy-source')) {
    if (operation === 'UploadPart') return 'UploadPartCopy'
    if (operation !== 'PutObject') throw notImplemented('x-amz-copy-source')
    return 'CopyObject'
  }
  if (operation === 'ListObjectsV2' && query.get('list-type') !== '2') {
    throw new S3Error('NotImplemented', { message: 'This local S3 lists objects with list-type=2 only.' })
  }
  return operation
}
