/** What is in the bucket, by the official client: nothing of ours is trusted. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3'

import type { StorageOptions } from '../../src/server/index.ts'

export interface Store {
  readonly storage: StorageOptions
  /** The store's own clock. */
  readonly now: () => number
}

/** What the tests look at the bucket with: the official client, so that nothing of ours is trusted. */
export function openWitness({ storage, now }: Store) {
  const { credentials, bucket: Bucket } = storage
  if (typeof credentials !== 'object') throw new TypeError('Give the witness plain credentials.')
  const client = new S3Client({
    region: storage.region ?? '',
    endpoint: storage.endpoint ?? '',
    forcePathStyle: true,
    credentials: { ...credentials },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    systemClockOffset: now() - Date.now(),
  })
  return {
    async keys(prefix = ''): Promise<string[]> {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix }))
      return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]))
    },
    head: (Key: string): Promise<HeadObjectCommandOutput> =>
      client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' })),
    async tags(Key: string): Promise<string[]> {
      const { TagSet = [] } = await client.send(new GetObjectTaggingCommand({ Bucket, Key }))
      return TagSet.map(({ Key: name, Value }) => `${name}=${Value}`)
    },
    async openUploads(prefix: string): Promise<string[]> {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: prefix }))
      return Uploads.flatMap(({ Key }) => (Key === undefined ? [] : [Key]))
    },
    async read(Key: string): Promise<Uint8Array | undefined> {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
      return Body?.transformToByteArray()
    },
    async remove(Key: string): Promise<void> {
      await client.send(new DeleteObjectCommand({ Bucket, Key }))
    },
    client,
  }
}
