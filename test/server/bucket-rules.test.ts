/** What the helpers say is what the local S3 and AWS take: see also `sweep.test.ts`. */
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import {
  corsRules,
  createUploadRouter,
  iamPolicy,
  lifecycleRules,
  minio,
  privateAttachments,
  publicImages,
  route,
  sweep,
} from '../../src/server/index.ts'
import type { FetchLike } from '../../src/server/index.ts'
import type { S3Server } from '../../src/testing/s3-server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import {
  aRequest,
  backendFor,
  bytesOf,
  callTo,
  carryOut,
  granted,
  handlerFor,
  openWitness,
} from './store-suite.ts'

const authorize = (): string => 'ann'
const avatars = route({ ...publicImages(), authorize, prefix: 'avatars/', transport: 'post' })
const files = route({
  ...privateAttachments(),
  authorize,
  prefix: 'files/',
  promote: 'incoming/',
  view: true,
  onComplete: () => null,
})
const router = createUploadRouter({ avatars, files })

test('the policy allows what the routes need, below their prefixes', () => {
  expect(iamPolicy(router, { bucket: 'b' })).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Upload',
        Effect: 'Allow',
        Action: ['s3:PutObject', 's3:GetObject'],
        Resource: ['arn:aws:s3:::b/avatars/*', 'arn:aws:s3:::b/files/*', 'arn:aws:s3:::b/incoming/*'],
      },
      {
        Sid: 'Parts',
        Effect: 'Allow',
        Action: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
        Resource: ['arn:aws:s3:::b/files/*', 'arn:aws:s3:::b/incoming/*'],
      },
      {
        Sid: 'Remove',
        Effect: 'Allow',
        Action: ['s3:DeleteObject'],
        Resource: ['arn:aws:s3:::b/avatars/*', 'arn:aws:s3:::b/files/*', 'arn:aws:s3:::b/incoming/*'],
      },
      {
        Sid: 'Tags',
        Effect: 'Allow',
        Action: ['s3:PutObjectTagging', 's3:GetObjectTagging'],
        Resource: ['arn:aws:s3:::b/files/*', 'arn:aws:s3:::b/incoming/*'],
      },
      {
        Sid: 'Versions',
        Effect: 'Allow',
        Action: ['s3:GetObjectVersion', 's3:GetObjectVersionTagging'],
        Resource: ['arn:aws:s3:::b/files/*', 'arn:aws:s3:::b/incoming/*'],
      },
      {
        Sid: 'Look',
        Effect: 'Allow',
        Action: ['s3:ListBucket', 's3:ListBucketMultipartUploads'],
        Resource: ['arn:aws:s3:::b'],
      },
    ],
  })
})

test('tags and ACLs are allowed where a route may use them; a route without a prefix needs the bucket', () => {
  const wide = createUploadRouter({
    any: route({ authorize, object: () => ({}) }),
    some: route({ authorize, prefix: 'a/' }),
  })
  const { Statement } = iamPolicy(wide, { bucket: 'b', partition: 'aws-cn' })
  expect(Statement.map(({ Sid, Resource }) => [Sid, Resource])).toEqual([
    ['Upload', ['arn:aws-cn:s3:::b/*']],
    ['Parts', ['arn:aws-cn:s3:::b/*']],
    ['Remove', ['arn:aws-cn:s3:::b/*']],
    ['Tags', ['arn:aws-cn:s3:::b/*']],
    ['Acl', ['arn:aws-cn:s3:::b/*']],
    ['Look', ['arn:aws-cn:s3:::b']],
  ])
})

test('the policy of the second key allows uploading below the folders that browsers send to, and no reading', () => {
  const { Statement } = iamPolicy(router, { bucket: 'b', of: 'grantCredentials' })
  expect(Statement).toEqual([
    {
      Sid: 'Upload',
      Effect: 'Allow',
      Action: ['s3:PutObject'],
      // Where files wait, and not where they go when they are taken.
      Resource: ['arn:aws:s3:::b/avatars/*', 'arn:aws:s3:::b/incoming/*'],
    },
    {
      Sid: 'Parts',
      Effect: 'Allow',
      Action: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      Resource: ['arn:aws:s3:::b/incoming/*'],
    },
  ])
})

test('the policy of the second key allows tags and ACLs only where routes set them', () => {
  const marked = createUploadRouter({
    tagged: route({ authorize, prefix: 't/', transport: 'post', object: { tags: { a: 'b' } } }),
    shared: route({ authorize, prefix: 's/', transport: 'put', object: { acl: 'public-read' } }),
  })
  const { Statement } = iamPolicy(marked, { bucket: 'b', partition: 'aws-cn', of: 'grantCredentials' })
  expect(Statement.map(({ Action, Resource }) => [Action, Resource])).toEqual([
    [['s3:PutObject'], ['arn:aws-cn:s3:::b/t/*', 'arn:aws-cn:s3:::b/s/*']],
    [['s3:PutObjectTagging'], ['arn:aws-cn:s3:::b/t/*']],
    [['s3:PutObjectAcl'], ['arn:aws-cn:s3:::b/s/*']],
  ])
  const wrong: unknown = { bucket: 'b', of: 'grants' }
  expect(() => iamPolicy(marked, wrong as { bucket: string })).toThrow(TypeError)
})

