import { createHmac } from 'node:crypto'

import { S3Client } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { afterEach, describe, expect, test, vi } from 'vitest'

import type { WireEntries } from '../../src/protocol/wire.ts'
import type { StorageOptions } from '../../src/server/index.ts'
import { Reject } from '../../src/server/index.ts'
import type { Granted } from './support.ts'
import { aFile, credentials, grant, makeHandler, refusal, sign, start, storage, throwing } from './support.ts'

const week = 604_800

const step = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Fields that the policy speaks of: all but itself and its signature. */
const covered = (fields: WireEntries): WireEntries =>
  fields.filter(([name]) => name !== 'policy' && name !== 'x-amz-signature')

/** Conditions in one order, and with the names of fields in one case: S3 ignores it. */
const comparable = ({ conditions }: Granted['policy']): string[] =>
  conditions
    .map((one) => JSON.stringify(one).replace(/"x-amz-[a-z-]+"/i, (name) => name.toLowerCase()))
    .toSorted()

const lowerCase = (names: Iterable<string>): string[] =>
  [...names].map((name) => name.toLowerCase()).toSorted()

describe('a grant', () => {
  test('is for exactly this file, for its time, under a key of the server', async () => {
    const { target, fields, policy } = await grant(makeHandler(), { size: 1000 })
    expect(target.urls).toEqual(['https://uploads.s3.eu-central-1.amazonaws.com/'])
    expect(target.expiresIn).toBe(61)
    expect(policy.expiration).toBe('2026-11-20T12:01:01Z')
    expect(fields.get('key')).toMatch(/^[0-9a-f-]{36}\/photo\.png$/)
    expect(fields.get('Content-Type')).toBe('image/png')
    expect(fields.get('Content-Disposition')).toBe('attachment; filename="photo.png"')
    expect(fields.get('success_action_status')).toBe('201')
    expect(fields.has('acl')).toBe(false)
    expect(policy.conditions).toContainEqual({ bucket: 'uploads' })
    expect(policy.conditions).toContainEqual(['content-length-range', 1000, 1000])
  })

  test('leaves nothing open: each field has an exact condition, and there is no starts-with', async () => {
    const { target, policy } = await grant(makeHandler())
    const conditions = policy.conditions.map((condition) => JSON.stringify(condition))
    for (const [name, value] of covered(target.fields))
      expect(conditions).toContain(JSON.stringify({ [name]: value }))
    expect(conditions.filter((condition) => condition.includes('starts-with'))).toEqual([])
    // The fields' conditions, the bucket and the size: not one more, which a form would have to meet.
    expect(conditions).toHaveLength(target.fields.length - 2 + 2)
  })

  test('is signed as AWS says, computed here by hand', async () => {
    const { fields } = await grant(makeHandler())
    const dateKey = step(`AWS4${credentials.secretAccessKey}`, '20261120')
    const key = step(step(step(dateKey, 'eu-central-1'), 's3'), 'aws4_request')
    expect(fields.get('x-amz-signature')).toBe(step(key, fields.get('policy') ?? '').toString('hex'))
  })

  test('does not tell the secret', async () => {
    const [verdict] = await sign(makeHandler(), aFile())
    expect(JSON.stringify(verdict)).not.toContain(credentials.secretAccessKey)
  })
})

