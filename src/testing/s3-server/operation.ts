/** The operations this server knows, by AWS's names. */

/** All of them. `Preflight` is the OPTIONS request of CORS, `PostObject` the browser's form. */
export const s3Operations = [
  'ListBuckets',
  'CreateBucket',
  'HeadBucket',
  'DeleteBucket',
  'GetBucketLocation',
  'ListObjectsV2',
  'PutBucketCors',
  'GetBucketCors',
  'DeleteBucketCors',
  'Preflight',
  'PostObject',
  'PutObject',
  'GetObject',
  'HeadObject',
  'DeleteObject',
  'CopyObject',
  'GetObjectTagging',
  'PutObjectTagging',
  'DeleteObjectTagging',
  'DeleteObjects',
  'CreateMultipartUpload',
  'UploadPart',
  'UploadPartCopy',
  'ListParts',
  'ListMultipartUploads',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
] as const

/** See {@link s3Operations}. */
export type S3Operation = (typeof s3Operations)[number]
