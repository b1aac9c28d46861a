/** What S3 really holds, asked with the official SDK. */
import { createHash } from 'node:crypto'

import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'

import type { Bucket } from './demo-process.ts'

/** An object of the bucket. */
export interface Stored {
  key: string
  size: number
  type: string | undefined
  sha256: string
}

/** SHA-256 in hexadecimal. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Every object in the demo's bucket, downloaded and digested. */
export async function storedObjects({
  s3,
  bucket,
  region,
  accessKeyId,
  secretAccessKey,
}: Bucket): Promise<Stored[]> {
  if (!accessKeyId || !secretAccessKey) throw new Error('The demo gave no keys.')
  const client = new S3Client({
    endpoint: s3,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  try {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }))
    const read = Contents.map(async ({ Key = '' }): Promise<Stored> => {
      const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key }))
      const bytes = (await object.Body?.transformToByteArray()) ?? new Uint8Array()
      return { key: Key, size: bytes.length, type: object.ContentType, sha256: sha256(bytes) }
    })
    return await Promise.all(read)
  } finally {
    client.destroy()
  }
}
