/**
 * 2,400 generated inputs, each signed by us and by the official SDK: the two must agree to the byte. Presigned requests
 * (PUT, GET, parts) and POST policies; what the SDK leaves unsigned (Content-Type) it is told to sign, as we do.
 */
import { GetObjectCommand, PutObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'

import { encodeKey } from '../../src/s3/key.ts'
import { signPolicy } from '../../src/s3/post-policy.ts'
import { createSigner } from '../../src/s3/sigv4.ts'

const casesOfEach = 600

/** mulberry32: small, and the same on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const random = randomFrom(20_261_120)
const below = (limit: number): number => Math.floor(random() * limit)
const pick = <T>(list: readonly [T, ...T[]]): T => list[below(list.length)] ?? list[0]
const pieces = [
  'a',
  'Z',
  '9',
  ' ',
  '+',
  '#',
  '?',
  '&',
  '=',
  '%',
  '%2F',
  "'",
  '(',
  ')',
  '*',
  '!',
  '~',
  '-',
  '_',
  '.x',
  ',',
  ';',
  ':',
  '@',
  '"',
  '<',
  'é',
  'Ж',
  '写',
  '😀',
  '{',
  '|',
  '^',
  '`',
  '[',
]
const word = (most: number): string =>
  Array.from({ length: 1 + below(most) }, () => pieces[below(pieces.length)] ?? 'a').join('')
// A segment of dots alone cannot be reached over a URL.
const aKey = (): string => Array.from({ length: 1 + below(4) }, () => `${word(8)}k`).join('/')
const ascii = (most: number): string => word(most).replace(/[^\x21-\x7E]/gu, 'x')

const clients: S3Client[] = []
afterAll(() => clients.forEach((client) => client.destroy()))
afterEach(() => {
  vi.useRealTimers()
})

interface Place {
  readonly bucketUrl: string
  readonly bucket: string
  readonly region: string
  readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  readonly client: S3Client
  readonly now: Date
}

const places: Place[] = []
beforeEach(() => {
  if (places.length > 0) return
  for (const region of ['us-east-1', 'eu-central-1', 'ap-southeast-2'])
    for (const style of ['host', 'path', 'other'] as const)
      for (const isTemporary of [false, true]) {
        const bucket = style === 'path' ? 'my.bucket.example' : `bucket-${region}`
        const credentials = {
          accessKeyId: `AKIA${region.toUpperCase()}`,
          secretAccessKey: `secret/${region}+x=`,
          ...(isTemporary && { sessionToken: 'token/with+signs==' }),
        }
        const client = new S3Client({
          region,
          credentials,
          requestChecksumCalculation: 'WHEN_REQUIRED',
          forcePathStyle: style !== 'host',
          ...(style === 'other' && { endpoint: 'http://127.0.0.1:9000' }),
        })
        clients.push(client)
        const host = style === 'other' ? 'http://127.0.0.1:9000' : `https://s3.${region}.amazonaws.com`
        const bucketUrl =
          style === 'host' ? `https://${bucket}.s3.${region}.amazonaws.com` : `${host}/${bucket}`
        const now = new Date(
          Date.UTC(2020 + below(10), below(12), 1 + below(28), below(24), below(60), below(60)),
        )
        places.push({ bucketUrl, bucket, region, credentials, client, now })
      }
})

const nextPlace = (): Place => {
  const place = places[below(places.length)]
  if (!place) throw new Error('no place')
  vi.useFakeTimers({ now: place.now, toFake: ['Date'] })
  return place
}

// The SDK says so in the URL, too; AWS takes it for granted (sigv4-query-string-auth), and so do we.
const unsigned = 'X-Amz-Content-Sha256=UNSIGNED-PAYLOAD'

/** What a presigned URL says, without the order of its parameters, which is not signed. */
function comparable(address: string): object {
  const { protocol, host, pathname, searchParams } = new URL(address)
  // The SDK names its command (`x-id`); we are asked to sign the same.
  return { protocol, host, pathname, query: [...searchParams].toSorted(([a], [b]) => (a < b ? -1 : 1)) }
}

test(`${casesOfEach} presigned PUTs`, async () => {
  for (let at = 0; at < casesOfEach; at++) {
    const { bucketUrl, bucket, region, credentials, client, now } = nextPlace()
    const key = aKey()
    const expiresIn = 1 + below(604_800)
    const type = pick(['image/png', 'text/plain', 'application/x-a+b', 'application/octet-stream'])
    const size = below(2 ** 31)
    const [disposition, createOnly] = [
      `attachment; filename="${ascii(6).replaceAll('"', '')}"`,
      random() < 0.5,
    ]
    const metadata = Object.fromEntries(
      Array.from({ length: below(3) }, (_, index) => [`m${index}`, ascii(5)]),
    )
    const headers = {
      'content-type': type,
      'content-length': String(size),
      'content-disposition': disposition,
      ...(createOnly && { 'if-none-match': '*' }),
      ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
    }
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      ContentType: type,
      ContentLength: size,
      ContentDisposition: disposition,
      Metadata: metadata,
      ...(createOnly && { IfNoneMatch: '*' }),
    })
    const names = new Set(Object.keys(headers))
    const theirs = await getSignedUrl(client, command, {
      expiresIn,
      signableHeaders: names,
      unhoistableHeaders: names,
    })
    const url = `${bucketUrl}/${encodeKey(key)}?x-id=PutObject&${unsigned}`
    const ours = await createSigner({ credentials, region }).presign({
      method: 'PUT',
      url,
      headers,
      expiresIn,
      now,
    })
    expect(comparable(ours.url)).toEqual(comparable(theirs))
    expect(ours.headers).toEqual(headers)
  }
})

