/** Guards where a store acts on headers that nobody signed: names of absent headers, or a key that cannot read. */
import { describe, expect, test, vi } from 'vitest'

import type { FetchLike, StorageOptions } from '../../../src/server/index.ts'
import {
  createUploadHandler,
  createUploadRouter,
  iamPolicy,
  minio,
  r2,
  route,
  s3,
} from '../../../src/server/index.ts'
import { createBucket } from '../../../src/server/storage/bucket.ts'
import { headersToName } from '../../../src/server/storage/unsigned-headers.ts'
import type { S3Server } from '../../../src/testing/s3-server/index.ts'
import { about, call, credentials, grant, makeHandler, only, post, start } from '../support.ts'
import {
  all,
  beginParts,
  bucket,
  grantOf,
  grantPart,
  grantPut,
  keysIn,
  openStore,
  send,
  signer,
  storageOf,
} from './support.ts'

const signedBy = (url: string): string | undefined =>
  new URL(url).searchParams.get('X-Amz-Credential')?.split('/')[0]
const namesIn = (url: string): string[] =>
  new URL(url).searchParams.get('X-Amz-SignedHeaders')?.split(';') ?? []

describe("a store of unsignedHeaders: 'named'", () => {
  const named = (server: S3Server): StorageOptions => ({
    ...storageOf(server),
    capabilities: { unsignedHeaders: 'named' },
  })

  test('takes the plain PUT, and refuses each header that the URL names', async () => {
    const { server, secret } = await openStore('named')
    const { handler } = signer({ storage: named(server) })
    const target = await grantPut(handler)
    expect(headersToName.object.length).toBeGreaterThan(30)
    expect(namesIn(target.url)).toEqual(expect.arrayContaining([...headersToName.object]))
    for (const name of headersToName.object) {
      const answer = await send(target, 'abc', { [name]: name === 'x-amz-copy-source' ? secret : 'x' })
      expect([name, answer.status]).toEqual([name, 403])
    }
    expect(await keysIn(server)).toEqual(['secret.txt'])
    expect((await send(target, 'abc')).status).toBe(200)
  })

  test('takes the plain part, and refuses each header that the URL names', async () => {
    const { server, secret } = await openStore('named')
    const { handler } = signer({ storage: named(server) })
    const receipt = await beginParts(handler)
    const part = await grantPart(handler, receipt)
    for (const name of headersToName.part) {
      const answer = await send(part, 'abc', { [name]: name === 'x-amz-copy-source' ? secret : 'x' })
      expect([name, answer.status]).toEqual([name, 403])
    }
    expect((await server.snapshot())[0]?.uploads[0]?.parts).toEqual([])
    expect((await send(part, 'abc')).status).toBe(200)
  })

  test('gets the headers that the route sets itself, and no others', async () => {
    const { server } = await openStore('named')
    const object = { cacheControl: 'no-store', tags: { a: 'b' }, contentEncoding: 'gzip', acl: 'public-read' }
    const { handler } = signer({ storage: named(server), object })
    const target = await grantPut(handler)
    const names = namesIn(target.url)
    expect(names).toEqual([...new Set(names)].toSorted())
    expect((await send(target, 'abc', { 'x-amz-tagging': 'evil=1' })).status).toBe(403)
    expect((await send(target, 'abc', { expires: 'Wed, 21 Oct 2037 07:28:00 GMT' })).status).toBe(403)
    expect((await send(target, 'abc')).status).toBe(200)
    const [found] = await server.snapshot()
    expect(found?.objects.find(({ key }) => key !== 'secret.txt')).toMatchObject({
      cacheControl: 'no-store',
      contentEncoding: 'gzip',
      tags: [['a', 'b']],
      acl: 'public-read',
    })
  })

  test('names nothing in addresses for viewing', async () => {
    const { server } = await openStore('named')
    const bucketOf = createBucket(named(server), (url, init) => fetch(url, init))
    const session = await bucketOf.openSession(start, new AbortController().signal)
    const { url } = await bucketOf.presign({ method: 'GET', key: 'secret.txt', expiresIn: 60 }, session)
    expect(namesIn(url)).toEqual(['host'])
    expect(await (await fetch(url)).text()).toBe('TOP SECRET')
  })
})

