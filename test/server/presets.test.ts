/** Each preset does what a route asks for, or refuses it when the handler is made, and says why. */
import { describe, expect, onTestFinished, test } from 'vitest'

import type { ObjectOptions, RouteOptions, StorageOptions } from '../../src/server/index.ts'
import { b2, ceph, createUploadRouter, minio, r2, route, s3 } from '../../src/server/index.ts'
import type { S3Server, S3ServerOptions } from '../../src/testing/s3-server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import {
  aRequest,
  authorize,
  backendFor,
  bytesOf,
  callTo,
  carryOut,
  granted,
  handlerFor,
} from './store-suite.ts'

type Given = Pick<S3Server, 'endpoint' | 'region' | 'credentials'> & { readonly bucket: string }

const presets: Readonly<Record<string, [make: (given: Given) => StorageOptions, server: S3ServerOptions]>> = {
  s3: [(given) => s3(given), {}],
  r2: [
    (given) => r2({ ...given, accountId: 'abc', forcePathStyle: true }),
    { dialect: 'r2', region: 'auto' },
  ],
  b2: [(given) => b2({ ...given, forcePathStyle: true }), {}],
  ceph: [(given) => ceph(given), { unsignedHeaders: 'named' }],
  minio: [(given) => minio(given), { unsignedHeaders: 'taken' }],
  'minio with a second key': [
    (given) => minio({ ...given, grantCredentials: given.credentials }),
    { unsignedHeaders: 'taken' },
  ],
}

const asks: Readonly<Record<string, Partial<RouteOptions<{ id: string }>>>> = {
  'an HTML file': {},
  createOnly: { object: { createOnly: true } },
  'Cache-Control': { object: { cacheControl: 'private, max-age=60' } },
  tags: { object: { tags: { team: 'a' } } },
  'an empty file': {},
  parts: { transport: 'multipart' },
}

/** What is refused, and the word that says why. All else works. */
const refused: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  r2: { tags: 'tags' },
  b2: { createOnly: 'If-None-Match', tags: 'tags' },
  minio: { createOnly: 'grantCredentials', parts: 'grantCredentials' },
}

const cases = Object.keys(presets).flatMap((preset) =>
  Object.keys(asks).map((ask) => [preset, ask, refused[preset]?.[ask]] as const),
)

async function open(preset: string): Promise<StorageOptions> {
  const [make, options] = presets[preset] ?? []
  if (!make) throw new Error(`There is no preset ${preset}.`)
  const server = await startS3Server({ region: 'eu-central-1', ...options })
  onTestFinished(() => server.close())
  await server.createBucket('uploads')
  const { endpoint, region, credentials } = server
  return make({ bucket: 'uploads', endpoint, region, credentials })
}

const handler = (storage: StorageOptions, ask: string) => {
  const files = route({ authorize, prefix: 'files/', view: true, ...asks[ask] })
  return handlerFor({ storage, now: Date.now }, createUploadRouter({ files }))
}

test.each(cases.filter(([, , why]) => why !== undefined))(
  '%s refuses %s at start: %s',
  async (preset, ask, why) => {
    const storage = await open(preset)
    expect(() => handler(storage, ask)).toThrow(why)
  },
)

test.each(cases.filter(([, , why]) => why === undefined))('%s: %s', async (preset, ask) => {
  const call = callTo(handler(await open(preset), ask))
  const backend = backendFor('files')
  const content = bytesOf(ask === 'an empty file' ? 0 : 1000)
  const file = aRequest(content, { name: 'page.html', type: 'text/html' })
  const mine = granted((await backend.createUploads([file], call))[0])
  await carryOut(mine, content, backend, call)
  expect(await backend.confirm?.(mine.ref, { location: '' }, file, call)).toBeNull()
  const seen = await fetch((await backend.view?.(mine.ref, call))?.url ?? '')
  expect(new Uint8Array(await seen.arrayBuffer())).toEqual(content)
  // A page is a download, or bytes of no type.
  const isHarmless =
    seen.headers.get('content-disposition')?.startsWith('attachment') === true ||
    seen.headers.get('content-type') === 'application/octet-stream'
  expect(isHarmless).toBe(true)
  // Fetch adds no-cache to each request that has If-None-Match.
  const cached = { 'Cache-Control': 'private, max-age=60', createOnly: 'no-cache' }[ask] ?? null
  expect(seen.headers.get('cache-control')).toBe(cached)
})

