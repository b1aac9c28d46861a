import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What is stored beside the bytes: the same in every way of sending, and nothing else than was signed. */
import { GetObjectTaggingCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ObjectOptions } from '../../src/server/index.ts'
import {
  ceph,
  createUploadRouter,
  decodeMetadata,
  encodeMetadata,
  r2,
  route,
} from '../../src/server/index.ts'
import { objectHeaders } from '../../src/server/object-options.ts'
import type { S3Server } from '../../src/testing/s3-server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import type { Store } from './store-suite.ts'
import {
  aRequest,
  backendFor,
  bytesOf,
  callTo,
  carryOut,
  granted,
  handlerFor,
  openWitness,
  put,
} from './store-suite.ts'

const authorize = (): string => 'ann'
const ways = [['post'], ['put'], ['multipart']] as const
let server: S3Server
let r2Server: S3Server

beforeAll(async () => {
  server = await startS3Server({ region: 'eu-central-1' })
  r2Server = await startS3Server({ region: 'auto', dialect: 'r2' })
  await Promise.all([server.createBucket('uploads'), r2Server.createBucket('uploads')])
})

afterAll(async () => {
  await Promise.all([server.close(), r2Server.close()])
})

function local(): Store {
  const { endpoint, region, credentials } = server
  return { storage: { bucket: 'uploads', region, endpoint, credentials }, now: Date.now }
}

/** Sends with these options, one way after the other, and gives the keys. */
async function sendEachWay(object: ObjectOptions, store = local(), handler = {}): Promise<string[]> {
  const router = createUploadRouter({ files: route({ authorize, object, onComplete: ({ key }) => key }) })
  const call = callTo(handlerFor(store, router, handler))
  const backend = backendFor('files')
  const keys: string[] = []
  for (const accepts of ways) {
    const content = bytesOf(20)
    const [grant] = await backend.createUploads([aRequest(content, { accepts })], call)
    await carryOut(granted(grant), content, backend, call)
    const result = await backend.confirm?.(granted(grant).ref, { location: '' }, aRequest(content), call)
    keys.push(typeof result === 'string' ? result : '')
  }
  return keys
}

test('all that a route says is stored, in every way of sending', async () => {
  const keys = await sendEachWay({
    cacheControl: 'public, max-age=60',
    contentDisposition: 'attachment; filename="fixed.png"',
    contentEncoding: 'gzip',
    storageClass: 'STANDARD_IA',
    sse: 'AES256',
    tags: { team: 'a b=c+d Ä', empty: '' },
    metadata: { Title: 'Ünïcode 写真 😀', spaces: ' two  in a row ', percent: '100%' },
  })
  const witness = openWitness(local())
  for (const key of keys) {
    expect(await witness.head(key)).toMatchObject({
      CacheControl: 'public, max-age=60',
      ContentDisposition: 'attachment; filename="fixed.png"',
      ContentEncoding: 'gzip',
      ContentType: 'image/png',
      StorageClass: 'STANDARD_IA',
      ServerSideEncryption: 'AES256',
    })
    const { Metadata = {} } = await witness.head(key)
    expect(
      Object.fromEntries(Object.entries(Metadata).map(([name, text]) => [name, decodeMetadata(text)])),
    ).toEqual({
      title: 'Ünïcode 写真 😀',
      spaces: ' two  in a row ',
      percent: '100%',
    })
    const tags = await witness.client.send(new GetObjectTaggingCommand({ Bucket: 'uploads', Key: key }))
    expect(tags.TagSet?.toSorted((a, b) => (a.Key ?? '').localeCompare(b.Key ?? ''))).toEqual([
      { Key: 'empty', Value: '' },
      { Key: 'team', Value: 'a b=c+d Ä' },
    ])
  }
  witness.client.destroy()
})

test('temporary credentials of a provider function do for everything', async () => {
  const session = server.issueSession({})
  const { storage } = local()
  const store = { storage: { ...storage, credentials: () => Promise.resolve(session) }, now: Date.now }
  expect(await sendEachWay({}, store, { secret: 'a secret for receipts' })).toHaveLength(3)
})

test('metadata in any script comes back as it was', () => {
  for (const text of [
    '',
    ' ',
    'a',
    '%',
    '%41',
    '100% $1',
    '  x  y  ',
    'Ä写😀',
    '\n',
    'a\u0000b',
    '${filename}',
    '=?UTF-8?Q?x?=',
  ]) {
    const encoded = encodeMetadata(text)
    expect(encoded).toMatch(/^[\x20-\x7E]*$/)
    expect(encoded).not.toMatch(/^ | $| {2}|\$|=\?/)
    expect(decodeMetadata(encoded)).toBe(text)
  }
  expect(decodeMetadata('100%')).toBe('100%')
})