test('CORS: the methods that the routes use, and no origin that never matches', () => {
  expect(corsRules(createUploadRouter({ avatars }), ['https://a.example'])).toMatchObject([
    { AllowedOrigins: ['https://a.example'], AllowedMethods: ['POST'], AllowedHeaders: ['*'] },
  ])
  expect(corsRules(router, [])[0]?.AllowedMethods).toEqual(['POST', 'PUT', 'GET', 'HEAD'])
  for (const wrong of ['*', 'https://a.example/', 'a.example', 'https://a.example/path'])
    expect(() => corsRules(router, [wrong])).toThrow(TypeError)
})

test('lifecycle: later than any receipt', () => {
  expect(lifecycleRules(router)).toEqual([
    {
      ID: 's3-upload-kit-abandoned-parts-1',
      Status: 'Enabled',
      Filter: { Prefix: 'files/' },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 8 },
    },
    {
      ID: 's3-upload-kit-abandoned-parts-2',
      Status: 'Enabled',
      Filter: { Prefix: 'incoming/' },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 8 },
    },
    {
      ID: 's3-upload-kit-unconfirmed-1',
      Status: 'Enabled',
      Filter: { Prefix: 'incoming/' },
      Expiration: { Days: 16 },
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    },
    {
      ID: 's3-upload-kit-delete-markers-1',
      Status: 'Enabled',
      Filter: { Prefix: 'incoming/' },
      Expiration: { ExpiredObjectDeleteMarker: true },
    },
  ])
  for (const days of [7, 0, 8.5]) expect(() => lifecycleRules(router, days)).toThrow(RangeError)
})

let server: S3Server
let now = Date.UTC(2026, 10, 20)
beforeAll(async () => {
  server = await startS3Server({ now: () => new Date(now) })
  await server.createBucket('uploads')
})
afterAll(() => server.close())

test('sweep ends what is old, and nothing else', async () => {
  const { endpoint, region, credentials } = server
  const store = { storage: { bucket: 'uploads', region, endpoint, credentials }, now: () => now }
  const call = callTo(handlerFor(store, router))
  const backend = backendFor('files')
  const grant = async (accepts: readonly ('put' | 'multipart')[]) =>
    granted((await backend.createUploads([aRequest(bytesOf(9), { accepts })], call))[0])
  const parts = await grant(['multipart'])
  const whole = await grant(['put'])
  await carryOut(whole, bytesOf(9), backend, call)
  const day = 86_400_000
  now += 7.9 * day
  expect(await sweep(router, store)).toEqual({ uploads: 0, files: 0 })
  now += 0.2 * day
  const young = await grant(['multipart'])
  expect(await sweep(router, store)).toEqual({ uploads: 1, files: 0 })
  expect(await backend.multipart?.listParts?.(parts.ref, call)).toBe('gone')
  expect(await backend.multipart?.listParts?.(young.ref, call)).toEqual([])
  now += 7.8 * day
  expect(await sweep(router, store)).toEqual({ uploads: 0, files: 0 })
  now += 0.3 * day
  expect(await sweep(router, store)).toEqual({ uploads: 1, files: 1 })
  const witness = openWitness(store)
  expect(await witness.keys()).toEqual([])
  witness.client.destroy()
  await expect(sweep(router, { ...store, days: 7 })).rejects.toThrow(RangeError)
})

test('corsRules() lets pages of a wildcard, of apps and of extensions send to the store', async () => {
  const store = await startS3Server()
  onTestFinished(() => store.close())
  const origins = [
    'https://*.example.com',
    'tauri://localhost',
    'capacitor://localhost',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
  ]
  const cors = corsRules(createUploadRouter({ files }), origins).map((rule) => ({
    allowedOrigins: rule.AllowedOrigins,
    allowedMethods: ['PUT'] as const,
    allowedHeaders: rule.AllowedHeaders,
    exposeHeaders: rule.ExposeHeaders,
  }))
  await store.createBucket('uploads', { cors })
  const allowed = async (origin: string): Promise<string | null> => {
    const headers = { origin, 'access-control-request-method': 'PUT' }
    const answer = await fetch(`${store.endpoint}/uploads/a/b`, { method: 'OPTIONS', headers })
    return answer.headers.get('access-control-allow-origin')
  }
  for (const origin of ['https://a.b.example.com', ...origins.slice(1)])
    expect(await allowed(origin)).toBe(origin)
  for (const origin of ['https://example.com', 'http://a.example.com', 'tauri://evil'])
    expect(await allowed(origin)).toBeNull()
})

test('sweep says that MinIO lists no uploads, and removes its waiting files', async () => {
  const { endpoint, region, credentials } = server
  const storage = minio({ bucket: 'uploads', region, endpoint, credentials, grantCredentials: credentials })
  const store = { storage, now: () => now }
  const call = callTo(handlerFor(store, router))
  const backend = backendFor('files')
  const file = aRequest(bytesOf(9), { accepts: ['put'] })
  await carryOut(granted((await backend.createUploads([file], call))[0]), bytesOf(9), backend, call)
  now += 17 * 86_400_000
  const asked: string[] = []
  const listening: FetchLike = (url, init) => {
    asked.push(url)
    return fetch(url, init)
  }
  expect(await sweep(router, { ...store, fetch: listening })).toEqual({ uploads: 'unlisted', files: 1 })
  expect(asked.filter((url) => url.includes('uploads='))).toEqual([])
})
