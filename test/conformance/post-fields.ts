/** POST Object: what the fields do (AWS: sigv4-HTTPPOSTForms). */
import { GetObjectTaggingCommand } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'

import type { Case } from './case.ts'
import { check } from './case.ts'
import { data, md5 } from './client.ts'
import { encodeForm } from './form.ts'
import { refusal, send } from './http.ts'
import { drop } from './post-signatures.ts'

export const postFields: readonly Case[] = [
  check(
    'post.metadata',
    'x-amz-meta-* are stored, their names in lower case',
    { owner: 'ann', album: 'Summer 2026' },
    async (s3, key) => {
      await s3.post({ key, fields: { 'x-amz-meta-owner': 'ann', 'x-amz-meta-Album': 'Summer 2026' } })
      return (await s3.head(key)).Metadata ?? null
    },
  ),
  check(
    'post.headers',
    'Cache-Control, Content-Disposition, Content-Encoding and Content-Type are stored',
    ['max-age=60', 'attachment; filename="x.txt"', 'identity', 'text/plain; charset=utf-8'],
    async (s3, key) => {
      const fields = {
        'Cache-Control': 'max-age=60',
        'Content-Disposition': 'attachment; filename="x.txt"',
        'Content-Encoding': 'identity',
        'Content-Type': 'text/plain; charset=utf-8',
      }
      await s3.post({ key, fields })
      const { CacheControl, ContentDisposition, ContentEncoding, ContentType } = await s3.head(key)
      return [CacheControl, ContentDisposition, ContentEncoding, ContentType].map((value) => value ?? null)
    },
  ),
  check(
    'post.default-type',
    'without Content-Type the object is binary/octet-stream',
    'binary/octet-stream',
    async (s3, key) => {
      await s3.post({ key, file: { type: '' } })
      return (await s3.head(key)).ContentType ?? null
    },
  ),
  check('post.tagging', 'tagging, as XML, is stored', { kind: 'photo' }, async (s3, key) => {
    const tagging = '<Tagging><TagSet><Tag><Key>kind</Key><Value>photo</Value></Tag></TagSet></Tagging>'
    await s3.post({ key, fields: { tagging } })
    const { TagSet = [] } = await s3.client.send(new GetObjectTaggingCommand({ Bucket: s3.bucket, Key: key }))
    return Object.fromEntries(TagSet.map(({ Key, Value = '' }) => [Key, Value]))
  }),
  check('post.tagging-bad', 'tagging that is no XML', '400 MalformedXML', async (s3, key) => {
    return (await s3.post({ key, fields: { tagging: 'not-xml' } })).verdict
  }),
  check('post.filename', "${filename} becomes the file's name", ['204', true], async (s3, key) => {
    const conditions = [['starts-with', '$key', `${key}/`]]
    const reply = await s3.post({ key: `${key}/\${filename}`, conditions, file: { name: 'cat.png' } })
    return [reply.verdict, await s3.has(`${key}/cat.png`)]
  }),
  check(
    'post.filename-unicode',
    '${filename} keeps letters, spaces and signs',
    ['204', true],
    async (s3, key) => {
      const name = 'žluťoučký kůň 日本 + & (1).txt'
      const conditions = [['starts-with', '$key', `${key}/`]]
      const reply = await s3.post({ key: `${key}/\${filename}`, conditions, file: { name } })
      return [reply.verdict, await s3.has(`${key}/${name}`)]
    },
  ),
  check(
    'post.filename-first',
    '${filename} is replaced before conditions are compared',
    '204',
    async (s3, key) => {
      const conditions = [['eq', '$key', `${key}/cat.png`]]
      return (await s3.post({ key: `${key}/\${filename}`, conditions, file: { name: 'cat.png' } })).verdict
    },
  ),
  check(
    'post.filename-sdk',
    "${filename} in the SDK's createPresignedPost",
    ['204', true],
    async (s3, key) => {
      const form = { Bucket: s3.bucket, Key: `${key}/\${filename}` }
      const { url, fields } = await createPresignedPost(s3.client, form)
      const body = encodeForm(Object.entries(fields), { bytes: data, name: 'dog.png' })
      return [(await send('POST', url, body)).verdict, await s3.has(`${key}/dog.png`)]
    },
  ),
  check('post.key-unicode', 'a key of letters, spaces, quotes and signs', ['204', true], async (s3, key) => {
    const odd = `${key}/ünï "q" 日本+&#%41.txt`
    return [(await s3.post({ key: odd })).verdict, (await s3.read(odd)).equals(data)]
  }),
  check('post.empty', 'an empty file', ['204', 0], async (s3, key) => {
    const { verdict } = await s3.post({ key, file: { bytes: Buffer.alloc(0) } })
    return [verdict, (await s3.head(key)).ContentLength ?? null]
  }),
  check(
    'post.after-file',
    'fields after the file are ignored, so a key there is missing',
    'refused',
    async (s3, key) => {
      return refusal(await s3.post({ key, change: drop('key'), after: [['key', key]] }))
    },
  ),
  check('post.no-file', 'no file', 'refused', async (s3, key) => refusal(await s3.post({ key, file: null }))),
  check('post.file-name', 'a file under another name than file', 'refused', async (s3, key) => {
    return refusal(await s3.post({ key, file: { part: 'upload' } }))
  }),
  check(
    'post.fields-limit',
    'more than 20,480 bytes before the file',
    '400 MaxPostPreDataLengthExceeded',
    async (s3, key) => {
      return (await s3.post({ key, fields: { 'x-ignore-a': 'a'.repeat(20_480) } })).verdict
    },
  ),
  check('post.not-multipart', 'a body that is no multipart/form-data', 'refused', async (s3, key) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return refusal(await send('POST', s3.url, { headers, body: `key=${key}` }))
  }),
  check('post.truncated', 'a form that breaks off', 'refused', async (s3, key) => {
    const whole = encodeForm([['key', key]], { bytes: data })
    return refusal(await send('POST', s3.url, { ...whole, body: Buffer.from(whole.body).subarray(0, 120) }))
  }),
  check(
    'post.binary',
    'bytes that look like a boundary, and 1 MiB of every byte',
    ['204', true],
    async (s3, key) => {
      const bytes = Buffer.concat([
        Buffer.from('\r\n------conformance-7MA4YWxkTrZu0g\r\n--\r\n'),
        Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
        Buffer.alloc(1 << 20, Buffer.from(Array.from({ length: 251 }, (_, byte) => byte))),
      ])
      return [(await s3.post({ key, file: { bytes } })).verdict, (await s3.read(key)).equals(bytes)]
    },
  ),
  check('post.32m', '32 MiB arrive intact', ['204', true], async (s3, key) => {
    const bytes = Buffer.alloc(32 << 20, md5(Buffer.from(key)))
    return [(await s3.post({ key, file: { bytes } })).verdict, md5(await s3.read(key)) === md5(bytes)]
  }),
]
