/** Objects once they are there: headers, ranges, lists, copies, deletion. */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'

import type { Case, Outcome } from './case.ts'
import { check } from './case.ts'
import type { S3 } from './client.ts'
import { data, md5 } from './client.ts'
import { send } from './http.ts'

const etag = `"${md5(data, 'hex')}"`

async function range(s3: S3, key: string, value: string): Promise<Outcome> {
  const url = await s3.presign(new GetObjectCommand({ Bucket: s3.bucket, Key: key }))
  const { verdict, text, headers } = await send('GET', url, { headers: { range: value } })
  return verdict.startsWith('2') ? [verdict, text, headers['content-range'] ?? null] : verdict
}

export const objects: readonly Case[] = [
  check(
    'object.headers',
    'headers of a PUT come back',
    ['image/png', 'max-age=60', 'inline; filename="z.png"', 'identity', { owner: 'ann', 'two-words': 'a b' }],
    async (s3, key) => {
      const input = {
        ContentType: 'image/png',
        CacheControl: 'max-age=60',
        ContentDisposition: 'inline; filename="z.png"',
        ContentEncoding: 'identity',
        Metadata: { owner: 'ann', 'Two-Words': 'a b' },
      }
      await s3.client.send(new PutObjectCommand({ Bucket: s3.bucket, Key: key, Body: data, ...input }))
      const head = await s3.head(key)
      return [
        head.ContentType ?? null,
        head.CacheControl ?? null,
        head.ContentDisposition ?? null,
        head.ContentEncoding ?? null,
        head.Metadata ?? null,
      ]
    },
  ),
  check('object.head', 'HEAD: size, ETag, date', [data.length, etag, true], async (s3, key) => {
    await s3.put(key)
    const { ContentLength = null, ETag = null, LastModified } = await s3.head(key)
    return [ContentLength, ETag, Math.abs(Date.now() - (LastModified?.getTime() ?? 0)) < 15 * 60_000]
  }),
  check('object.metadata-replaced', 'a second PUT replaces metadata as a whole', {}, async (s3, key) => {
    await s3.client.send(
      new PutObjectCommand({ Bucket: s3.bucket, Key: key, Body: data, Metadata: { owner: 'ann' } }),
    )
    await s3.put(key)
    return (await s3.head(key)).Metadata ?? {}
  }),
  check('object.tagging', 'x-amz-tagging is stored', { kind: 'photo', of: 'a b' }, async (s3, key) => {
    const Tagging = 'kind=photo&of=a%20b'
    await s3.client.send(new PutObjectCommand({ Bucket: s3.bucket, Key: key, Body: data, Tagging }))
    const { TagSet = [] } = await s3.client.send(new GetObjectTaggingCommand({ Bucket: s3.bucket, Key: key }))
    return Object.fromEntries(TagSet.map(({ Key, Value = '' }) => [Key, Value]))
  }),
  check('object.none', 'GET and HEAD of a missing key', ['404 NoSuchKey', '404'], async (s3, key) => [
    (await send('GET', await s3.presign(new GetObjectCommand({ Bucket: s3.bucket, Key: key })))).verdict,
    (await send('HEAD', await s3.presign(new HeadObjectCommand({ Bucket: s3.bucket, Key: key })))).verdict,
  ]),
  check(
    'object.range',
    'ranges: a span, from, the last bytes, past the end',
    [
      ['206', 'hello', 'bytes 0-4/21'],
      ['206', 'upload\n', 'bytes 14-20/21'],
      ['206', 'load\n', 'bytes 16-20/21'],
      ['206', 'upload\n', 'bytes 14-20/21'],
    ],
    async (s3, key) => {
      await s3.put(key)
      const outcomes = []
      for (const value of ['bytes=0-4', 'bytes=14-', 'bytes=-5', 'bytes=14-99'])
        outcomes.push(await range(s3, key, value))
      return outcomes
    },
  ),
  check('object.range-none', 'a range behind the end', '416 InvalidRange', async (s3, key) => {
    await s3.put(key)
    return range(s3, key, 'bytes=21-')
  }),
  check(
    'object.if-none-match',
    'GET with If-None-Match: the ETag, and another',
    ['304', '200'],
    async (s3, key) => {
      await s3.put(key)
      const url = await s3.presign(new GetObjectCommand({ Bucket: s3.bucket, Key: key }))
      const answer = async (value: string) =>
        (await send('GET', url, { headers: { 'if-none-match': value } })).verdict
      return [await answer(etag), await answer('"0"')]
    },
  ),
  check(
    'object.if-match',
    'GET with If-Match: the ETag, and another',
    ['200', '412 PreconditionFailed'],
    async (s3, key) => {
      await s3.put(key)
      const url = await s3.presign(new GetObjectCommand({ Bucket: s3.bucket, Key: key }))
      const answer = async (value: string) =>
        (await send('GET', url, { headers: { 'if-match': value } })).verdict
      return [await answer(etag), await answer('"0"')]
    },
  ),
  check(
    'object.overrides',
    'response-* parameters',
    ['attachment; filename="n.txt"', 'text/csv', 'no-store'],
    async (s3, key) => {
      await s3.put(key)
      const url = await s3.presign(
        new GetObjectCommand({
          Bucket: s3.bucket,
          Key: key,
          ResponseContentDisposition: 'attachment; filename="n.txt"',
          ResponseContentType: 'text/csv',
          ResponseCacheControl: 'no-store',
        }),
      )
      const { headers } = await send('GET', url)
      return [
        headers['content-disposition'] ?? null,
        headers['content-type'] ?? null,
        headers['cache-control'] ?? null,
      ]
    },
  ),
  check(
    'object.list',
    'ListObjectsV2: prefix, sizes, order',
    [
      ['a/1', data.length],
      ['a/2', data.length],
      ['b', data.length],
    ],
    async (s3, key) => {
      for (const name of ['b', 'a/2', 'a/1']) await s3.put(`${key}/${name}`)
      const { Contents = [] } = await s3.client.send(
        new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: `${key}/` }),
      )
      return Contents.map(({ Key = '', Size = null }) => [Key.slice(key.length + 1), Size])
    },
  ),
  check(
    'object.list-folders',
    'ListObjectsV2 with a delimiter',
    { keys: ['c'], folders: ['a/', 'b/'] },
    async (s3, key) => {
      for (const name of ['a/1', 'a/2', 'b/1', 'c']) await s3.put(`${key}/${name}`)
      const input = { Bucket: s3.bucket, Prefix: `${key}/`, Delimiter: '/' }
      const { Contents = [], CommonPrefixes = [] } = await s3.client.send(new ListObjectsV2Command(input))
      return {
        keys: Contents.map(({ Key = '' }) => Key.slice(key.length + 1)),
        folders: CommonPrefixes.map(({ Prefix = '' }) => Prefix.slice(key.length + 1)),
      }
    },
  ),
  check('object.list-pages', 'ListObjectsV2 page by page', ['1', '2', '3', '4', '5'], async (s3, key) => {
    for (const name of '12345') await s3.put(`${key}/${name}`)
    const names: string[] = []
    let ContinuationToken: string | undefined
    do {
      const input = { Bucket: s3.bucket, Prefix: `${key}/`, MaxKeys: 2, ContinuationToken }
      const page = await s3.client.send(new ListObjectsV2Command(input))
      names.push(...(page.Contents ?? []).map(({ Key = '' }) => Key.slice(-1)))
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken !== undefined && names.length < 9)
    return names
  }),
  check(
    'object.delete',
    'DELETE, by SDK, by URL, and of a missing key',
    ['204', '204', '204', false],
    async (s3, key) => {
      await s3.put(`${key}/1`)
      await s3.put(`${key}/2`)
      const where = (name: string) => new DeleteObjectCommand({ Bucket: s3.bucket, Key: `${key}/${name}` })
      return [
        await s3.attempt(where('1')),
        (await send('DELETE', await s3.presign(where('2')))).verdict,
        await s3.attempt(where('3')),
        (await s3.has(`${key}/1`)) || (await s3.has(`${key}/2`)),
      ]
    },
  ),
  check(
    'object.delete-many',
    'DeleteObjects: those that are there and those that are not',
    { deleted: 3, errors: 0, left: false },
    async (s3, key) => {
      for (const name of ['1', '2 &+']) await s3.put(`${key}/${name}`)
      const Objects = ['1', '2 &+', '3'].map((name) => ({ Key: `${key}/${name}` }))
      const { Deleted = [], Errors = [] } = await s3.client.send(
        new DeleteObjectsCommand({ Bucket: s3.bucket, Delete: { Objects } }),
      )
      return { deleted: Deleted.length, errors: Errors.length, left: await s3.has(`${key}/2 &+`) }
    },
  ),
  check(
    'object.copy',
    'CopyObject with metadata of its own',
    [true, { state: 'kept' }, 'image/png'],
    async (s3, key) => {
      await s3.put(key)
      const input = {
        MetadataDirective: 'REPLACE',
        Metadata: { state: 'kept' },
        ContentType: 'image/png',
      } as const
      await s3.client.send(
        new CopyObjectCommand({
          Bucket: s3.bucket,
          Key: `${key}-2`,
          CopySource: `${s3.bucket}/${key}`,
          ...input,
        }),
      )
      const { Metadata = {}, ContentType = null } = await s3.head(`${key}-2`)
      return [(await s3.read(`${key}-2`)).equals(data), Metadata, ContentType]
    },
  ),
  check(
    'object.copy-same',
    'CopyObject takes metadata and type along',
    [{ owner: 'ann' }, 'image/png'],
    async (s3, key) => {
      const input = { Metadata: { owner: 'ann' }, ContentType: 'image/png' }
      await s3.client.send(new PutObjectCommand({ Bucket: s3.bucket, Key: key, Body: data, ...input }))
      await s3.client.send(
        new CopyObjectCommand({ Bucket: s3.bucket, Key: `${key}-2`, CopySource: `${s3.bucket}/${key}` }),
      )
      const { Metadata = {}, ContentType = null } = await s3.head(`${key}-2`)
      return [Metadata, ContentType]
    },
  ),
  check('object.copy-none', 'CopyObject of a missing key', '404 NoSuchKey', (s3, key) => {
    return s3.attempt(
      new CopyObjectCommand({ Bucket: s3.bucket, Key: `${key}-2`, CopySource: `${s3.bucket}/${key}` }),
    )
  }),
]