test.each<[why: string, options: ObjectOptions]>([
  ['a line end in a header', { cacheControl: 'a\r\nx-amz-acl: public-read' }],
  ['a header beyond ASCII', { storageClass: 'Ä' }],
  ['a variable', { cacheControl: '${filename}' }],
  ['eleven tags', { tags: Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`${at}`, ''])) }],
  ['a nameless tag', { tags: { '': 'x' } }],
  ['a tag with a control character', { tags: { a: '\0' } }],
  ['a tag that S3 refuses', { tags: { a: '<b>' } }],
])('%s is refused', (_why, options) => {
  expect(() => objectHeaders(options)).toThrow(TypeError)
})

describe('createOnly', () => {
  test.each([[['put']], [['multipart']]] as const)('%j does not replace what is there', async (accepts) => {
    const key = `fixed/${accepts[0]}.png`
    const router = createUploadRouter({
      files: route({ authorize, key: () => key, object: { createOnly: true } }),
    })
    const call = callTo(handlerFor(local(), router))
    const backend = backendFor('files')
    const [first, second] = [bytesOf(20), bytesOf(20).toReversed()]
    for (const content of [first, second]) {
      const [grant] = await backend.createUploads([aRequest(content, { accepts })], call)
      const sent = carryOut(granted(grant), content, backend, call)
      // oxlint-disable-next-line vitest/no-conditional-expect -- the first is taken, the second is not
      if (content === second) await expect(sent).rejects.toThrow(/412|already/)
      else await sent
    }
    const witness = openWitness(local())
    expect(await witness.read(key)).toEqual(first)
    witness.client.destroy()
  })

  test('cannot be a form', async () => {
    const router = createUploadRouter({ files: route({ authorize, object: { createOnly: true } }) })
    const asked = [
      aRequest(bytesOf(1), { accepts: ['post'] }),
      aRequest(bytesOf(1), { accepts: ['post', 'put'] }),
    ]
    const grants = await backendFor('files').createUploads(asked, callTo(handlerFor(local(), router)))
    expect(grants).toMatchObject([
      { ok: false, error: { code: 'refused' } },
      { ok: true, target: { type: 'put' } },
    ])
  })
})

describe('checksums', () => {
  const content = bytesOf(1000)
  const other = content.with(500, 7)
  const digests = {
    sha256: createHash('sha256').update(content).digest('base64'),
    crc32: Buffer.from(crc32(content).toString(16).padStart(8, '0'), 'hex').toString('base64'),
  }
  const router = createUploadRouter({ files: route({ authorize, prefix: 'checked/' }) })
  const ask = async (algorithm: 'sha256' | 'crc32', accepts: readonly ('post' | 'put' | 'multipart')[]) => {
    const call = callTo(handlerFor(local(), router))
    const checksum = { algorithm, value: digests[algorithm] }
    const [grant] = await backendFor('files').createUploads([aRequest(content, { accepts, checksum })], call)
    return { grant, call }
  }

  test.each([
    ['sha256', ['post']],
    ['crc32', ['post']],
    ['sha256', ['put']],
    ['crc32', ['put']],
  ] as const)('%s by %j: S3 takes these bytes and no others', async (algorithm, accepts) => {
    const { grant, call } = await ask(algorithm, accepts)
    const mine = granted(grant)
    const backend = backendFor('files')
    await expect(carryOut(mine, other, backend, call)).rejects.toThrow(/answered|store|not-stored|checksum/)
    await expect(
      backend.confirm?.(mine.ref, { location: '' }, aRequest(content), call),
    ).rejects.toMatchObject({
      retry: 'restart',
    })
    await carryOut(mine, content, backend, call)
    expect(await backend.confirm?.(mine.ref, { location: '' }, aRequest(content), call)).toBeNull()
  })

  test('crc64nvme in parts: other bytes are removed when they are completed', async () => {
    const witness = openWitness(local())
    await witness.client.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'sample', Body: content }))
    const sample = await witness.client.send(
      new HeadObjectCommand({ Bucket: 'uploads', Key: 'sample', ChecksumMode: 'ENABLED' }),
    )
    const checksum = { algorithm: 'crc64nvme', value: sample.ChecksumCRC64NVME ?? '' } as const
    const call = callTo(
      handlerFor(local(), createUploadRouter({ files: route({ authorize, prefix: 'crc64/' }) })),
    )
    const backend = backendFor('files')
    const asked = aRequest(content, { accepts: ['multipart'], checksum })
    const lying = granted((await backend.createUploads([asked], call))[0])
    await expect(carryOut(lying, other, backend, call)).rejects.toMatchObject({ retry: 'restart' })
    expect(await witness.keys('crc64/')).toEqual([])
    const again = { ...asked, reason: 'restart', previous: lying.ref } as const
    const honest = granted((await backend.createUploads([again], call))[0])
    await carryOut(honest, content, backend, call)
    expect(await backend.confirm?.(honest.ref, { location: '' }, asked, call)).toBeNull()
    witness.client.destroy()
  })

  test('of a kind that S3 cannot check is refused, not passed over', async () => {
    expect((await ask('sha256', ['multipart'])).grant).toMatchObject({
      ok: false,
      error: { code: 'refused' },
    })
  })
})

