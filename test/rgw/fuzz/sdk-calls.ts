/** Valid requests, as the official SDK signs them: both servers must take all of them. */
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'

import type { S3 } from '../../conformance/client.ts'
import { createUpload } from '../../conformance/parts.ts'
import type { Draft } from './draft.ts'
import { draftOf } from './draft.ts'
import type { Random } from './random.ts'
import type { Recipe } from './recipe.ts'
import { body, keyOf, sharedKey } from './recipe.ts'

type Call = (s3: S3, key: string, random: number) => Promise<Draft>

const calls: Readonly<Record<string, Call>> = {
  post: async (s3, Key, random) => {
    const { url, fields } = await createPresignedPost(s3.client, {
      Bucket: s3.bucket,
      Key: random < 0.3 ? `${Key}/\${filename}` : Key,
      Conditions: [['content-length-range', 0, 1000]],
      Fields: random < 0.5 ? { 'Content-Type': 'text/plain', 'x-amz-meta-owner': 'ann' } : {},
    })
    const form = { fields: Object.entries(fields), file: { bytes: body } }
    return { ...draftOf('POST', url), form }
  },
  put: async (s3, Key, random) => {
    const meta = random < 0.5 ? { Metadata: { owner: 'ann' }, Tagging: 'a=b' } : {}
    const length = random < 0.3 ? { ContentLength: body.length } : {}
    const command = new PutObjectCommand({ Bucket: s3.bucket, Key, ...meta, ...length })
    return draftOf('PUT', await s3.presign(command), {}, body)
  },
  get: async (s3) =>
    draftOf('GET', await s3.presign(new GetObjectCommand({ Bucket: s3.bucket, Key: sharedKey }))),
  head: async (s3) =>
    draftOf('HEAD', await s3.presign(new HeadObjectCommand({ Bucket: s3.bucket, Key: sharedKey }))),
  part: async (s3, Key) => {
    const { id } = await createUpload(s3, Key)
    return draftOf('PUT', await s3.presign(new UploadPartCommand({ ...id, PartNumber: 1 })), {}, body)
  },
}

export function sdkCalls(random: Random, number: number): Recipe {
  const name = random.pick(Object.keys(calls) as [string, ...string[]])
  const how = random.next()
  return {
    kind: `sdk ${name}`,
    traits: [],
    build: (s3) => (calls[name] ?? calls['put']!)(s3, keyOf(number), how),
  }
}
