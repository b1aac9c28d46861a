/** POST Object: who signed it, and what (AWS: sigv4-authentication-HTTPPOST). */
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'

import { createPostPolicy } from '../../src/s3/post-policy.ts'
import type { Case } from './case.ts'
import { check } from './case.ts'
import { data } from './client.ts'
import type { Field } from './form.ts'
import { encodeForm } from './form.ts'
import { refusal, send } from './http.ts'

/** Replaces a field's value; names are compared as S3 does, without case. */
export const set =
  (name: string, value: string) =>
  (fields: Field[]): Field[] =>
    fields.map(([field, old]) => [field, field.toLowerCase() === name.toLowerCase() ? value : old])

export const drop =
  (name: string) =>
  (fields: Field[]): Field[] =>
    fields.filter(([field]) => field.toLowerCase() !== name.toLowerCase())

/** Changes the policy's JSON, and leaves the signature as it was. */
const tamper = (change: (text: string) => string) => (fields: Field[]) =>
  fields.map(([name, value]): Field => {
    if (name !== 'policy') return [name, value]
    return [name, Buffer.from(change(Buffer.from(value, 'base64').toString())).toString('base64')]
  })

export const postSignatures: readonly Case[] = [
  check(
    'post.sdk',
    "the SDK's createPresignedPost is accepted, and the object stored",
    { answer: '204', type: 'text/plain', intact: true },
    async (s3, key) => {
      const { url, fields } = await createPresignedPost(s3.client, {
        Bucket: s3.bucket,
        Key: key,
        Conditions: [['content-length-range', 1, 1000]],
        Fields: { 'Content-Type': 'text/plain' },
        Expires: 600,
      })
      const reply = await send('POST', url, encodeForm(Object.entries(fields), { bytes: data }))
      const { ContentType = null } = await s3.head(key)
      return { answer: reply.verdict, type: ContentType, intact: (await s3.read(key)).equals(data) }
    },
  ),
  check(
    'post.kit',
    "the kit's createPostPolicy is accepted, and the object stored",
    '204',
    async (s3, key) => {
      const now = new Date()
      const { fields } = await createPostPolicy({
        ...s3,
        now,
        expiresAt: new Date(now.getTime() + 600_000),
        conditions: [['content-length-range', data.length, data.length]],
        fields: [
          ['key', key],
          ['Content-Type', 'text/plain'],
        ],
      })
      return (await send('POST', s3.url, encodeForm(fields, { bytes: data }))).verdict
    },
  ),
  check('post.signature', 'a wrong signature', '403 SignatureDoesNotMatch', async (s3, key) => {
    return (await s3.post({ key, change: set('x-amz-signature', '0'.repeat(64)) })).verdict
  }),
  check('post.secret', 'signed with another secret', '403 SignatureDoesNotMatch', async (s3, key) => {
    const credentials = { ...s3.credentials, secretAccessKey: 'another secret' }
    return (await s3.post({ key, credentials })).verdict
  }),
  check('post.tampered', 'a policy changed after signing', '403 SignatureDoesNotMatch', async (s3, key) => {
    const conditions = [['content-length-range', 0, 5]]
    const change = tamper((text) =>
      text.replace('"content-length-range",0,5', '"content-length-range",0,500'),
    )
    return (await s3.post({ key, conditions, change })).verdict
  }),
  check('post.key-id', 'an unknown access key', '403 InvalidAccessKeyId', async (s3, key) => {
    const credentials = { accessKeyId: 'NOSUCHKEY00000000000', secretAccessKey: 'x' }
    return (await s3.post({ key, credentials })).verdict
  }),
  check('post.anonymous', 'neither policy nor signature', '403 AccessDenied', async (s3, key) => {
    return (await s3.post({ change: () => [['key', key]] })).verdict
  }),
  check('post.no-policy', 'a signature without a policy', 'refused', async (s3, key) => {
    return refusal(await s3.post({ key, change: drop('policy') }))
  }),
  check('post.no-signature', 'a policy without a signature', 'refused', async (s3, key) => {
    return refusal(await s3.post({ key, change: drop('x-amz-signature') }))
  }),
  check('post.algorithm', 'an algorithm that S3 does not know', 'refused', async (s3, key) => {
    return refusal(await s3.post({ key, change: set('x-amz-algorithm', 'AWS4-HMAC-MD5') }))
  }),
  check(
    'post.credential-date',
    'a credential of another day than was signed with',
    'refused',
    async (s3, key) => {
      const credential = `${s3.credentials.accessKeyId}/20200101/${s3.region}/s3/aws4_request`
      return refusal(await s3.post({ key, change: set('x-amz-credential', credential) }))
    },
  ),
  check('post.region', 'signed for another region', 'refused', async (s3, key) => {
    return refusal(await s3.post({ key, region: s3.region === 'eu-west-9' ? 'eu-west-8' : 'eu-west-9' }))
  }),
  check('post.names-case', 'field names in any case', '204', async (s3, key) => {
    const shout = (fields: Field[]) => fields.map(([name, value]): Field => [name.toUpperCase(), value])
    return (await s3.post({ key, change: shout })).verdict
  }),
  check('post.order', 'signature fields before the others', '204', async (s3, key) => {
    return (await s3.post({ key, change: (fields) => fields.toReversed() })).verdict
  }),
]