test.each([
  s3({ bucket, region: 'eu-central-1', credentials }),
  minio({ endpoint: 'http://m', bucket, credentials }),
])('no other store gets URLs that name absent headers', async (storage) => {
  const { handler } = signer({ storage: { ...storage, grantCredentials: credentials } })
  expect(namesIn((await grantPut(handler)).url)).toEqual([
    'content-disposition',
    'content-length',
    'content-type',
    'host',
  ])
})

describe('grantCredentials', () => {
  const files = { authorize: () => ({ id: 'ann' }), prefix: 'users/', view: true } as const
  /** A key that may do what iamPolicy() lists, and no more. */
  const writer = (server: S3Server) => {
    const policy = iamPolicy(createUploadRouter({ files: route(files) }), { bucket, of: 'grantCredentials' })
    return server.issueSession({ actions: policy.Statement.flatMap(({ Action }) => [...Action]) })
  }

  test('sign forms, PUT and parts; a copy with them fails, since they cannot read', async () => {
    const { server, secret } = await openStore('taken')
    const key = writer(server)
    const storage = minio({ ...storageOf(server), grantCredentials: key })
    const { handler } = signer({ ...files, storage })
    const target = await grantPut(handler)
    expect(signedBy(target.url)).toBe(key.accessKeyId)
    const copy = { 'x-amz-copy-source': secret }
    expect((await send(target, 'abc', copy)).status).toBe(403)
    expect((await send(target, 'abc', { 'x-amz-tagging': 'a=b' })).status).toBe(403)
    expect((await send(target, 'abc', { 'x-amz-acl': 'public-read' })).status).toBe(403)
    const receipt = await beginParts(handler)
    const part = await grantPart(handler, receipt)
    expect(signedBy(part.url)).toBe(key.accessKeyId)
    expect((await send(part, 'abc', copy)).status).toBe(403)
    const whole = { ...copy, 'x-amz-copy-source-range': 'bytes=0-2' }
    expect((await send(part, 'abc', whole)).status).toBe(403)
    expect(await keysIn(server)).toEqual(['secret.txt'])
    expect((await send(target, 'abc')).status).toBe(200)
    expect((await send(part, 'abc')).status).toBe(200)
    const { fields } = await grant(handler, { accepts: ['post'] })
    expect(fields.get('x-amz-credential')?.split('/')[0]).toBe(key.accessKeyId)
  })

  test('do not sign the signer’s own calls, nor addresses for viewing', async () => {
    const { server } = await openStore('taken')
    const storage = minio({ ...storageOf(server), grantCredentials: writer(server) })
    const { handler } = signer({ ...files, storage })
    const receipt = await beginParts(handler)
    await send(await grantPart(handler, receipt), 'abc')
    const completed = await call(handler, post({ v: 1, action: 'complete', receipt, parts: [[1]] }))
    expect(completed.status).toBe(200)
    const { body } = only(await call(handler, about('view', receipt)))
    const url = String(body['url'])
    expect(signedBy(url)).toBe(server.credentials.accessKeyId)
    expect(await (await fetch(url)).text()).toBe('abc')
  })

  test.each(['credentials', 'grantCredentials'])('grants end with %s', async (which) => {
    const ending = { ...credentials, expiration: new Date(start + 20_000) }
    const storage = { bucket, region: 'eu-central-1', credentials, grantCredentials: credentials }
    const { handler } = signer({ storage: { ...storage, [which]: () => Promise.resolve(ending) } })
    const put = await grantPut(handler)
    expect(put.expiresIn).toBe(20)
    expect(new URL(put.url).searchParams.get('X-Amz-Expires')).toBe('20')
    expect((await grant(handler)).target.expiresIn).toBe(20)
    const expired = { ...credentials, expiration: new Date(start) }
    const late = signer({ storage: { ...storage, [which]: expired } })
    const answer = await call(late.handler, about('confirm', 'x'))
    expect(answer.status).toBe(500)
    expect(late.reports[0]).toContain('expired')
  })
})

