/** The signer against a store that checks: what it grants is taken, what is changed is not, and confirm sees which. */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import type { SignFile, WireEntries } from '../../src/protocol/wire.ts'
import type { S3Server } from '../../src/testing/s3-server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import type { Granted, Options } from './support.ts'
import { about, call, grant, makeHandler, only, start } from './support.ts'

const bucket = 'uploads'
let server: S3Server
let client: S3Client
let now = start

beforeAll(async () => {
  server = await startS3Server({ region: 'eu-central-1', now: () => new Date(now) })
  await server.createBucket(bucket)
  const { endpoint, region, credentials } = server
  client = new S3Client({
    endpoint,
    region,
    credentials: { ...credentials },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    // The SDK signs with the machine's clock, the server has another one.
    systemClockOffset: start - Date.now(),
  })
})

afterAll(async () => {
  client.destroy()
  await server.close()
})

beforeEach(() => {
  now = start
})

function signer(options: Options = {}) {
  const { endpoint, region, credentials } = server
  return makeHandler({
    storage: { bucket, region, endpoint, credentials },
    now: () => now,
    fetch: (url, init) => fetch(url, init),
    ...options,
  })
}

const bytes = (size: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: size }, (_, at) => at % 251)

/** Sends the form as a browser does: the fields in order, the file last. */
async function send(
  { target }: Granted,
  content: Uint8Array<ArrayBuffer>,
  fields: WireEntries = target.fields,
) {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  form.append('file', new File([content], 'whatever.bin', { type: 'text/html' }))
  const answer = await fetch(target.urls[0], { method: 'POST', body: form })
  return { status: answer.status, text: await answer.text() }
}

const confirm = async (receipt: string, options: Options = {}) =>
  only(await call(signer(options), about('confirm', receipt)))

test.each([0, 1, 1000, 300_000])('a file of %d bytes: granted, sent, found, the same', async (size) => {
  const onComplete = vi.fn(({ key }: { key: string }) => ({ photo: key }))
  const granted = await grant(signer(), { size, name: 'mein Bild (ü).png' })
  expect(await send(granted, bytes(size))).toMatchObject({ status: 201 })
  const answer = await confirm(granted.receipt, { onComplete })
  const key = granted.fields.get('key')
  expect(answer).toMatchObject({ status: 200, body: { stored: { key, size }, result: { photo: key } } })
  expect(onComplete).toHaveBeenCalledOnce()
  const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  expect(object.ContentType).toBe('image/png')
  expect(object.ContentDisposition).toBe(
    `attachment; filename="mein_Bild_(_).png"; filename*=UTF-8''mein_Bild_%28%C3%BC%29.png`,
  )
  expect(answer.body['stored']).toMatchObject({ etag: object.ETag })
  expect(await object.Body?.transformToByteArray()).toEqual(bytes(size))
})

test.each([
  'a b.png',
  'a+b.png',
  'a#b?c.png',
  '%2e%2e%2f.png',
  '写真 😀.png',
  "it's.png",
  'a%b.png',
  '..png',
])('the key of %j arrives as it was granted, also where the app keeps the name', async (name) => {
  const key = `names/${name}`
  const granted = await grant(signer({ key: () => key }), { size: 3, name })
  expect((await send(granted, bytes(3))).status).toBe(201)
  expect(await confirm(granted.receipt)).toMatchObject({ status: 200, body: { stored: { key } } })
  const listed = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key }))
  expect(listed.Contents?.map(({ Key }) => Key)).toEqual([key])
})