describe('against the official signer', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each<[why: string, facts: Parameters<typeof aFile>[0], over: Partial<StorageOptions>]>([
    ['a plain file', {}, {}],
    ['an empty file', { size: 0 }, {}],
    ['a name in another script', { name: '写真 (1).png' }, {}],
    ['a store of one’s own', {}, { endpoint: 'https://s3.example.net', forcePathStyle: true }],
    ['a bucket with dots', {}, { bucket: 'my.bucket.example' }],
    ['temporary credentials', {}, { credentials: { ...credentials, sessionToken: 'token/with+signs==' } }],
  ])('%s: the same fields, conditions and signature', async (_why, facts, over) => {
    const where = { ...storage, ...over }
    const { target, fields, policy } = await grant(
      makeHandler({ storage: where, secret: 'a secret for receipts' }),
      facts,
    )
    vi.useFakeTimers({ now: start, toFake: ['Date'] })
    const client = new S3Client({
      region: where.region,
      credentials: typeof where.credentials === 'function' ? credentials : where.credentials,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      ...(where.endpoint !== undefined && { endpoint: where.endpoint }),
      ...(where.forcePathStyle !== undefined && { forcePathStyle: where.forcePathStyle }),
    })
    const size = facts?.size ?? 1000
    const theirs = await createPresignedPost(client, {
      Bucket: where.bucket,
      Key: fields.get('key') ?? '',
      Conditions: [['content-length-range', size, size]],
      Fields: Object.fromEntries(target.fields.filter(([name]) => !/^(x-amz-|policy$|key$)/.test(name))),
      Expires: target.expiresIn,
    })
    // Theirs has a trailing slash in one style only; S3 takes both.
    expect(target.urls[0].replace(/\/$/, '')).toBe(theirs.url.replace(/\/$/, ''))
    const their = new Map(Object.entries(theirs.fields).map(([name, value]) => [name.toLowerCase(), value]))
    for (const [name, value] of covered(target.fields))
      expect([name, their.get(name.toLowerCase())]).toEqual([name, value])
    // `bucket` is a field of theirs only: S3 wants it in the policy, not in the form.
    expect(lowerCase(their.keys())).toEqual(lowerCase([...fields.keys(), 'bucket']))
    const theirPolicy = JSON.parse(
      Buffer.from(their.get('policy') ?? '', 'base64').toString(),
    ) as Granted['policy']
    expect(comparable(policy)).toEqual(comparable(theirPolicy))
    expect(Date.parse(policy.expiration)).toBe(Date.parse(theirPolicy.expiration))
  })
})

describe('life', () => {
  test.each([
    [0, undefined, 60],
    [1, undefined, 61],
    [65_536, undefined, 61],
    [65_537, undefined, 62],
    [100 * 1024 ** 2, undefined, 1660],
    [5 * 1024 ** 3, undefined, 81_980],
    [1000, 3600, 3600],
    [1000, 10, 61],
    [1000, 3601, 3600],
    [1000, week + 1, 3600],
    [1000, 1e12, 3600],
    [100 * 1024 ** 2, 1e12, 12_860],
    [5 * 1024 ** 3, 1e12, 86_400],
  ])('%d bytes, at least %s seconds: %d', async (size, minimumLife, expected) => {
    const { target, policy } = await grant(makeHandler(), {
      size,
      ...(minimumLife !== undefined && { minimumLife }),
    })
    expect(target.expiresIn).toBe(expected)
    expect(Date.parse(policy.expiration)).toBe(start + expected * 1000)
  })

  test.each([
    [100, 99, 99],
    [100, 3600, 100],
    [week, 1e12, week],
    [30, undefined, 30],
  ])(
    'a route that allows %s seconds, asked for %s, grants %d',
    async (maxGrantLife, minimumLife, expected) => {
      const handler = makeHandler({ maxGrantLife })
      const asked = { size: 1000, ...(minimumLife !== undefined && { minimumLife }) }
      expect((await grant(handler, asked)).target.expiresIn).toBe(expected)
    },
  )

  test('never longer than the credentials', async () => {
    const temporary = { ...credentials, sessionToken: 't', expiration: new Date(start + 300_000) }
    const handler = makeHandler({
      storage: { ...storage, credentials: temporary },
      secret: 'a secret for receipts',
    })
    expect((await grant(handler, { size: 1 })).target.expiresIn).toBe(61)
    expect((await grant(handler, { size: 1, minimumLife: 3600 })).target.expiresIn).toBe(300)
  })
})