describe('a store of which it is known that it takes unsigned headers', () => {
  const storage = minio({ endpoint: 'http://minio:9000', bucket, credentials })

  test.each<[why: string, options: Parameters<typeof makeHandler>[0], message: string]>([
    ["transport: 'put'", { storage, transport: 'put' }, "transport: 'put'"],
    ["transport: 'multipart'", { storage, transport: 'multipart' }, "transport: 'multipart'"],
    ['createOnly', { storage, object: { createOnly: true } }, 'createOnly'],
    [
      'a store without forms',
      { storage: r2({ accountId: 'a', bucket, credentials, capabilities: { unsignedHeaders: 'taken' } }) },
      'a store without forms',
    ],
  ])('refuses %s at start, unless there is a key that may only write', (_why, options = {}, message) => {
    expect(() => makeHandler(options)).toThrow(TypeError)
    expect(() => makeHandler(options)).toThrow(message)
    expect(() => makeHandler(options)).toThrow('storage.grantCredentials')
    const { storage: given = storage } = options
    expect(() =>
      makeHandler({ ...options, storage: { ...given, grantCredentials: credentials } }),
    ).not.toThrow()
  })

  test('names the route', () => {
    const files = route({ authorize: () => true, transport: 'put' })
    expect(() => createUploadHandler(createUploadRouter({ files }), { storage })).toThrow('The route files')
    expect(() => makeHandler({ storage, transport: 'put' })).toThrow('The upload handler')
  })

  test('gets forms without being asked', async () => {
    const fetch: FetchLike = vi.fn<FetchLike>(() => Promise.reject(new Error('nobody asks')))
    const { handler } = signer({ storage, fetch })
    expect(await grantOf(handler, { size: 5e8, accepts: all })).toBe('post')
    expect(await grantOf(handler, { size: 10, accepts: ['put'] })).toBe('refused')
    expect(fetch).not.toHaveBeenCalled()
  })

  test('publishes no size from which files go in parts', async () => {
    const limits = async (more: Partial<StorageOptions>) => {
      const handler = makeHandler({ storage: { ...storage, ...more } })
      const { body } = await call(handler, new Request('https://app.example.com/api/uploads'))
      return body
    }
    expect(await limits({})).toMatchObject({ routes: { default: { multipartFrom: null } } })
    expect(await limits({ grantCredentials: credentials })).toMatchObject({
      routes: { default: { multipartFrom: 64 * 1024 ** 2 } },
    })
  })
})

test.each<[why: string, storage: object, message: string]>([
  [
    'an answer that is none',
    { endpoint: 'https://x.example', capabilities: { unsignedHeaders: 'maybe' } },
    'refused or named',
  ],
  ['no text', { endpoint: 'https://x.example', capabilities: { unsignedHeaders: true } }, 'refused or named'],
  ["'named' on AWS", { capabilities: { unsignedHeaders: 'named' } }, 'AWS'],
])('%s is refused at start', (_why, more, message) => {
  const storage = { bucket, region: 'eu-central-1', credentials, ...more }
  expect(() => makeHandler({ storage })).toThrow(message)
})

test('an answer from a missing environment variable counts as none', () => {
  const storage = { bucket, region: 'x', endpoint: 'https://x.example', credentials }
  const missing: unknown = { unsignedHeaders: undefined }
  const capabilities = missing as NonNullable<StorageOptions['capabilities']>
  expect(createBucket({ ...storage, capabilities }).can.unsignedHeaders).toBe('ask')
})
