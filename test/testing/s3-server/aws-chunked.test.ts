import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { signingKey, signText, sha256Hex } from '../../../src/testing/s3-server/auth/signature.ts'
import { decodeAwsChunked, type Trailers } from '../../../src/testing/s3-server/body/aws-chunked.ts'
import { S3Error } from '../../../src/testing/s3-server/errors.ts'
import { serverForTests, send } from './support.ts'

const s3 = serverForTests()
const scope = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', day: '20130524', region: 'us-east-1' }
const chain = (signature: string) => ({
  key: signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope),
  scope,
  date: '20130524T000000Z',
  signature,
})
async function* cut(text: string, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
async function decode(
  text: string,
  options: { signed: boolean; trailer: boolean; seed?: string; size?: number },
) {
  const trailers: Trailers = { values: new Map() }
  const { signed, trailer, seed = '', size = 100_000 } = options
  let decoded = ''
  try {
    for await (const piece of decodeAwsChunked(
      cut(text, size),
      { signed, trailer, chain: chain(seed) },
      trailers,
    )) {
      decoded += Buffer.from(piece).toString('latin1')
    }
  } catch (error) {
    if (error instanceof S3Error) return { code: error.code, decoded, trailers: trailers.values }
    throw error
  }
  return { code: '', decoded, trailers: trailers.values }
}

describe("AWS's published examples", () => {
  const seed = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9'
  // AWS: sigv4-streaming. 66,560 bytes of `a` in chunks of 65,536, 1,024 and 0.
  const signed = [
    `10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n${'a'.repeat(65_536)}\r\n`,
    `400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n${'a'.repeat(1_024)}\r\n`,
    '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n',
  ].join('')

  test.each([1_000_000, 1_001, 7])('signed chunks, arriving %i bytes at a time', async (size) => {
    expect(signed).toHaveLength(66_824)
    const result = await decode(signed, { signed: true, trailer: false, seed, size })
    expect(result.code).toBe('')
    expect(result.decoded).toBe('a'.repeat(66_560))
  })

  // AWS: sigv4-streaming-trailers; the chunks' signatures are given in part only, so they are computed here.
  test('a signed trailer', async () => {
    const start = '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e'
    const link = chain(start)
    const next = (previous: string, data: string) =>
      signText(
        link.key,
        [
          'AWS4-HMAC-SHA256-PAYLOAD',
          link.date,
          '20130524/us-east-1/s3/aws4_request',
          previous,
          sha256Hex(''),
          sha256Hex(data),
        ].join('\n'),
      )
    const first = next(start, 'a'.repeat(65_536))
    const second = next(first, 'a'.repeat(1_024))
    const last = next(second, '')
    expect(first).toMatch(/^b474d886.*5aa2$/)
    expect(last).toBe('2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992')
    const body = (checksum: string) =>
      [
        `10000;chunk-signature=${first}\r\n${'a'.repeat(65_536)}\r\n`,
        `400;chunk-signature=${second}\r\n${'a'.repeat(1_024)}\r\n`,
        `0;chunk-signature=${last}\r\n`,
        `x-amz-checksum-crc32c:${checksum}\r\n`,
        'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
      ].join('')
    const result = await decode(body('sOO8/Q=='), { signed: true, trailer: true, seed: start })
    expect(result).toMatchObject({ code: '', trailers: new Map([['x-amz-checksum-crc32c', 'sOO8/Q==']]) })
    expect((await decode(body('AAAAAA=='), { signed: true, trailer: true, seed: start })).code).toBe(
      'SignatureDoesNotMatch',
    )
  })

  test.each<[what: string, change: (body: string) => string, code: string]>([
    ['a byte changed', (body) => body.replace('aaaa', 'aaab'), 'SignatureDoesNotMatch'],
    ['a signature changed', (body) => body.replace('ad80', 'ad81'), 'SignatureDoesNotMatch'],
    ['a chunk left out', (body) => body.replace(/400;.*?\r\na+\r\n/s, ''), 'SignatureDoesNotMatch'],
    ['no last chunk', (body) => body.slice(0, body.lastIndexOf('0;chunk')), 'IncompleteBody'],
    ['cut in the bytes', (body) => body.slice(0, 1_000), 'IncompleteBody'],
    ['bytes behind the end', (body) => `${body}x`, 'IncompleteBody'],
    [
      'a chunk that is longer than it says',
      (body) => body.replace('\r\n400;', 'a\r\n400;'),
      'IncompleteBody',
    ],
    ['a chunk without signature', (body) => body.replace(/;chunk-signature=\w+/, ''), 'IncompleteBody'],
    [
      'a trailer nobody announced',
      (body) => body.replace(/\r\n\r\n$/, '\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'),
      'IncompleteBody',
    ],
  ])('refuses %s', async (_, change, code) => {
    expect((await decode(change(signed), { signed: true, trailer: false, seed })).code).toBe(code)
  })
})

describe('unsigned, with a trailer', () => {
  const options = { signed: false, trailer: true }
  const body = `5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n`

  test.each([body, body.replace('==\r\n', '==\n\r\n')])(
    'is taken, with a line feed of its own too',
    async (text) => {
      expect(await decode(text, options)).toMatchObject({
        code: '',
        decoded: 'hello',
        trailers: new Map([['x-amz-checksum-crc32', 'NhCmhg==']]),
      })
    },
  )

  test('needs 8 KiB in all chunks but the last', async () => {
    const small = `5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n`
    expect((await decode(small, options)).code).toBe('InvalidChunkSizeError')
    const large = `2000\r\n${'x'.repeat(8_192)}\r\n5\r\nworld\r\n0\r\n\r\n`
    expect(await decode(large, options)).toMatchObject({ code: '', decoded: `${'x'.repeat(8_192)}world` })
  })

  test.each([
    '',
    'hello',
    'zz\r\nhello\r\n0\r\n\r\n',
    '5\r\nhello',
    '-5\r\n\r\n',
    '5;x=y\r\nhello\r\n0\r\n\r\n',
    `${'0'.repeat(5_000)}\r\n`,
  ])('refuses %j', async (text) => {
    expect((await decode(text, options)).code).toBe('IncompleteBody')
  })

  const put = async (key: string, text: string, headers: Record<string, string> = {}) => {
    const url = s3.client.url(key)
    const signed = await s3.client.signer.sign({
      method: 'PUT',
      url,
      bodyHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      headers: {
        'content-encoding': 'aws-chunked',
        'x-amz-trailer': 'x-amz-checksum-crc32',
        'x-amz-decoded-content-length': '5',
        ...headers,
      },
    })
    return send('PUT', url, signed, text)
  }

  test('is stored without its frame', async () => {
    const answer = await put('framed', body)
    expect(answer.status).toBe(200)
    expect(answer.headers['etag']).toBe(`"${createHash('md5').update('hello').digest('hex')}"`)
    const got = await s3.client.object('GET', 'framed')
    expect(got.text).toBe('hello')
    expect(got.headers).not.toHaveProperty('content-encoding')
  })

  test.each<[what: string, text: string, headers: Record<string, string>, code: string]>([
    ['a wrong checksum', body.replace('NhCmhg==', 'AAAAAA=='), {}, 'BadDigest'],
    ['no checksum', '5\r\nhello\r\n0\r\n\r\n', {}, 'InvalidDigest'],
    ['another trailer than announced', body.replace('crc32:', 'sha1:'), {}, 'InvalidDigest'],
    ['more trailers than announced', body.replace('\r\n\r\n', '\r\nx-evil:1\r\n\r\n'), {}, 'InvalidRequest'],
    ['fewer bytes than promised', body, { 'x-amz-decoded-content-length': '6' }, 'IncompleteBody'],
    ['more bytes than promised', body, { 'x-amz-decoded-content-length': '4' }, 'IncompleteBody'],
    ['no promise', body, { 'x-amz-decoded-content-length': '' }, 'MissingContentLength'],
    ['a trailer that is no checksum', body, { 'x-amz-trailer': 'x-amz-meta-a' }, 'InvalidRequest'],
  ])('refuses %s', async (_, text, headers, code) => {
    expect((await put('refused', text, headers)).code).toBe(code)
    expect((await s3.client.object('HEAD', 'refused')).status).toBe(404)
  })
})