describe('values that a store takes, and those that it would refuse or ignore', () => {
  const kms = { kmsKeyId: 'key-1' }
  const endpoint = 'https://s3.example.com'
  const given = { bucket: 'uploads', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }
  const stores: Readonly<Record<string, StorageOptions>> = {
    s3: s3({ ...given, region: 'eu-central-1' }),
    r2: r2({ ...given, accountId: 'abc' }),
    b2: b2({ ...given, region: 'eu-central-003' }),
    ceph: ceph({ ...given, endpoint }),
    minio: minio({ ...given, endpoint }),
  }
  const routerOf = (object: ObjectOptions | (() => ObjectOptions)) =>
    createUploadRouter({ files: route({ authorize, prefix: 'files/', object }) })

  test.each<[store: string, name: string, value: ObjectOptions]>([
    ['r2', 'acl', { acl: 'public-read' }],
    ['r2', 'sse', { sse: 'AES256' }],
    ['r2', 'sse', { sse: kms }],
    ['r2', 'storageClass', { storageClass: 'GLACIER' }],
    ['b2', 'acl', { acl: 'public-read-write' }],
    ['b2', 'sse', { sse: kms }],
    ['b2', 'storageClass', { storageClass: 'STANDARD_IA' }],
    ['minio', 'acl', { acl: 'public-read' }],
    ['ceph', 'metadata', { metadata: { album_id: 'a' } }],
    ['minio', 'storageClass', { storageClass: 'STANDARD_IA' }],
  ])('%s refuses %s %j, at start or when a hook answers it', async (store, name, object) => {
    const storage = stores[store]
    if (!storage) throw new Error(store)
    expect(() => handlerFor({ storage, now: Date.now }, routerOf(object))).toThrow(
      `files, object: this store`,
    )
    const reports: string[] = []
    const onError = (error: unknown): void => void reports.push(String(error))
    const granting = handlerFor(
      { storage, now: Date.now },
      routerOf(() => object),
      { onError },
    )
    const [verdict] = await backendFor('files').createUploads([aRequest(bytesOf(10))], callTo(granting))
    expect(verdict).toMatchObject({ ok: false, error: { code: 'refused' } })
    expect(reports).toEqual([expect.stringContaining(` ${name} `)])
  })

  test.each<[store: string, value: ObjectOptions]>([
    ['s3', { acl: 'public-read', sse: kms, storageClass: 'GLACIER' }],
    ['ceph', { acl: 'public-read', sse: kms, storageClass: 'COLD' }],
    ['r2', { acl: 'private', storageClass: 'STANDARD' }],
    ['r2', { storageClass: 'STANDARD_IA' }],
    ['b2', { acl: 'public-read', sse: 'AES256', storageClass: 'STANDARD' }],
    ['minio', { acl: 'private', sse: kms, storageClass: 'REDUCED_REDUNDANCY' }],
  ])('%s takes %j', (store, object) => {
    const storage = stores[store]
    if (!storage) throw new Error(store)
    expect(() => handlerFor({ storage, now: Date.now }, routerOf(object))).not.toThrow()
  })

  test('an app that knows better says so', () => {
    const capabilities = { acls: 'any', storageClasses: ['COLD'] } as const
    const storage = r2({ ...given, accountId: 'abc', capabilities })
    const object = { acl: 'public-read', storageClass: 'COLD' }
    expect(() => handlerFor({ storage, now: Date.now }, routerOf(object))).not.toThrow()
  })
})
