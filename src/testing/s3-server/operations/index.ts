/** What carries out which operation, once the caller is verified. */
import type { Call } from '../call.ts'
import type { Answer } from '../http/answer.ts'
import type { S3Operation } from '../operation.ts'
import { deleteBucketCors, getBucketCors, putBucketCors } from './bucket-cors.ts'
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './buckets.ts'
import { deleteObject } from './delete-object.ts'
import { getObject, headObject } from './get-object.ts'
import { listObjects } from './list-objects.ts'
import { putObject } from './put-object.ts'

/** Those whose signature stands in the head. The other two know nobody, or look for the signature in the form. */
export const signedOperations: Readonly<
  Record<Exclude<S3Operation, 'Preflight' | 'PostObject'>, (call: Call) => Promise<Answer>>
> = {
  ListBuckets: listBuckets,
  CreateBucket: createBucket,
  HeadBucket: headBucket,
  DeleteBucket: deleteBucket,
  GetBucketLocation: getBucketLocation,
  ListObjectsV2: listObjects,
  PutBucketCors: putBucketCors,
  GetBucketCors: getBucketCors,
  DeleteBucketCors: deleteBucketCors,
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: headObject,
  DeleteObject: deleteObject,
}
