/** Options of a handler and its storage that make no sense, and what is no router. */
import { describe, expect, test } from 'vitest'

import {
  ceph,
  corsRules,
  createUploadHandler,
  createUploadRouter,
  iamPolicy,
  lifecycleRules,
  minio,
  r2,
  route,
} from '../../src/server/index.ts'
import { credentials, storage } from './support.ts'
import { doors, refusalBy, never, thrownBy, untyped } from './wrong-values.ts'

const authorize = (): string => 'ann'

describe('a wrong option of a handler or its storage is refused', () => {
  test.each<[name: string, value: unknown]>([
    ['origins', 'https://app.example.com'],
    ['origins', [undefined]],
    ['origins', [['https://app.example.com']]],
    ['origins', new Set(['https://app.example.com'])],
    ['origins', {}],
    ['secret', ' '.repeat(20)],
    ['secret', 1_234_567_890_123_456],
    ['secret', new Uint8Array(32)],
    ['rateLimit', 5],
    ['fetch', 'fetch'],
    ['now', Date.now()],
    ['onError', console],
    ['storage', undefined],
    ['storage', Promise.resolve(storage)],
    ['storage', [storage]],
    ['storage', () => storage],
  ])('%s: %o', (name, value) => {
    expect(refusalBy(() => doors.handler({ [name]: value }))).toContain(name)
  })

  test.each<[name: string, value: unknown]>([
    ['bucket', undefined],
    ['bucket', 'my bucket'],
    ['bucket', 'a/b'],
    ['bucket', '..'],
    ['bucket', '?a'],
    ['region', undefined],
    ['region', ' '],
    ['region', 'eu/central'],
    ['region', 'eu-central-1.evil.example/'],
    ['endpoint', 'minio:9000'],
    ['endpoint', 'ftp://minio'],
    ['endpoint', new URL('https://minio.example')],
    ['endpoint', 'https://undefined.r2.cloudflarestorage.com'],
    ['endpoint', 'https://.r2.cloudflarestorage.com'],
    ['publicEndpoint', '/s3'],
    ['forcePathStyle', 'false'],
    ['forcePathStyle', 1],
    ['accelerate', 'no'],
    ['dualStack', 0],
    ['publicEndpointIsBucket', 'false'],
    ['credentials', undefined],
    ['credentials', Promise.resolve(credentials)],
    ['credentials.accessKeyId', { ...credentials, accessKeyId: '' }],
    ['credentials.accessKeyId', { ...credentials, accessKeyId: undefined }],
    ['credentials.secretAccessKey', { ...credentials, secretAccessKey: '' }],
    ['credentials.secretAccessKey', { ...credentials, secretAccessKey: 'undefined' }],
    ['credentials.sessionToken', { ...credentials, sessionToken: '' }],
    ['credentials.accessKeyId', { ...credentials, accessKeyId: 'AKIA\n' }],
    ['credentials.accessKeyId', { ...credentials, accessKeyId: 'AKIA\u200B' }],
    ['credentials.accessKeyId', { ...credentials, accessKeyId: 'AKIA/x' }],
    ['credentials.accessKeyId', { ...credentials, accessKeyId: 'AKIA,x' }],
    ['credentials.secretAccessKey', { ...credentials, secretAccessKey: 'é' }],
    ['credentials.secretAccessKey', { ...credentials, secretAccessKey: ' secret' }],
    ['credentials.secretAccessKey', { ...credentials, secretAccessKey: 'secret\r\n' }],
    ['credentials.sessionToken', { ...credentials, sessionToken: 'a b' }],
    ['region', 'eu-central-1\n'],
    ['bucket', 'uploads\n'],
    ['credentials.expiration', { ...credentials, expiration: '2027-01-01' }],
    ['credentials.expiration', { ...credentials, expiration: 1_800_000_000_000 }],
    ['credentials.expiration', { ...credentials, expiration: new Date('soon') }],
    ['capabilities', 'r2'],
    ['capabilities.post', { post: 'false' }],
    ['capabilities.largestCopy', { largestCopy: NaN }],
    ['capabilities.checksums', { checksums: 'sha256' }],
    ['capabilities.checksums', { checksums: ['md5'] }],
    ['capabilities.cors', { cors: 'none' }],
    ['capabilities.acls', { acls: 'private' }],
    ['capabilities.encryption', { encryption: [undefined] }],
    ['capabilities.POST', { POST: false }],
    ['capabilities.unsignedHeaders', { unsignedHeaders: 'Refused' }],
    ['capabilities.unsignedHeaders', { unsignedHeaders: false }],
  ])('storage.%s: %o', (name, value) => {
    expect(refusalBy(() => doors.storage({ [name.replace(/\..*/, '')]: value }))).toContain(`storage.${name}`)
  })

  test('no message tells a secret', () => {
    const secret = 'wJalrXUtnFEMI-short'
    const runs = [
      () => doors.handler({ secret: secret.slice(0, 12) }),
      () => doors.storage({ credentials: secret }),
      () => doors.storage({ bucket: `${secret} ` }),
    ]
    for (const run of runs) expect(String(thrownBy(run))).not.toContain('wJalr')
  })
})