test('R2 takes no forms: files go as PUT and in parts by themselves', async () => {
  const { endpoint, credentials } = r2Server
  const store = { storage: r2({ accountId: 'a', bucket: 'uploads', endpoint, credentials }), now: Date.now }
  const router = createUploadRouter({ files: route({ authorize, multipartFrom: 100 }) })
  const call = callTo(handlerFor(store, router))
  const backend = backendFor('files')
  for (const [size, type] of [
    [20, 'put'],
    [100, 'multipart'],
  ] as const) {
    const content = bytesOf(size)
    const [grant] = await backend.createUploads([aRequest(content)], call)
    expect(granted(grant).target.type).toBe(type)
    await carryOut(granted(grant), content, backend, call)
    expect(await backend.confirm?.(granted(grant).ref, { location: '' }, aRequest(content), call)).toBeNull()
  }
  const [refused] = await backend.createUploads([aRequest(bytesOf(1), { accepts: ['post'] })], call)
  expect(refused).toMatchObject({ ok: false, error: { code: 'refused' } })
})

test('where a store forgets the headers of forms, files go as PUT, and what a browser might run goes as bytes in a form', async () => {
  const { endpoint, credentials, region } = server
  const store = { storage: ceph({ bucket: 'uploads', region, endpoint, credentials }), now: Date.now }
  const call = callTo(handlerFor(store, createUploadRouter({ files: route({ authorize }) })))
  const svg = { name: 'a.svg', type: 'image/svg+xml' }
  const grants = await backendFor('files').createUploads(
    [
      aRequest(bytesOf(1)),
      aRequest(bytesOf(1), { accepts: ['post'] }),
      aRequest(bytesOf(1), svg),
      aRequest(bytesOf(1), { accepts: ['post'], ...svg }),
    ],
    call,
  )
  expect(grants.map((grant) => (grant.ok ? grant.target.type : grant.error.code))).toEqual([
    'put',
    'post',
    'put',
    'post',
  ])
  const types = grants.map((grant) => {
    const { target } = granted(grant)
    return target.type === 'post' ? new Map(target.fields).get('Content-Type') : undefined
  })
  expect(types).toEqual([undefined, 'image/png', undefined, 'application/octet-stream'])
})

test('after a 501 the same object is granted as PUT', async () => {
  const { endpoint, credentials, region } = r2Server
  const storage = { bucket: 'uploads', region, endpoint, credentials }
  const call = callTo(
    handlerFor({ storage, now: Date.now }, createUploadRouter({ files: route({ authorize }) })),
  )
  const backend = backendFor('files')
  const content = bytesOf(20)
  const asked = aRequest(content)
  const first = granted((await backend.createUploads([asked], call))[0])
  await expect(carryOut(first, content, backend, call)).rejects.toThrow('501')
  const again = { ...asked, reason: 'renew', previous: first.ref, accepts: ['put'] } as const
  const second = granted((await backend.createUploads([again], call))[0])
  expect(second.ref).toBe(first.ref)
  await carryOut(second, content, backend, call)
  expect(await backend.confirm?.(first.ref, { location: '' }, asked, call)).toBeNull()
})

test('a presigned PUT is of no use for another method', async () => {
  const call = callTo(handlerFor(local(), createUploadRouter({ files: route({ authorize }) })))
  const [grant] = await backendFor('files').createUploads([aRequest(bytesOf(5), { accepts: ['put'] })], call)
  const { target } = granted(grant)
  if (target.type !== 'put') throw new Error(target.type)
  const { url, headers } = target.request
  expect((await put(url, headers, bytesOf(5))).status).toBe(200)
  for (const method of ['GET', 'DELETE', 'HEAD'])
    expect((await fetch(url, { method, headers: Object.fromEntries(headers) })).status).toBe(403)
})
