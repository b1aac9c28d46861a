/** The official SDK, with its own settings, against the local S3. */
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketCorsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { credentials, formOf, send, serverForTests } from './support.ts'

const s3 = serverForTests()
const Bucket = 'sdk-bucket'

describe.each(['WHEN_SUPPORTED', 'WHEN_REQUIRED'] as const)('checksums %s', (when) => {
  let client: S3Client
  beforeAll(async () => {
    client = new S3Client({
      endpoint: s3.server.endpoint,
      region: 'us-east-1',
      credentials,
      forcePathStyle: true,
      maxAttempts: 1,
      requestChecksumCalculation: when,
      responseChecksumValidation: when,
    })
    await client.send(new CreateBucketCommand({ Bucket }))
  })
  afterAll(() => client.destroy())
  const read = async (Key: string) =>
    (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToByteArray()

  test('buckets and rules', async () => {
    const { Buckets } = await client.send(new ListBucketsCommand())
    expect(Buckets?.map(({ Name }) => Name)).toContain(Bucket)
    const CORSRules = [
      {
        AllowedOrigins: ['*'],
        AllowedMethods: ['PUT'],
        AllowedHeaders: ['*'],
        ExposeHeaders: ['ETag'],
        MaxAgeSeconds: 5,
      },
    ]
    await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }))
    expect((await client.send(new GetBucketCorsCommand({ Bucket }))).CORSRules).toEqual(CORSRules)
  })

  test('objects', async () => {
    const Key = "a b/it's (ů) +&=?#.txt"
    const put = await client.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: 'hello',
        ContentType: 'text/plain',
        Metadata: { owner: 'ann' },
      }),
    )
    expect(put.ETag).toBe(`"${createHash('md5').update('hello').digest('hex')}"`)
    const head = await client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }))
    expect(head).toMatchObject({ ContentLength: 5, ContentType: 'text/plain', Metadata: { owner: 'ann' } })
    expect(await read(Key)).toEqual(new TextEncoder().encode('hello'))
    expect(
      (await client.send(new ListObjectsV2Command({ Bucket }))).Contents?.map((one) => one.Key),
    ).toContain(Key)
    await client.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'copy',
        CopySource: encodeURI(`${Bucket}/${Key}`)
          .replaceAll('+', '%2B')
          .replaceAll('?', '%3F')
          .replaceAll('#', '%23'),
      }),
    )
    await client.send(
      new PutObjectTaggingCommand({ Bucket, Key: 'copy', Tagging: { TagSet: [{ Key: 'k', Value: 'v' }] } }),
    )
    expect((await client.send(new GetObjectTaggingCommand({ Bucket, Key: 'copy' }))).TagSet).toEqual([
      { Key: 'k', Value: 'v' },
    ])
    await client.send(new DeleteObjectCommand({ Bucket, Key }))
    const { Deleted } = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'copy' }, { Key: 'nothing' }] } }),
    )
    expect(Deleted).toHaveLength(2)
    await expect(read('copy')).rejects.toMatchObject({ name: 'NoSuchKey' })
  })

  test('a stream', async () => {
    const body = randomBytes(300_000)
    const chunks = Array.from({ length: 10 }, (_, at) => body.subarray(at * 30_000, (at + 1) * 30_000))
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'stream',
        Body: Readable.from(chunks),
        ContentLength: body.length,
      }),
    )
    expect(Buffer.from((await read('stream')) ?? []).equals(body)).toBe(true)
  })

  test('an upload in parts', async () => {
    const target = { Bucket, Key: 'parts' }
    // By default the SDK gives parts a CRC32 that it does not announce here, which S3 refuses.
    const ChecksumAlgorithm = when === 'WHEN_SUPPORTED' ? ('CRC32' as const) : undefined
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm }))
    const bodies = [randomBytes(5 * 1024 ** 2), randomBytes(1_000)]
    const Parts = []
    for (const [at, Body] of bodies.entries()) {
      const part = await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber: at + 1, Body }))
      Parts.push({ PartNumber: at + 1, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 })
    }
    expect(
      (await client.send(new ListPartsCommand({ ...target, UploadId }))).Parts?.map(({ Size }) => Size),
    ).toEqual([5 * 1024 ** 2, 1_000])
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.[0]?.UploadId).toBe(
      UploadId,
    )
    const done = await client.send(
      new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }),
    )
    expect(done.ETag).toMatch(/-2"$/)
    expect(Buffer.from((await read('parts')) ?? []).equals(Buffer.concat(bodies))).toBe(true)
    await expect(client.send(new AbortMultipartUploadCommand({ ...target, UploadId }))).rejects.toMatchObject(
      { name: 'NoSuchUpload' },
    )
  })

  test('a presigned PUT: by default it carries the checksum of nothing, and is refused', async () => {
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'presigned' }))
    const answer = await send('PUT', url, {}, 'hello')
    expect(`${answer.status} ${answer.code}`).toBe(when === 'WHEN_REQUIRED' ? '200 ' : '400 BadDigest')
  })

  test('a presigned POST', async () => {
    const { url, fields } = await createPresignedPost(client, {
      Bucket,
      Key: 'posted/${filename}',
      Fields: { 'Content-Type': 'text/plain' },
    })
    const form = formOf([
      ...Object.entries(fields).map(([name, value]) => ({ name, value })),
      { name: 'file', value: 'hello', fileName: 'f.txt' },
    ])
    expect((await send('POST', url, form.headers, form.body)).status).toBe(204)
    expect(Buffer.from((await read('posted/f.txt')) ?? []).toString()).toBe('hello')
  })
})