test(`${casesOfEach} presigned parts`, async () => {
  for (let at = 0; at < casesOfEach; at++) {
    const { bucketUrl, bucket, region, credentials, client, now } = nextPlace()
    const [key, uploadId] = [aKey(), word(12)]
    const [number, size, expiresIn] = [1 + below(10_000), below(2 ** 31), 1 + below(604_800)]
    const command = new UploadPartCommand({
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
      PartNumber: number,
      ContentLength: size,
    })
    const theirs = await getSignedUrl(client, command, { expiresIn })
    const query = new URLSearchParams({ partNumber: `${number}`, uploadId, 'x-id': 'UploadPart' })
    const ours = await createSigner({ credentials, region }).presign({
      method: 'PUT',
      url: `${bucketUrl}/${encodeKey(key)}?${query.toString()}&${unsigned}`,
      headers: { 'content-length': String(size) },
      expiresIn,
      now,
    })
    expect(comparable(ours.url)).toEqual(comparable(theirs))
  }
})

test(`${casesOfEach} presigned GETs`, async () => {
  for (let at = 0; at < casesOfEach; at++) {
    const { bucketUrl, bucket, region, credentials, client, now } = nextPlace()
    const [key, expiresIn, disposition] = [aKey(), 1 + below(604_800), `inline; filename=${word(4)}`]
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ResponseContentDisposition: disposition,
    })
    const theirs = await getSignedUrl(client, command, { expiresIn })
    const query = new URLSearchParams({ 'response-content-disposition': disposition, 'x-id': 'GetObject' })
    // The SDK asks for the object's digests.
    if (new URL(theirs).searchParams.has('x-amz-checksum-mode')) query.set('x-amz-checksum-mode', 'ENABLED')
    const ours = await createSigner({ credentials, region }).presign({
      method: 'GET',
      url: `${bucketUrl}/${encodeKey(key)}?${query.toString()}&${unsigned}`,
      expiresIn,
      now,
    })
    expect(comparable(ours.url)).toEqual(comparable(theirs))
  }
})

test(`${casesOfEach} POST policies: their text, signed by us, has their signature`, async () => {
  for (let at = 0; at < casesOfEach; at++) {
    const { bucket, region, credentials, client, now } = nextPlace()
    const fields = Object.fromEntries(
      ['Content-Type', 'Content-Disposition', 'x-amz-meta-a', 'tagging', 'success_action_status']
        .filter(() => random() < 0.6)
        .map((name) => [name, word(9)]),
    )
    const most = below(2 ** 40)
    const theirs = await createPresignedPost(client, {
      Bucket: bucket,
      Key: aKey(),
      Fields: fields,
      Conditions: [['content-length-range', below(most + 1), most]],
      Expires: 1 + below(604_800),
    })
    const their = new Map(Object.entries(theirs.fields).map(([name, value]) => [name.toLowerCase(), value]))
    const text = Buffer.from(their.get('policy') ?? '', 'base64').toString()
    const ours = await signPolicy(text, { credentials, region, now })
    expect(ours).toEqual({ policy: their.get('policy'), signature: their.get('x-amz-signature') })
  }
})