describe('a changed form is refused, and nothing is stored', () => {
  const change = (name: string, value: string) => (fields: WireEntries) =>
    fields.map(([own, old]) => [own, own.toLowerCase() === name ? value : old] as const)
  const widen = (fields: WireEntries) =>
    fields.map(([name, value]) => {
      if (name !== 'policy') return [name, value] as const
      const text = Buffer.from(value, 'base64')
        .toString()
        .replace('"content-length-range",10,10', '"content-length-range",0,999')
      return [name, Buffer.from(text).toString('base64')] as const
    })

  test.each<[why: string, change: (fields: WireEntries) => WireEntries, size: number]>([
    ['another key', change('key', 'users/bob/photo.png'), 10],
    ['another type', change('content-type', 'text/html'), 10],
    ['shown instead of downloaded', change('content-disposition', 'inline'), 10],
    ['another status', change('success_action_status', '200'), 10],
    ['another day', change('x-amz-date', '20261121T120000Z'), 10],
    ['another signature', change('x-amz-signature', '0'.repeat(64)), 10],
    ['a wider policy', widen, 999],
    ['a field more', (fields) => [...fields, ['x-amz-meta-role', 'admin']], 10],
    ['an acl', (fields) => [...fields, ['acl', 'public-read']], 10],
    ['a redirect', (fields) => [...fields, ['success_action_redirect', 'https://evil.example/']], 10],
    ['no type', (fields) => fields.filter(([name]) => name !== 'Content-Type'), 10],
    ['no policy', (fields) => fields.filter(([name]) => name !== 'policy'), 10],
    ['a byte too many', (fields) => fields, 11],
    ['a byte too few', (fields) => fields, 9],
    ['nothing at all', (fields) => fields, 0],
  ])('%s', async (_why, tamper, size) => {
    const granted = await grant(signer(), { size: 10 })
    const { status } = await send(granted, bytes(size), tamper(granted.target.fields))
    expect(status).toBeGreaterThanOrEqual(400)
    expect(await confirm(granted.receipt)).toMatchObject({ status: 409, body: { code: 'not-stored' } })
    const listed = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'users/' }))
    expect(listed.Contents ?? []).toEqual([])
  })
})

test('a policy that has run out is refused; its renewal is taken, under the same key', async () => {
  const facts: Partial<SignFile> = { size: 10 }
  const first = await grant(signer(), facts)
  now = start + (first.target.expiresIn + 1) * 1000
  const late = await send(first, bytes(10))
  expect(late.status).toBe(403)
  expect(late.text).toContain('Policy expired')
  const second = await grant(signer(), {
    ...facts,
    reason: 'renew',
    receipt: first.receipt,
    minimumLife: 900,
  })
  expect(second.fields.get('key')).toBe(first.fields.get('key'))
  now += 899_000
  expect((await send(second, bytes(10))).status).toBe(201)
  expect((await confirm(first.receipt)).status).toBe(200)
})

test('temporary credentials sign, and end with their policies', async () => {
  const session = server.issueSession({})
  const { endpoint, region } = server
  const options: Options = {
    storage: { bucket, region, endpoint, credentials: () => Promise.resolve(session) },
    secret: 'a secret for receipts',
  }
  const granted = await grant(signer(options), { size: 10 })
  expect(granted.fields.get('x-amz-security-token')).toBe(session.sessionToken)
  expect((await send(granted, bytes(10))).status).toBe(201)
  expect((await confirm(granted.receipt, options)).status).toBe(200)
})

test('an object that somebody replaced by another size is not confirmed', async () => {
  const key = (): string => 'same'
  const mine = await grant(signer({ key }), { size: 10 })
  await send(mine, bytes(10))
  const other = await grant(signer({ key }), { size: 11 })
  await send(other, bytes(11))
  expect(await confirm(mine.receipt)).toMatchObject({ status: 409, body: { code: 'not-stored' } })
})

test('keys that the store does not know are the server’s trouble', async () => {
  const { receipt } = await grant(signer(), { size: 10 })
  const { endpoint, region, credentials } = server
  const onError = vi.fn()
  const wrong = { bucket, region, endpoint, credentials: { ...credentials, accessKeyId: 'nobody' } }
  expect(await confirm(receipt, { storage: wrong, onError })).toMatchObject({
    status: 502,
    body: { code: 'storage-failed' },
  })
  expect(String(onError.mock.calls[0]?.[0])).toContain('s3:GetObject')
})
