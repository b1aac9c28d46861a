/** Options of a wrong type: each is refused at start, by a TypeError that names it. */
import { anything, assert, constantFrom, oneof, property } from 'fast-check'
import { describe, expect, test } from 'vitest'

import { handlerChecks, sweepChecks } from '../../src/server/handler-checks.ts'
import {
  ceph,
  createUploadRouter,
  minio,
  privateAttachments,
  publicImages,
  r2,
  s3,
} from '../../src/server/index.ts'
import { objectChecks, routeChecks } from '../../src/server/route-checks.ts'
import { storageChecks } from '../../src/server/storage/storage-checks.ts'
import { credentials, storage } from './support.ts'
import type { Loose } from './wrong-values.ts'
import { doors, refusalBy, looseSweep, never, neverRight, thrownBy, untyped } from './wrong-values.ts'

const authorize = (): string => 'ann'
const tables = [
  ['route', routeChecks],
  ['shortForm', routeChecks],
  ['shortForm', handlerChecks],
  ['handler', handlerChecks],
  ['storage', storageChecks],
] as const

describe.each(tables)('%s', (door, checks) => {
  test.each(Object.keys(checks))('%s refuses values that are right for no option', (name) => {
    for (const [, value] of neverRight)
      expect(refusalBy(() => doors[door]({ [name]: value }))).toContain(name)
  })
})

test.each(Object.keys(objectChecks))('object.%s refuses values that are right for no option', (name) => {
  for (const [, value] of neverRight) {
    expect(refusalBy(() => doors.route({ object: { [name]: value } }))).toContain(`object.${name}`)
  }
})

test.each(Object.keys(sweepChecks).filter((name) => name !== 'days'))(
  'sweep() refuses wrong values of %s',
  async (name) => {
    for (const [, value] of neverRight)
      await expect(looseSweep({ [name]: value })).rejects.toThrow(new RegExp(`${name}.* must be`))
  },
)

test.each([NaN, '8', undefined, null, 8n, Infinity, [8]])('sweep() refuses %o days', async (days) => {
  await expect(looseSweep({ days })).rejects.toThrow(/days must be/)
})

test('sweep() refuses a clock that tells no number', async () => {
  for (const time of [NaN, new Date(), '0'])
    await expect(looseSweep({ now: () => time })).rejects.toThrow('now() must return')
})

describe('a limit that is there but undefined is refused, as of a missing variable', () => {
  test.each([
    'accept',
    'minSize',
    'maxSize',
    'maxFiles',
    'quota',
    'prefix',
    'promote',
    'maxGrantLife',
    'maxOpenUploads',
  ])('%s of a route', (name) => {
    expect(refusalBy(() => doors.route({ [name]: undefined }))).toContain(`${name} must be set or left out`)
    expect(refusalBy(() => doors.shortForm({ [name]: undefined }))).toContain(
      `${name} must be set or left out`,
    )
  })
  test.each(['secret', 'name', 'rateLimit'])('%s of a handler', (name) => {
    expect(refusalBy(() => doors.handler({ [name]: undefined }))).toContain(`${name} must be set or left out`)
  })
  test('grantCredentials of the storage', () => {
    expect(refusalBy(() => doors.storage({ grantCredentials: undefined }))).toContain('grantCredentials')
  })
  test.each(['sse', 'createOnly'])('%s of an object', (name) => {
    expect(refusalBy(() => doors.route({ object: { [name]: undefined } }))).toContain(`object.${name}`)
  })
})

test.each(['userId', 'rejects', 'metadata', 'key', 'inline', 'onComplete', 'view', 'transport', 'partSize'])(
  'undefined counts as left out for %s, which is no limit',
  (name) => {
    expect(() => doors.route({ [name]: undefined })).not.toThrow()
  },
)

test.each([
  ['maxsize', 'maxSize'],
  ['allowedTypes', 'accept'],
  ['Accept', 'accept'],
  ['ratelimit', 'rateLimit'],
])('%s is refused as unknown, with %s as a hint', (name, hint) => {
  const error = thrownBy(() => doors.shortForm({ [name]: 1 }))
  expect(String(error)).toMatch(new RegExp(`${name} is no option.*${hint}`))
})

