import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { unsignedPayload } from '../../../src/s3/sigv4.ts'
import { computeSignature, signingKey } from '../../../src/testing/s3-server/auth/signature.ts'
import { Query } from '../../../src/testing/s3-server/http/query.ts'
import { bucket, Client, credentials, send, serverForTests } from './support.ts'

const s3 = serverForTests()
const laterBySecond = (date: string) => date.replace(/.Z$/, (end) => `${(Number(end[0]) + 1) % 10}Z`)
const lacking = (headers: Record<string, string>, name: string) =>
  Object.fromEntries(Object.entries(headers).filter(([own]) => own !== name))
const hash = (text: string) => createHash('sha256').update(text).digest('hex')

describe("AWS's published signatures, computed from the wire", () => {
  const scope = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', day: '20130524', region: 'us-east-1' }
  const key = signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope)
  const date = '20130524T000000Z'
  const empty = hash('')

  // AWS: sig-v4-header-based-auth and sigv4-query-string-auth.
  test.each<
    [
      what: string,
      method: string,
      path: string,
      query: string,
      headers: Record<string, string>,
      payload: string,
      canonicalHash: string,
      signature: string,
    ]
  >([
    [
      'GET with a range',
      'GET',
      '/test.txt',
      '',
      { range: 'bytes=0-9', 'x-amz-content-sha256': empty, 'x-amz-date': date },
      empty,
      '7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972',
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'PUT, `$` in the key',
      'PUT',
      '/test$file.text',
      '',
      {
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-content-sha256': hash('Welcome to Amazon S3.'),
        'x-amz-date': date,
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
      hash('Welcome to Amazon S3.'),
      '9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [
      'a bare parameter',
      'GET',
      '/',
      'lifecycle',
      { 'x-amz-content-sha256': empty, 'x-amz-date': date },
      empty,
      '9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca',
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'parameters in any order',
      'GET',
      '/',
      'prefix=J&max-keys=2',
      { 'x-amz-content-sha256': empty, 'x-amz-date': date },
      empty,
      'df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
    [
      'a presigned URL',
      'GET',
      '/test.txt',
      'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=x',
      {},
      'UNSIGNED-PAYLOAD',
      '3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04',
      'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    ],
  ])('%s', (_, method, path, query, headers, payload, canonicalHash, signature) => {
    const all = new Map(Object.entries({ host: 'examplebucket.s3.amazonaws.com', ...headers }))
    const computed = computeSignature(
      {
        id: '',
        method,
        path,
        query: new Query(query),
        headers: all,
        host: '',
        bucket: undefined,
        key: undefined,
        virtualHost: true,
      },
      { key, scope, date, payload, signedHeaders: [...all.keys()].toSorted() },
    )
    expect(hash(computed.canonicalRequest)).toBe(canonicalHash)
    expect(computed.signature).toBe(signature)
  })
})

describe('header-signed requests', () => {
  const url = () => s3.client.url('signed')
  const sign = (
    over: { headers?: Record<string, string>; bodyHash?: string; now?: Date; url?: string } = {},
  ) => s3.client.signer.sign({ method: 'PUT', url: url(), bodyHash: hash('x'), ...over })

  test('are taken', async () => {
    expect((await send('PUT', url(), await sign(), 'x')).status).toBe(200)
    expect((await send('PUT', url(), await sign({ bodyHash: unsignedPayload }), 'y')).status).toBe(200)
  })

  test.each(['a b', "it's (1)!*~", '日本/ů', 'a//b', 'a+b', 'a%2Fb', '.x', 'x/', '?', '#&=', '\u0001'])(
    'with the key %s',
    async (key) => {
      expect((await s3.client.object('PUT', key, { body: key })).status).toBe(200)
      expect((await s3.client.object('GET', key)).text).toBe(key)
    },
  )

  test('however the path is encoded, and whatever stands in the query', async () => {
    const headers = await sign()
    expect((await send('PUT', url().replace('signed', '%73igned'), headers, 'x')).status).toBe(200)
    const listed = await s3.client.signed(
      'GET',
      `/${bucket}?list-type=2&prefix=a%2Bb&delimiter=%26&max-keys=2`,
    )
    expect(listed.status).toBe(200)
    expect(listed.element('Prefix')).toBe('a+b')
  })

  test.each<
    [
      what: string,
      change: (headers: Record<string, string>) => Record<string, string | string[]>,
      code: string,
    ]
  >([
    ['no signature', (headers) => lacking(headers, 'authorization'), '403 AccessDenied'],
    [
      'a changed header',
      (headers) => ({ ...headers, 'x-amz-date': laterBySecond(headers['x-amz-date'] ?? '') }),
      '403 SignatureDoesNotMatch',
    ],
    ['an unsigned x-amz header', (headers) => ({ ...headers, 'x-amz-meta-a': '1' }), '403 AccessDenied'],
    [
      'a doubled header',
      (headers) => ({ ...headers, 'x-amz-date': [headers['x-amz-date'] ?? '', headers['x-amz-date'] ?? ''] }),
      '403 AccessDenied',
    ],
    [
      'another hash',
      (headers) => ({ ...headers, 'x-amz-content-sha256': hash('z') }),
      '403 SignatureDoesNotMatch',
    ],
    ['no hash', (headers) => lacking(headers, 'x-amz-content-sha256'), '400 InvalidRequest'],
    [
      'a hash that is none',
      (headers) => ({ ...headers, 'x-amz-content-sha256': 'abc' }),
      '400 InvalidArgument',
    ],
    ['no date', (headers) => lacking(headers, 'x-amz-date'), '403 AccessDenied'],
    ['another scheme', (headers) => ({ ...headers, authorization: 'Basic abc' }), '400 InvalidArgument'],
    [
      'an old signature',
      (headers) => ({ ...headers, authorization: 'AWS AKIATEST:abc' }),
      '400 InvalidRequest',
    ],
    [
      'a cut header',
      (headers) => ({ ...headers, authorization: headers['authorization']?.split(', Signature')[0] ?? '' }),
      '400 AuthorizationHeaderMalformed',
    ],
    [
      'a part too many',
      (headers) => ({ ...headers, authorization: `${headers['authorization']}, X=y` }),
      '400 AuthorizationHeaderMalformed',
    ],
    [
      'unsorted signed headers',
      (headers) => ({
        ...headers,
        authorization:
          headers['authorization']?.replace('host;x-amz-content-sha256', 'x-amz-content-sha256;host') ?? '',
      }),
      '400 AuthorizationHeaderMalformed',
    ],
    [
      'the host unsigned',
      (headers) => ({ ...headers, authorization: headers['authorization']?.replace('=host;', '=') ?? '' }),
      '403 AccessDenied',
    ],
    [
      'a signed header that is not sent',
      (headers) => ({
        ...headers,
        authorization: headers['authorization']?.replace('host;', 'host;range;') ?? '',
      }),
      '403 SignatureDoesNotMatch',
    ],
    [
      'another region',
      (headers) => ({
        ...headers,
        authorization: headers['authorization']?.replace('us-east-1', 'us-west-2') ?? '',
      }),
      '400 AuthorizationHeaderMalformed',
    ],
    [
      'another service',
      (headers) => ({ ...headers, authorization: headers['authorization']?.replace('/s3/', '/ec2/') ?? '' }),
      '400 AuthorizationHeaderMalformed',
    ],
    [
      'another day',
      (headers) => ({
        ...headers,
        authorization: headers['authorization']?.replace(/\/\d{8}\//, '/20200101/') ?? '',
      }),
      '400 AuthorizationHeaderMalformed',
    ],
    [
      'an unknown key',
      (headers) => ({
        ...headers,
        authorization: headers['authorization']?.replace('AKIATEST', 'AKIANOBODY') ?? '',
      }),
      '403 InvalidAccessKeyId',
    ],
    [
      'a token for a lasting key',
      (headers) => ({ ...headers, 'x-amz-security-token': 'x' }),
      '400 InvalidToken',
    ],
  ])('refuses %s', async (_, change, code) => {
    const answer = await send('PUT', s3.client.url('signed'), change({ ...(await sign()) }), 'x')
    expect(`${answer.status} ${answer.code}`).toBe(code)
  })

  test.each([
    [-14, 200, ''],
    [14, 200, ''],
    [-16, 403, 'RequestTimeTooSkewed'],
    [16, 403, 'RequestTimeTooSkewed'],
  ])('a date %i minutes off', async (minutes, status, code) => {
    const headers = await sign({ now: new Date(Date.now() + minutes * 60_000) })
    const answer = await send('PUT', url(), headers, 'x')
    expect(`${answer.status} ${answer.code}`).toBe(`${status} ${code}`)
  })

  test('refuses another body, and keeps nothing of it', async () => {
    const target = s3.client.url('swapped')
    const answer = await send('PUT', target, await sign({ url: target }), 'y')
    expect(`${answer.status} ${answer.code}`).toBe('400 XAmzContentSHA256Mismatch')
    expect(answer.element('S3ComputedContentSHA256')).toBe(hash('y'))
    expect((await s3.client.object('HEAD', 'swapped')).status).toBe(404)
  })

  test('shows what it signed, and never the secret', async () => {
    const headers: Record<string, string> = { ...(await sign()) }
    headers['authorization'] = headers['authorization']?.replace(/.$/, 'g') ?? ''
    const answer = await send('PUT', url(), headers, 'x')
    expect(answer.element('StringToSign')).toContain('AWS4-HMAC-SHA256\n')
    expect(answer.element('CanonicalRequest')).toContain(`PUT\n/${bucket}/signed\n`)
    expect(answer.text).not.toContain(credentials.secretAccessKey)
  })

  test.each(['GET /%zz', 'GET /%ff', 'GET /b?a=%zz'])('%s is no URI', async (line) => {
    const [method = '', path = ''] = line.split(' ')
    const answer = await send(method, `${s3.server.endpoint}${path}`)
    expect(`${answer.status} ${answer.code}`).toBe('400 InvalidURI')
  })
})

describe('presigned requests', () => {
  const put = async (change: (url: string) => string = (url) => url, headers: Record<string, string> = {}) =>
    send('PUT', change(await s3.client.presign('PUT', 'presigned')), headers, 'x')

  test('are taken, whatever the body, until they end', async () => {
    expect((await put()).status).toBe(200)
    const url = await s3.client.presign('GET', 'presigned', {
      expiresIn: 1,
      now: new Date(Date.now() - 10_000),
    })
    const late = await send('GET', url)
    expect(`${late.status} ${late.code} ${late.message}`).toBe('403 AccessDenied Request has expired')
    expect(late.element('X-Amz-Expires')).toBe('1')
    expect(late.element('Expires')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  })

  test.each<[what: string, change: (url: string) => string, code: string]>([
    [
      'a wrong signature',
      (url) => url.replace(/Signature=.{8}/, 'Signature=00000000'),
      '403 SignatureDoesNotMatch',
    ],
    ['another key', (url) => url.replace('/presigned?', '/other?'), '403 SignatureDoesNotMatch'],
    ['a longer life', (url) => url.replace('Expires=600', 'Expires=601'), '403 SignatureDoesNotMatch'],
    ['a parameter more', (url) => `${url}&versionId=1`, '501 NotImplemented'],
    ['a harmless parameter more', (url) => `${url}&x=1`, '403 SignatureDoesNotMatch'],
    ['another storage class', (url) => `${url}&x-amz-storage-class=GLACIER`, '403 SignatureDoesNotMatch'],
    ['a parameter doubled', (url) => `${url}&X-Amz-Expires=600`, '400 AuthorizationQueryParametersError'],
    [
      'a parameter missing',
      (url) => url.replace(/&X-Amz-Date=[^&]+/, ''),
      '400 AuthorizationQueryParametersError',
    ],
    [
      'all parameters but one missing',
      (url) => url.replace(/\?.*/, '?X-Amz-Signature=a'),
      '400 AuthorizationQueryParametersError',
    ],
    [
      'parameters in lower case',
      (url) => url.replaceAll('X-Amz-', 'x-amz-'),
      '400 AuthorizationQueryParametersError',
    ],
    [
      'another algorithm',
      (url) => url.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1'),
      '400 AuthorizationQueryParametersError',
    ],
    [
      'a life in words',
      (url) => url.replace('Expires=600', 'Expires=ten'),
      '400 AuthorizationQueryParametersError',
    ],
    [
      'a life of more than a week',
      (url) => url.replace('Expires=600', 'Expires=604801'),
      '400 AuthorizationQueryParametersError',
    ],
    [
      'a negative life',
      (url) => url.replace('Expires=600', 'Expires=-1'),
      '400 AuthorizationQueryParametersError',
    ],
    ['no life at all', (url) => url.replace('Expires=600', 'Expires=0'), '403 AccessDenied'],
    [
      'another region',
      (url) => url.replace('us-east-1', 'us-west-2'),
      '400 AuthorizationQueryParametersError',
    ],
    ['an unknown key', (url) => url.replace('AKIATEST', 'AKIANOBODY'), '403 InvalidAccessKeyId'],
    [
      'no signed headers',
      (url) => url.replace('SignedHeaders=host', 'SignedHeaders='),
      '400 AuthorizationQueryParametersError',
    ],
    [
      'another header for the host',
      (url) => url.replace('SignedHeaders=host', 'SignedHeaders=range'),
      '403 AccessDenied',
    ],
    [
      'an old signature',
      (url) => url.replace(/\?.*/, '?AWSAccessKeyId=A&Signature=b&Expires=1'),
      '400 InvalidRequest',
    ],
  ])('refuses %s', async (_, change, code) => {
    const answer = await put(change)
    expect(`${answer.status} ${answer.code}`).toBe(code)
  })

  test.each<[what: string, headers: Record<string, string>, code: string]>([
    ['an unsigned x-amz header', { 'x-amz-meta-a': '1' }, '403 AccessDenied'],
    ['an Authorization header too', { authorization: 'AWS4-HMAC-SHA256 x' }, '400 InvalidArgument'],
    ['another host', { host: 'evil.test' }, '403 SignatureDoesNotMatch'],
  ])('refuses %s', async (_, headers, code) => {
    const answer = await put((url) => url, headers)
    expect(`${answer.status} ${answer.code}`).toBe(code)
  })

  test('unsigned headers are named', async () => {
    const answer = await put((url) => url, { 'x-amz-acl': 'public-read' })
    expect(answer.message).toBe('There were headers present in the request which were not signed')
    expect(answer.element('HeadersNotSigned')).toBe('x-amz-acl')
  })

  test('a signed header must come as it was signed', async () => {
    const url = await s3.client.presign('PUT', 'typed', { headers: { 'content-type': 'image/png' } })
    expect((await send('PUT', url, { 'content-type': 'image/png' }, 'x')).status).toBe(200)
    expect((await send('PUT', url, { 'content-type': 'text/html' }, 'x')).code).toBe('SignatureDoesNotMatch')
    expect((await send('PUT', url, {}, 'x')).code).toBe('SignatureDoesNotMatch')
  })

  test('a header signed as empty must come as well', async () => {
    const url = await s3.client.presign('PUT', 'typed', { headers: { 'content-language': '' } })
    expect((await send('PUT', url, {}, 'x')).code).toBe('SignatureDoesNotMatch')
    expect((await send('PUT', url, { 'content-language': '' }, 'x')).status).toBe(200)
  })

  test('x-amz parameters count as headers, and must not contradict them', async () => {
    const query = 'x-amz-meta-a=1&x-amz-storage-class=STANDARD_IA'
    expect((await send('PUT', await s3.client.presign('PUT', 'hoisted', { query }), {}, 'x')).status).toBe(
      200,
    )
    expect((await s3.client.object('HEAD', 'hoisted')).headers).toMatchObject({
      'x-amz-meta-a': '1',
      'x-amz-storage-class': 'STANDARD_IA',
    })
    const url = await s3.client.presign('PUT', 'hoisted', {
      query: 'x-amz-meta-a=1',
      headers: { 'x-amz-meta-a': '2' },
    })
    expect((await send('PUT', url, { 'x-amz-meta-a': '2' }, 'x')).code).toBe('InvalidRequest')
  })

  test('from the future: not more than 15 minutes', async () => {
    const at = (minutes: number) =>
      s3.client.presign('GET', 'presigned', { now: new Date(Date.now() + minutes * 60_000) })
    expect((await send('GET', await at(14))).status).toBe(200)
    expect((await send('GET', await at(16))).code).toBe('AccessDenied')
  })
})

describe('sessions', () => {
  test('all three ways of signing, with their token only', async () => {
    const session = s3.server.issueSession()
    const client = new Client(s3.server, session)
    expect((await client.object('PUT', 'session', { body: 'x' })).status).toBe(200)
    expect((await send('PUT', await client.presign('PUT', 'session'), {}, 'x')).status).toBe(200)
    const fields = await client.fields([['key', 'session']])
    expect((await client.post(fields)).status).toBe(204)

    const { sessionToken: _, ...bare } = session
    const tokenless = new Client(s3.server, bare)
    expect((await tokenless.object('PUT', 'session')).code).toBe('InvalidAccessKeyId')
    expect((await tokenless.post(await tokenless.fields([['key', 'session']]))).code).toBe(
      'InvalidAccessKeyId',
    )
    const forged = new Client(s3.server, { ...session, sessionToken: 'forged' })
    expect((await forged.object('PUT', 'session')).code).toBe('InvalidToken')
    expect((await forged.post(await forged.fields([['key', 'session']]))).code).toBe('InvalidToken')
    expect((await send('GET', await forged.presign('GET', 'session'))).code).toBe('InvalidToken')
  })

  test('end', async () => {
    const client = new Client(s3.server, s3.server.issueSession({ expiresIn: 0 }))
    const answer = await client.object('GET', 'session')
    expect(`${answer.status} ${answer.code}`).toBe('400 ExpiredToken')
    expect((await client.post(await client.fields([['key', 'session']]))).code).toBe('ExpiredToken')
  })

  test('keep to their prefix', async () => {
    const client = new Client(s3.server, s3.server.issueSession({ keyPrefix: 'mine/' }))
    expect((await client.object('PUT', 'mine/a', { body: 'x' })).status).toBe(200)
    expect((await client.object('PUT', 'theirs/a', { body: 'x' })).code).toBe('AccessDenied')
    expect((await client.object('GET', 'session')).code).toBe('AccessDenied')
    expect((await client.signed('GET', `/${bucket}?list-type=2`)).code).toBe('AccessDenied')
    expect((await client.post(await client.fields([['key', 'mine/b']]))).status).toBe(204)
    expect((await client.post(await client.fields([['key', 'theirs/b']]))).code).toBe('AccessDenied')
    const copy = await client.object('PUT', 'mine/c', {
      headers: { 'x-amz-copy-source': `${bucket}/session` },
    })
    expect(copy.code).toBe('AccessDenied')
  })
})

test('a wrong secret', async () => {
  const wrong = new Client(s3.server, { ...credentials, secretAccessKey: 'wrong' })
  expect((await wrong.object('GET', 'signed')).code).toBe('SignatureDoesNotMatch')
  expect((await wrong.post(await wrong.fields([['key', 'signed']]))).code).toBe('SignatureDoesNotMatch')
})