test.each<[why: string, run: () => unknown]>([
  ['nothing', () => untyped(createUploadHandler, undefined)],
  ['a Promise of a router', () => untyped(createUploadHandler, Promise.resolve({}), { storage })],
  [
    'routes in place of a router',
    () => untyped(createUploadHandler, { a: route({ authorize }) }, { storage }),
  ],
  [
    'a router without options',
    () => untyped(createUploadHandler, createUploadRouter({ a: route({ authorize }) })),
  ],
  [
    'a router in place of options',
    () => {
      const router = createUploadRouter({ a: route({ authorize }) })
      return untyped(createUploadHandler, router, router)
    },
  ],
  ['a hand-made router', () => untyped(createUploadHandler, { routes: { a: { authorize } } }, { storage })],
  [
    'a hand-made router with a wrong limit',
    () =>
      untyped(createUploadHandler, { routes: new Map([['a', { authorize, maxSize: NaN }]]) }, { storage }),
  ],
  [
    'options beside the short form, which would be ignored',
    () => untyped(createUploadHandler, { storage, authorize }, { storage, rateLimit: never }),
  ],
  [
    'inherited options, which a copy would lose',
    () => untyped(createUploadHandler, Object.assign(Object.create({ maxSize: 5 }), { storage, authorize })),
  ],
  ['a list of routes', () => untyped(createUploadRouter, [route({ authorize })])],
  ['a Map of routes', () => untyped(createUploadRouter, new Map([['a', route({ authorize })]]))],
  ['options in place of a route', () => untyped(createUploadRouter, { a: { authorize } })],
  ['a Promise of a route', () => untyped(createUploadRouter, { a: Promise.resolve(route({ authorize })) })],
  ['no route', () => untyped(createUploadRouter, { a: undefined })],
  ['policies of no router', () => untyped(iamPolicy, {}, { bucket: 'b' })],
  ['rules of no router', () => untyped(lifecycleRules, undefined)],
])('createUploadHandler() and its kin refuse %s', (_why, run) => {
  expect(thrownBy(run)).toBeInstanceOf(TypeError)
})

describe('documents of the bucket', () => {
  const router = createUploadRouter({ a: route({ authorize }) })

  test.each([undefined, '', '*', 'a/b', 'undefined', 5])('iamPolicy() refuses the bucket %o', (bucket) => {
    expect(refusalBy(() => untyped(iamPolicy, router, { bucket }))).toContain('bucket')
  })
  test.each(['https://a.example', undefined, ['*'], [undefined]])(
    'corsRules() refuses origins %o',
    (list) => {
      expect(refusalBy(() => untyped(corsRules, router, list))).toContain('origins')
    },
  )
  test.each([NaN, '8', null, '8 days', 8n])('lifecycleRules() refuses %s days', (days) => {
    expect(() => untyped(lifecycleRules, router, days)).toThrow(/days/)
  })
})

test.each([
  ['minio', minio],
  ['ceph', ceph],
])('%s() refuses a missing endpoint, as AWS would get the files', (_name, preset) => {
  expect(refusalBy(() => untyped(preset, { bucket: 'b', credentials, endpoint: undefined }))).toContain(
    'endpoint',
  )
})

test.each([undefined, '', 'undefined', null])('r2() with the account %o makes no handler', (accountId) => {
  const made = untyped(r2, { bucket: 'b', credentials, accountId })
  expect(refusalBy(() => doors.shortForm({ storage: made }))).toContain('endpoint')
})
