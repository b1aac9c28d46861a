/** Temporary credentials: the token goes with each request (AWS: sigv4-authentication-HTTPPOST). */
import {
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'

import type { S3Credentials } from '../../src/s3/credentials.ts'
import { createPostPolicy } from '../../src/s3/post-policy.ts'
import type { Case } from './case.ts'
import { check } from './case.ts'
import type { S3 } from './client.ts'
import { data } from './client.ts'
import { encodeForm } from './form.ts'
import { refusal, send } from './http.ts'
import { drop, set } from './post-signatures.ts'

const token = 'x-amz-security-token'
const session = (s3: S3): S3Credentials => s3.session ?? s3.credentials
/** Changes one letter in the middle. */
const spoil = (text = ''): string => `${text.slice(0, 20)}${text[20] === 'A' ? 'B' : 'A'}${text.slice(21)}`

const withClient = async <T>(s3: S3, run: (client: S3Client) => Promise<T>): Promise<T> => {
  const client = new S3Client({ ...s3.options, credentials: session(s3) })
  try {
    return await run(client)
  } finally {
    client.destroy()
  }
}

export const sessions: readonly Case[] = [
  check(
    'session.post',
    'a POST',
    '204',
    async (s3, key) => (await s3.post({ key, credentials: session(s3) })).verdict,
    'session',
  ),
  check(
    'session.post-kit',
    "a POST by the kit's createPostPolicy",
    '204',
    async (s3, key) => {
      const now = new Date()
      const expiresAt = new Date(now.getTime() + 600_000)
      const { fields } = await createPostPolicy({
        ...s3,
        credentials: session(s3),
        now,
        expiresAt,
        fields: [['key', key]],
      })
      return (await send('POST', s3.url, encodeForm(fields, { bytes: data }))).verdict
    },
    'session',
  ),
  check(
    'session.post-sdk',
    "a POST by the SDK's createPresignedPost",
    '204',
    (s3, key) =>
      withClient(s3, async (client) => {
        const { url, fields } = await createPresignedPost(client, { Bucket: s3.bucket, Key: key })
        return (await send('POST', url, encodeForm(Object.entries(fields), { bytes: data }))).verdict
      }),
    'session',
  ),
  check(
    'session.post-none',
    'a POST without the token',
    '403 InvalidAccessKeyId',
    async (s3, key) => {
      return (await s3.post({ key, credentials: session(s3), change: drop(token) })).verdict
    },
    'session',
  ),
  check(
    'session.post-spoiled',
    'a POST with another token',
    'refused',
    async (s3, key) => {
      const change = set(token, spoil(session(s3).sessionToken))
      return refusal(await s3.post({ key, credentials: session(s3), change }))
    },
    'session',
  ),
  check(
    'session.put',
    'a presigned PUT',
    '200',
    (s3, key) =>
      withClient(s3, async (client) => {
        const url = await s3.presign(new PutObjectCommand({ Bucket: s3.bucket, Key: key }), {}, client)
        return (await send('PUT', url, { body: data })).verdict
      }),
    'session',
  ),
  check(
    'session.put-none',
    'a presigned PUT without the token',
    'refused',
    (s3, key) =>
      withClient(s3, async (client) => {
        const url = new URL(
          await s3.presign(new PutObjectCommand({ Bucket: s3.bucket, Key: key }), {}, client),
        )
        url.searchParams.delete('X-Amz-Security-Token')
        return refusal(await send('PUT', url.href, { body: data }))
      }),
    'session',
  ),
  check(
    'session.put-spoiled',
    'a presigned PUT with another token',
    'refused',
    (s3, key) =>
      withClient(s3, async (client) => {
        const url = new URL(
          await s3.presign(new PutObjectCommand({ Bucket: s3.bucket, Key: key }), {}, client),
        )
        url.searchParams.set('X-Amz-Security-Token', spoil(session(s3).sessionToken))
        return refusal(await send('PUT', url.href, { body: data }))
      }),
    'session',
  ),
  check(
    'session.part',
    'a part',
    '200',
    (s3, key) =>
      withClient(s3, async (client) => {
        const where = { Bucket: s3.bucket, Key: key }
        const { UploadId } = await client.send(new CreateMultipartUploadCommand(where))
        const url = await s3.presign(new UploadPartCommand({ ...where, UploadId, PartNumber: 1 }), {}, client)
        return (await send('PUT', url, { body: data })).verdict
      }),
    'session',
  ),
]
