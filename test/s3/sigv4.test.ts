import { createHash, createHmac } from 'node:crypto'

import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { describe, expect, test } from 'vitest'

import { createSigner, emptyBodyHash, unsignedPayload } from '../../src/s3/sigv4.ts'

// AWS's published example credentials.
const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const region = 'us-east-1'
const signer = createSigner({ credentials, region })
const host = 'https://examplebucket.s3.amazonaws.com'
const now = new Date('2013-05-24T00:00:00Z')
const presignedGet = async (rest: string) =>
  (await signer.presign({ method: 'GET', url: `${host}/${rest}`, expiresIn: 60, now })).url
const signBody = (bodyHash: string) => signer.sign({ method: 'PUT', url: `${host}/a`, bodyHash, now })
const signatureOf = (authorization: string | undefined) => authorization?.split('Signature=')[1]

describe('published vectors', () => {
  test('presigned GET (AWS: sigv4-query-string-auth)', async () => {
    const { url, headers } = await signer.presign({
      method: 'GET',
      url: `${host}/test.txt`,
      expiresIn: 86_400,
      now,
    })
    expect(url).toBe(
      `${host}/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404`,
    )
    expect(headers).toEqual({})
  })

  // AWS: sig-v4-header-based-auth, "Examples: Signature Calculations".
  test.each<
    [
      string,
      'GET' | 'PUT',
      path: string,
      headers: Record<string, string>,
      bodyHash: string,
      signature: string,
    ]
  >([
    [
      'GET with a range',
      'GET',
      '/test.txt',
      { Range: 'bytes=0-9' },
      emptyBodyHash,
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'a bare parameter',
      'GET',
      '/?lifecycle',
      {},
      emptyBodyHash,
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'parameters in any order',
      'GET',
      '/?prefix=J&max-keys=2',
      {},
      emptyBodyHash,
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('%s', async (_, method, path, headers, bodyHash, signature) => {
    const signed = await signer.sign({ method, url: `${host}${path}`, headers, bodyHash, now })
    expect(signatureOf(signed['authorization'])).toBe(signature)
    expect(signed['x-amz-content-sha256']).toBe(bodyHash)
    expect(signed['x-amz-date']).toBe('20130524T000000Z')
    expect(signed).not.toHaveProperty('host')
  })
})

const client = (session?: string) =>
  new S3Client({
    region,
    credentials: { ...credentials, ...(session !== undefined && { sessionToken: session }) },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })

/** The SDK adds two parameters of its own; signing its URL without its signature must give its signature. */
const unsigned = (signed: string) => {
  const url = new URL(signed)
  for (const name of new Set(url.searchParams.keys())) {
    if (/^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token)$/i.test(name)) {
      url.searchParams.delete(name)
    }
  }
  return url.href
}

describe('as the official SDK', () => {
  test.each(['a.txt', 'ünï 日本 +&=?#%.txt', "it's (1)!*~", 'a//b/', 'a/%2F/b', '$x'])(
    'presigned PUT of %s',
    async (Key) => {
      const sdk = await getSignedUrl(
        client(),
        new PutObjectCommand({
          Bucket: 'examplebucket',
          Key,
          ContentLength: 7,
          ContentType: 'image/png',
          IfNoneMatch: '*',
        }),
        { expiresIn: 600, signingDate: now, signableHeaders: new Set(['content-type']) },
      )
      const { url, headers } = await signer.presign({
        method: 'PUT',
        url: unsigned(sdk),
        headers: { 'Content-Type': 'image/png', 'content-length': '7', 'if-none-match': '*' },
        expiresIn: 600,
        now,
      })
      expect(Object.fromEntries(new URL(url).searchParams)).toEqual(
        Object.fromEntries(new URL(sdk).searchParams),
      )
      expect(new URL(url).pathname).toBe(new URL(sdk).pathname)
      expect(headers).toEqual({ 'content-type': 'image/png', 'content-length': '7', 'if-none-match': '*' })
    },
  )

  test('with a session token', async () => {
    const sdk = await getSignedUrl(
      client('tok/en+='),
      new GetObjectCommand({ Bucket: 'examplebucket', Key: 'a' }),
      {
        expiresIn: 600,
        signingDate: now,
      },
    )
    const session = createSigner({ credentials: { ...credentials, sessionToken: 'tok/en+=' }, region })
    const { url } = await session.presign({ method: 'GET', url: unsigned(sdk), expiresIn: 600, now })
    expect(new URL(url).searchParams.get('X-Amz-Security-Token')).toBe('tok/en+=')
    expect(new URL(url).searchParams.get('X-Amz-Signature')).toBe(
      new URL(sdk).searchParams.get('X-Amz-Signature'),
    )
  })
})

const signedHeaders = (url: string) => new URL(url).searchParams.get('X-Amz-SignedHeaders')

const presignedAt = async (origin: string) =>
  new URL((await signer.presign({ method: 'GET', url: `${origin}/b/a`, expiresIn: 60, now })).url)

describe('what is signed', () => {
  test.each([
    'Content-Type',
    'Cache-Control',
    'x-amz-meta-a',
    'x-amz-checksum-crc32',
    'If-None-Match',
    'Content-MD5',
    'User-Agent',
    'Range',
  ])('%s, as a header and not in the query', async (name) => {
    const sign = (value: string) =>
      signer.presign({ method: 'PUT', url: `${host}/a`, headers: { [name]: value }, expiresIn: 60, now })
    const { url, headers } = await sign('value-1')
    const { url: other } = await sign('value-2')
    expect(signedHeaders(url)?.split(';')).toContain(name.toLowerCase())
    expect(headers).toEqual({ [name.toLowerCase()]: 'value-1' })
    expect(url).not.toContain('value-1')
    expect(new URL(other).searchParams.get('X-Amz-Signature')).not.toBe(
      new URL(url).searchParams.get('X-Amz-Signature'),
    )
  })

  test('a port that is not the default is part of the host', async () => {
    const plain = await presignedAt('http://127.0.0.1')
    expect((await presignedAt('http://127.0.0.1:80')).href).toBe(plain.href)
    const other = await presignedAt('http://127.0.0.1:9000')
    expect(other.host).toBe('127.0.0.1:9000')
    expect(other.searchParams.get('X-Amz-Signature')).not.toBe(plain.searchParams.get('X-Amz-Signature'))
  })

  test('however path and query are encoded, the same URL comes out', async () => {
    const wanted = await presignedGet('it%27s%20%281%29%21%2A?prefix=a%20b%2Bc&x=&y=1&y=2')
    expect(wanted).toContain('/it%27s%20%281%29%21%2A?prefix=a%20b%2Bc&x=&y=1&y=2&X-Amz-')
    expect(await presignedGet("it's (1)!*?prefix=a+b%2bc&x&y=1&y=2")).toBe(wanted)
  })

  test('the body, when signing by header', async () => {
    const unsignedBody = await signBody(unsignedPayload)
    expect(unsignedBody['x-amz-content-sha256']).toBe('UNSIGNED-PAYLOAD')
    expect(signatureOf(unsignedBody['authorization'])).not.toBe(
      signatureOf((await signBody(emptyBodyHash))['authorization']),
    )
  })
})

test.each([0, -1, 604_801, 1.5, Number.NaN])('a life of %s seconds is refused', async (expiresIn) => {
  await expect(signer.presign({ method: 'GET', url: `${host}/a`, expiresIn, now })).rejects.toThrow(
    RangeError,
  )
})

describe('headers that are named as signed and that nobody sends', () => {
  const absent = ['x-amz-acl', 'cache-control']
  const request = { method: 'PUT', url: `${host}/a`, expiresIn: 60, now } as const

  test('stand in SignedHeaders and in the canonical list, not among the canonical headers', async () => {
    const { url, headers } = await signer.presign({ ...request, headers: { 'Content-Type': 'a/b' }, absent })
    const { searchParams } = new URL(url)
    const names = 'cache-control;content-type;host;x-amz-acl'
    expect(searchParams.get('X-Amz-SignedHeaders')).toBe(names)
    expect(headers).toEqual({ 'content-type': 'a/b' })
    const query = url.slice(url.indexOf('?') + 1, url.indexOf('&X-Amz-Signature'))
    const canonical = `PUT\n/a\n${query}\ncontent-type:a/b\nhost:${new URL(host).host}\n\n${names}\nUNSIGNED-PAYLOAD`
    const scope = '20130524/us-east-1/s3/aws4_request'
    const hash = createHash('sha256').update(canonical).digest('hex')
    const key = ['20130524', region, 's3', 'aws4_request'].reduce<string | Buffer>(
      (secret, text) => createHmac('sha256', secret).update(text).digest(),
      `AWS4${credentials.secretAccessKey}`,
    )
    const signature = createHmac('sha256', key).update(
      `AWS4-HMAC-SHA256\n20130524T000000Z\n${scope}\n${hash}`,
    )
    expect(searchParams.get('X-Amz-Signature')).toBe(signature.digest('hex'))
  })

  test('are left out where the request has them', async () => {
    const sent = { ...request, headers: { 'cache-control': 'no-store' } }
    expect(await signer.presign({ ...sent, absent: ['cache-control', 'host'] })).toEqual(
      await signer.presign(sent),
    )
  })
})