test('an option of the other half is refused, since nobody would read it', () => {
  expect(refusalBy(() => doors.handler({ maxSize: 5 }))).toContain('maxSize is no option')
  expect(refusalBy(() => doors.route({ rateLimit: never }))).toContain('rateLimit is no option')
  const route1 = { default: { options: { authorize, secret: 'x'.repeat(20) } } }
  expect(refusalBy(() => untyped(createUploadRouter, route1))).toContain('secret is no option')
})

test('right options pass: presets, functions, no limit, and a limit of 0', () => {
  const right: Loose[] = [
    { ...privateAttachments() },
    { ...publicImages(), maxSize: Infinity, maxFiles: Infinity },
    { maxSize: 0, maxFiles: 0, minSize: 0 },
    { maxSize: 1.1 * 1024 ** 2, multipartFrom: 1.5e6, partSize: 5 * 1024 ** 2 },
    { accept: { 'image/*': ['.png', 'JPG', ' .tar.gz '], '.PDF': [], 'Text/Plain': [] } },
    { accept: Object.assign(Object.create(null), { 'image/*': [] }) },
    { object: () => ({}), view: () => true, delete: false, inline: ['*/*', 'application/pdf'] },
    { object: { sse: { kmsKeyId: 'k' }, tags: { a: '' }, metadata: { a: '' }, createOnly: false } },
    { metadata: { '~standard': { version: 1, vendor: 'own', validate: never } }, prefix: 'undefined-ly/' },
    { uploadState: never, maxGrantLife: 60, maxOpenUploads: Infinity },
  ]
  for (const options of right) {
    expect(() => doors.route(options)).not.toThrow()
    expect(() => doors.shortForm(options)).not.toThrow()
  }
  class Provided {
    accessKeyId = 'a'
    secretAccessKey = 'b'
    credentialScope = 'more'
  }
  for (const options of [
    s3({ ...storage, credentials: new Provided(), capabilities: { post: false } }),
    { ...storage, endpoint: undefined, grantCredentials: never, accelerate: true },
    { ...storage, credentials: { ...credentials, sessionToken: undefined, expiration: new Date() } },
    r2({ bucket: 'b', credentials, accountId: 'abc' }),
    minio({ bucket: 'b', credentials, endpoint: 'http://127.0.0.1:9000' }),
    ceph({ bucket: 'tenant:b', credentials, endpoint: 'http://[::1]:9000' }),
  ])
    expect(() => doors.storage({ ...options })).not.toThrow()
})

/** Written apart from the checks: which values of any kind an option may take. */
const isFunction = (value: unknown): boolean => typeof value === 'function'
const isSize = (value: unknown): boolean => typeof value === 'number' && value >= 0
const mayBe: Readonly<Record<string, (value: unknown) => boolean>> = {
  maxSize: isSize,
  minSize: (value) => isSize(value) && Number(value) <= 5 * 1024 ** 3,
  maxFiles: (value) => isSize(value) && (Number.isInteger(value) || value === Infinity),
  maxOpenUploads: (value) => isSize(value) && (Number.isInteger(value) || value === Infinity),
  quota: isFunction,
  rateLimit: isFunction,
  authorize: isFunction,
  userId: (value) => value === undefined || isFunction(value),
  key: (value) => value === undefined || isFunction(value),
  view: (value) => value === undefined || typeof value === 'boolean' || isFunction(value),
  delete: (value) => value === undefined || typeof value === 'boolean' || isFunction(value),
  secret: (value) => typeof value === 'string' && value.trim().length > 0 && value.length >= 16,
  origins: (value) => value === undefined || (Array.isArray(value) && value.length === 0),
  rejects: (value) =>
    value === undefined || (Array.isArray(value) && value.every((one) => typeof one === 'string')),
}

test('an option of any other type than its own is refused by name', { timeout: 60_000 }, () => {
  const values = oneof(
    anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true }),
    constantFrom(...neverRight.map(([, value]) => value)),
  )
  assert(
    property(constantFrom(...Object.keys(mayBe)), values, (name, value) => {
      if (mayBe[name]?.(value)) return
      expect(refusalBy(() => doors.shortForm({ [name]: value }))).toContain(name)
    }),
    { numRuns: 3000 },
  )
})