describe('rules', () => {
  const handler = makeHandler({
    accept: { 'image/*': [], 'application/pdf': ['.pdf'] },
    minSize: 10,
    maxSize: 2000,
    maxFiles: 2,
  })

  test.each([
    ['a fitting one', {}, undefined],
    ['the smallest', { size: 10 }, undefined],
    ['the largest', { size: 2000 }, undefined],
    ['too small', { size: 9 }, 'file-too-small'],
    ['too large', { size: 2001 }, 'file-too-large'],
    ['wrong type', { name: 'a.txt', type: 'text/plain' }, 'file-invalid-type'],
    ['no type, wrong extension', { name: 'a.mkv', type: '' }, 'file-invalid-type'],
    ['no type, right extension', { name: 'a.heic', type: '' }, undefined],
    ['no way to send it', { accepts: ['carrier-pigeon'] }, 'refused'],
  ])('%s: %s', async (_why, facts, code) => {
    expect(await refusal(handler, facts)).toBe(code)
  })

  test('a refusal tells the limit and the value, and spares the other files', async () => {
    const verdicts = await sign(handler, aFile({ size: 5000 }), aFile({ id: 'item-2' }))
    expect(verdicts[0]).toEqual({
      ok: false,
      error: {
        code: 'file-too-large',
        message: 'A file may have at most 2000 bytes.',
        limit: 2000,
        actual: 5000,
      },
    })
    expect(verdicts[1]?.ok).toBe(true)
  })

  test('the files beyond maxFiles are refused', async () => {
    const verdicts = await sign(handler, aFile(), aFile(), aFile())
    expect(verdicts.map(({ ok }) => ok)).toEqual([true, true, false])
    expect(verdicts[2]).toMatchObject({ error: { code: 'too-many-files', limit: 2, actual: 3 } })
  })

  test('5 GiB at most where nothing is said', async () => {
    expect(await refusal(makeHandler(), { size: 5 * 1024 ** 3 })).toBeUndefined()
    expect(await refusal(makeHandler(), { size: 5 * 1024 ** 3 + 1 })).toBe('file-too-large')
  })
})

describe('key', () => {
  test('gets the file and the user', async () => {
    const handler = makeHandler({ key: ({ file, user }) => `users/${user.id}/${file.id}-${file.safeName}` })
    const { fields } = await grant(handler, { name: '../a b.png', id: 'i1' })
    expect(fields.get('key')).toBe('users/ann/i1-a_b.png')
  })

  test('is refused for this file if it cannot be used, and the app is told why', async () => {
    const errors: unknown[] = []
    const handler = makeHandler({
      key: ({ file }) => `in/${file.name}`,
      onError: (error) => errors.push(error),
    })
    const verdicts = await sign(handler, aFile({ name: '../x.png' }), aFile({ name: 'fine.png' }))
    expect(verdicts[0]).toMatchObject({ ok: false, error: { code: 'refused' } })
    expect(verdicts[1]?.ok).toBe(true)
    expect(String(errors)).toContain('key() made a key that has a segment of dots')
  })

  test('may reject a file in words for the user', async () => {
    const key = throwing(new Reject('Your space is used up.'))
    const [verdict] = await sign(makeHandler({ key }), aFile())
    expect(verdict).toEqual({ ok: false, error: { code: 'refused', message: 'Your space is used up.' } })
  })
})

