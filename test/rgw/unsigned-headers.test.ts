/**
 * Ceph RGW acts on headers that nobody signed. Each header that the signer's URLs name is sent twice: with a URL that does
 * not name it, where RGW does what the table says, and with one that does, where RGW refuses and stores nothing.
 */
import {
  CreateBucketCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { S3ServiceException } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'

import type { StorageOptions, UnsignedHeaders } from '../../src/server/index.ts'
import { ceph } from '../../src/server/index.ts'
import { createBucket } from '../../src/server/storage/bucket.ts'
import { headersToName } from '../../src/server/storage/unsigned-headers.ts'
import { openWitness } from '../server/store-suite.ts'
import { call, grant, post } from '../server/support.ts'
import { beginParts, grantOf, grantPart, grantPut, send, signer } from '../server/unsigned/support.ts'
import type { RgwAddress } from './global-setup.ts'

vi.setConfig({ testTimeout: 60_000 })

const rgw = inject('rgw')
const bucket = 'unsigned'
/** The same with Object Lock. */
const locked = 'unsigned-locked'
const secret = `/${bucket}/secret.txt`
const everybody = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
const key256 = Buffer.alloc(32, 'k').toString('base64')
const until = new Date(Date.now() + 60_000).toISOString().replace(/\.\d+/, '')

/** What is seen of an object afterwards: its head, its bytes, whether its ACL is for everybody, or that it is missing. */
type Seen = Readonly<Record<string, unknown>>
const copied: Seen = { body: 'TOP SECRET' }
const published: Seen = { isPublic: true }
/** RGW reads the header, and refuses what this cluster has not set up. */
const refused: Seen = { status: 400, isMissing: true }
const ignored: Seen = { body: 'abc', isPublic: false }

/** By header: its value, what RGW does, and the headers that must come along. */
const table: Readonly<Record<string, readonly [string, Seen, Readonly<Record<string, string>>?]>> = {
  'x-amz-copy-source': [secret, copied],
  'x-amz-copy-source-range': ['bytes=0-2', { body: 'TOP' }, { 'x-amz-copy-source': secret }],
  'x-amz-metadata-directive': ['COPY', copied, { 'x-amz-copy-source': secret }],
  'x-amz-tagging-directive': ['COPY', copied, { 'x-amz-copy-source': secret }],
  'x-amz-acl': ['public-read', published],
  'x-amz-grant-read': [everybody, published],
  'x-amz-grant-write': [everybody, published],
  'x-amz-grant-read-acp': [everybody, published],
  'x-amz-grant-write-acp': [everybody, published],
  'x-amz-grant-full-control': [everybody, published],
  'x-amz-tagging': ['a=b', { TagCount: 1 }],
  'x-amz-website-redirect-location': ['/evil', { WebsiteRedirectLocation: '/evil' }],
  'x-amz-storage-class': ['COLD', refused],
  'x-amz-server-side-encryption': ['AES256', refused],
  'x-amz-server-side-encryption-aws-kms-key-id': ['key', refused],
  'x-amz-server-side-encryption-context': ['e30=', ignored],
  'x-amz-server-side-encryption-bucket-key-enabled': ['true', ignored],
  'x-amz-server-side-encryption-customer-algorithm': ['AES256', refused],
  'x-amz-server-side-encryption-customer-key': [key256, refused],
  'x-amz-server-side-encryption-customer-key-md5': ['x', refused],
  'x-amz-object-lock-mode': [
    'GOVERNANCE',
    { ObjectLockMode: 'GOVERNANCE' },
    { 'x-amz-object-lock-retain-until-date': until },
  ],
  'x-amz-object-lock-retain-until-date': [
    until,
    { ObjectLockMode: 'COMPLIANCE' },
    { 'x-amz-object-lock-mode': 'COMPLIANCE' },
  ],
  'x-amz-object-lock-legal-hold': ['ON', { ObjectLockLegalHoldStatus: 'ON' }],
  'x-amz-bypass-governance-retention': ['true', ignored],
  'content-disposition': ['inline', { ContentDisposition: 'inline' }],
  'content-encoding': ['gzip', { ContentEncoding: 'gzip' }],
  'content-language': ['de', { ContentLanguage: 'de' }],
  expires: ['Wed, 21 Oct 2037 07:28:00 GMT', { ExpiresString: 'Wed, 21 Oct 2037 07:28:00 GMT' }],
  'x-robots-tag': ['noindex', ignored],
}
for (const alias of ['x-goog', 'x-dho', 'x-rgw', 'x-object', 'x-container', 'x-account'])
  Object.assign(table, {
    // Stored as it came, which is no list of tags: RGW counts none.
    [`${alias}-tagging`]: ['a=b', { TagCount: 0 }],
    [`${alias}-website-redirect-location`]: ['/evil', { WebsiteRedirectLocation: '/evil' }],
  })

describe.skipIf('unavailable' in rgw)('headers that nobody signed, on Ceph RGW', () => {
  const address = (): RgwAddress => {
    if ('unavailable' in rgw) throw new Error(rgw.unavailable)
    return rgw
  }
  const storageOf = (
    unsignedHeaders: UnsignedHeaders,
    name = bucket,
  ): StorageOptions & { endpoint: string } => {
    const { endpoint, region, credentials } = address()
    const options = { bucket: name, region, endpoint, credentials }
    return { ...ceph({ ...options, capabilities: { unsignedHeaders } }), endpoint }
  }
  const open = () => openWitness({ storage: storageOf('named'), now: Date.now })
  let witness: ReturnType<typeof open>
  let made = 0

  beforeAll(async () => {
    witness = open()
    const { client } = witness
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
    await client.send(new CreateBucketCommand({ Bucket: locked, ObjectLockEnabledForBucket: true }))
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'secret.txt', Body: 'TOP SECRET' }))
  })
  afterAll(() => witness.client.destroy())

  /** A URL for `body`, by the bucket itself: the signer's own headers would be in the way. */
  async function presign(
    unsignedHeaders: UnsignedHeaders,
    Bucket: string,
    key: string,
    body: string,
    query = {},
  ) {
    const store = createBucket(storageOf(unsignedHeaders, Bucket))
    const session = await store.openSession(Date.now(), new AbortController().signal)
    const headers = { 'content-length': String(body.length) }
    const { url } = await store.presign({ method: 'PUT', key, query, headers, expiresIn: 60 }, session)
    return { url, headers: [] }
  }

  async function look(Bucket: string, Key: string): Promise<Seen> {
    const { client } = witness
    // An ACL for everybody takes rights from the owner, so that a look may fail.
    const head = await client
      .send(new HeadObjectCommand({ Bucket, Key }))
      .catch((error: S3ServiceException) => ({
        isMissing: error.$metadata.httpStatusCode === 404,
      }))
    const body = await client
      .send(new GetObjectCommand({ Bucket, Key }))
      .then((object) => object.Body?.transformToString())
      .catch(() => undefined)
    const acl = await client.send(new GetObjectAclCommand({ Bucket, Key })).catch(() => ({ Grants: [] }))
    return { ...head, body, isPublic: acl.Grants?.some(({ Grantee }) => Grantee?.URI?.endsWith('/AllUsers')) }
  }

  test('the table has every header that URLs name', () => {
    expect(Object.keys(table).toSorted()).toEqual(headersToName.object.toSorted())
  })

  test.each(Object.entries(table))('%s', async (name, [value, effect, more = {}]) => {
    const sent = { ...more, [name]: value }
    const body = 'x-amz-copy-source' in sent ? '' : 'abc'
    const Bucket = name.includes('object-lock') ? locked : bucket
    const [free, guarded] = [`free-${++made}`, `guarded-${made}`]
    const { status } = await send(await presign('refused', Bucket, free, body), body, sent)
    expect({ status, ...(await look(Bucket, free)) }).toMatchObject({ status: 200, ...effect })

    const target = await presign('named', Bucket, guarded, body)
    expect((await send(target, body, { [name]: value })).status).toBe(403)
    expect((await send(target, body, sent)).status).toBe(403)
    // Spelled with _, RGW reads the same header.
    const other = { [name.replaceAll('-', '_')]: value }
    expect((await send(target, body, other)).status).toBe(403)
    expect(await look(Bucket, guarded)).toMatchObject({ isMissing: true })
    expect((await send(target, body)).status).toBe(200)
  })

  test('RGW takes a header that is spelled with _ for the same one', async () => {
    const target = await presign('refused', bucket, 'underscores', '')
    expect((await send(target, '', { x_amz_copy_source: secret })).status).toBe(200)
    expect(await look(bucket, 'underscores')).toMatchObject(copied)
  })

  test.each(headersToName.part)('a part refuses %s', async (name) => {
    const { handler } = signer({ storage: storageOf('named'), now: Date.now, prefix: `part-${++made}/` })
    const receipt = await beginParts(handler)
    const part = await grantPart(handler, receipt)
    const [value = ''] = table[name] ?? []
    expect((await send(part, 'abc', { [name]: value })).status).toBe(403)
    const listed = async () => (await call(handler, post({ v: 1, action: 'list-parts', receipt }))).body
    expect(await listed()).not.toMatchObject({ parts: [{}] })
  })

  test('a plain part is taken', async () => {
    const { handler } = signer({ storage: storageOf('named'), now: Date.now })
    const receipt = await beginParts(handler)
    expect((await send(await grantPart(handler, receipt), 'abc')).status).toBe(200)
    const completed = await call(handler, post({ v: 1, action: 'complete', receipt, parts: [[1]] }))
    expect(completed.status).toBe(200)
  })

  test.each([
    ['refused', [200, 10]],
    ['named', [403, undefined]],
  ] as const)('an empty part that copies: unsigned headers %s', async (unsignedHeaders, [status, size]) => {
    const store = createBucket(storageOf(unsignedHeaders))
    const session = await store.openSession(Date.now(), new AbortController().signal)
    const key = `parts-${unsignedHeaders}`
    const uploadId = await store.createUpload(key, {}, session)
    const part = await presign(unsignedHeaders, bucket, key, '', { partNumber: '1', uploadId })
    expect((await send(part, '', { 'x-amz-copy-source': secret })).status).toBe(status)
    const list = new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId })
    const parts = await witness.client.send(list).catch(() => ({ Parts: [] }))
    expect(parts.Parts?.[0]?.Size).toBe(size)
  })

  test('a form takes no request header for anything', async () => {
    const { handler } = signer({ storage: storageOf('named'), now: Date.now })
    const { target, fields } = await grant(handler, { size: 3, accepts: ['post'] })
    const form = new FormData()
    for (const [name, value] of target.fields) form.append(name, value)
    form.append('file', new Blob(['abc']))
    const headers = {
      'x-amz-copy-source': secret,
      'x-amz-acl': 'public-read',
      'x-amz-tagging': 'a=b',
      'x-amz-website-redirect-location': '/evil',
      'x-goog-tagging': 'a=b',
      'x-amz-meta-role': 'admin',
    }
    const answer = await fetch(target.urls[0], { method: 'POST', body: form, headers })
    expect(answer.status).toBe(201)
    const key = fields.get('key') ?? ''
    const found = await look(bucket, key)
    expect(found).toMatchObject({ body: 'abc', isPublic: false, Metadata: {} })
    expect([found['TagCount'], found['WebsiteRedirectLocation']]).toEqual([undefined, undefined])
  })

  test('the headers of the route are granted and stored', async () => {
    const object = { cacheControl: 'no-store', tags: { a: 'b' }, metadata: { who: 'ann' } }
    const { handler } = signer({
      storage: storageOf('named'),
      now: Date.now,
      object,
      key: () => 'routed.png',
    })
    const target = await grantPut(handler)
    expect((await send(target, 'abc', { expires: 'x' })).status).toBe(403)
    expect((await send(target, 'abc')).status).toBe(200)
    expect(await witness.head('routed.png')).toMatchObject({
      CacheControl: 'no-store',
      TagCount: 1,
      Metadata: { who: 'ann' },
    })
  })

  test('the signer finds out by itself, and then grants forms only', async () => {
    const { handler, reports } = signer({ storage: storageOf('ask'), now: Date.now, prefix: 'asked/' })
    expect(await grantOf(handler, { accepts: ['put'] })).toBe('refused')
    expect(await grantOf(handler, { accepts: ['post', 'put'], size: 3 })).toBe('post')
    expect(reports[0]).toContain('answered 404')
    expect(await witness.keys('asked/')).toEqual([])
  })

  test('a key that only writes uploads, and copies nothing', async () => {
    const storage = { ...storageOf('taken'), grantCredentials: address().writer }
    const { handler } = signer({ storage, now: Date.now, key: () => 'written.png' })
    const target = await grantPut(handler)
    const copy = { 'x-amz-copy-source': secret }
    expect((await send(target, 'abc', copy)).status).toBe(403)
    const receipt = await beginParts(handler)
    const part = await grantPart(handler, receipt)
    expect((await send(part, 'abc', copy)).status).toBe(403)
    expect((await send(target, 'abc')).status).toBe(200)
    expect((await send(part, 'abc')).status).toBe(200)
    expect(await look(bucket, 'written.png')).toMatchObject({ body: 'abc' })
  })
})