describe('renewal', () => {
  const renewed = { reason: 'renew' as const }

  test('is for the same key, under a new signature and for a longer life', async () => {
    const first = await grant(makeHandler())
    const later = makeHandler({ now: () => start + 3_600_000 })
    const second = await grant(later, { ...renewed, receipt: first.receipt, minimumLife: 900 })
    expect(second.fields.get('key')).toBe(first.fields.get('key'))
    expect(second.receipt).toBe(first.receipt)
    expect(second.target.expiresIn).toBe(900)
    expect(second.fields.get('x-amz-date')).toBe('20261120T130000Z')
    expect(second.fields.get('x-amz-signature')).not.toBe(first.fields.get('x-amz-signature'))
  })

  test('keeps the name of the first grant', async () => {
    const { receipt } = await grant(makeHandler(), { name: 'old.png' })
    const { fields } = await grant(makeHandler(), { ...renewed, receipt, name: 'new.png' })
    expect(fields.get('Content-Disposition')).toContain('old.png')
  })

  test('does not ask for another key', async () => {
    const key = vi.fn(() => 'once')
    const handler = makeHandler({ key })
    const { receipt } = await grant(handler)
    await grant(handler, { ...renewed, receipt })
    expect(key).toHaveBeenCalledTimes(1)
  })

  test.each([
    ['another size', { size: 1001 }],
    ['another type', { name: 'a.gif', type: 'image/gif' }],
    ['another item', { id: 'item-2' }],
  ])('is refused for %s', async (_why, facts) => {
    const { receipt } = await grant(makeHandler())
    expect(await refusal(makeHandler(), { ...renewed, receipt, ...facts })).toBe('refused')
  })

  test('is refused to another user', async () => {
    const { receipt } = await grant(makeHandler())
    const bob = makeHandler({ authorize: () => ({ id: 'bob' }) })
    expect(await refusal(bob, { ...renewed, receipt })).toBe('refused')
  })

  test('is refused for a receipt of another bucket', async () => {
    const { receipt } = await grant(makeHandler({ storage: { ...storage, bucket: 'other' } }))
    expect(await refusal(makeHandler(), { ...renewed, receipt })).toBe('refused')
  })

  test('is refused for a forged receipt', async () => {
    const { receipt } = await grant(makeHandler())
    expect(await refusal(makeHandler(), { ...renewed, receipt: `${receipt.slice(0, -5)}AAAAA` })).toBe(
      'refused',
    )
  })

  test('keeps to rules that have changed since', async () => {
    const { receipt } = await grant(makeHandler())
    expect(await refusal(makeHandler({ maxSize: 999 }), { ...renewed, receipt })).toBe('file-too-large')
  })

  test('ends 7 days after the first grant', async () => {
    const { receipt } = await grant(makeHandler())
    const lastDay = makeHandler({ now: () => start + week * 1000 })
    const tooLate = makeHandler({ now: () => start + week * 1000 + 1 })
    expect(await refusal(lastDay, { ...renewed, receipt })).toBeUndefined()
    expect(await refusal(tooLate, { ...renewed, receipt })).toBe('expired')
  })

  test('without a receipt is a first grant, and a restart gets another key', async () => {
    const first = await grant(makeHandler(), renewed)
    const again = await grant(makeHandler(), { reason: 'restart', receipt: first.receipt })
    expect(again.fields.get('key')).not.toBe(first.fields.get('key'))
  })
})

describe('where forms go', () => {
  test.each<[Partial<StorageOptions>, string]>([
    [{}, 'https://uploads.s3.eu-central-1.amazonaws.com/'],
    [{ region: 'cn-north-1' }, 'https://uploads.s3.cn-north-1.amazonaws.com.cn/'],
    [{ bucket: 'my.bucket' }, 'https://s3.eu-central-1.amazonaws.com/my.bucket'],
    [{ endpoint: 'https://s3.example.net/' }, 'https://uploads.s3.example.net/'],
    [{ endpoint: 'http://127.0.0.1:9000' }, 'http://127.0.0.1:9000/uploads'],
    [{ endpoint: 'http://[::1]:9000' }, 'http://[::1]:9000/uploads'],
    [{ endpoint: 'http://minio:9000', forcePathStyle: true }, 'http://minio:9000/uploads'],
    [{ endpoint: 'https://example.net/s3/', forcePathStyle: true }, 'https://example.net/s3/uploads'],
    [
      { endpoint: 'http://minio:9000', publicEndpoint: 'https://files.example.com', forcePathStyle: true },
      'https://files.example.com/uploads',
    ],
  ])('%j: %s', async (over, expected) => {
    const { target } = await grant(makeHandler({ storage: { ...storage, ...over } }))
    expect(target.urls).toEqual([expected])
  })
})

test('inline lets browsers open what is named, but never what runs scripts by a wildcard', async () => {
  const handler = makeHandler({ inline: ['image/*'] })
  const png = await grant(handler)
  expect(png.fields.get('Content-Disposition')).toBe('inline; filename="photo.png"')
  const svg = await grant(handler, { name: 'a.svg', type: 'image/svg+xml' })
  expect(svg.fields.get('Content-Disposition')).toBe('attachment; filename="a.svg"')
})

test('the fields stay far below the 20 KiB that S3 reads before a file', async () => {
  const name = `${'写'.repeat(500)}.png`
  const temporary = { ...credentials, sessionToken: 'x'.repeat(2048) }
  const handler = makeHandler({
    storage: { ...storage, credentials: temporary },
    secret: 'a secret for receipts',
  })
  const { target } = await grant(handler, { name })
  expect(JSON.stringify(target.fields).length).toBeLessThan(12_000)
})
