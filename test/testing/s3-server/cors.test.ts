import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { bucket, formOf, send, serverForTests, type Answer } from './support.ts'

const s3 = serverForTests()
const origin = 'https://app.test:3000'
const document = (rules: string) =>
  `<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${rules}</CORSConfiguration>`
const rule = (content: string) => `<CORSRule>${content}</CORSRule>`
const put = async (xml: string) => {
  const md5 = createHash('md5').update(xml).digest('base64')
  return s3.client.signed('PUT', `/${bucket}?cors`, { 'content-md5': md5 }, xml)
}
const preflight = (headers: Record<string, string>, path = `/${bucket}/key`) =>
  send('OPTIONS', `${s3.server.endpoint}${path}`, headers)
const allowed = ({ headers }: Answer) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')))

describe('preflights', () => {
  test('before there are rules', async () => {
    await s3.client.signed('DELETE', `/${bucket}?cors`)
    const answer = await preflight({ origin, 'access-control-request-method': 'PUT' })
    expect(`${answer.status} ${answer.code}`).toBe('403 AccessForbidden')
    expect(answer.message).toBe('CORSResponse: CORS is not enabled for this bucket.')
    expect(answer.element('Method')).toBe('PUT')
    expect(answer.element('ResourceType')).toBe('BUCKET')
    expect(allowed(answer)).toEqual({})
  })

  test('without an origin, and for a bucket that is not there', async () => {
    const answer = await preflight({})
    expect(`${answer.status} ${answer.message}`).toBe(
      '400 Insufficient information. Origin request header needed.',
    )
    const absent = await preflight({ origin }, '/no-such-bucket')
    expect(`${absent.status} ${absent.message}`).toBe('403 CORSResponse: Bucket not found')
    expect(absent.element('Method')).toBe('OPTIONS')
  })

  test('allowed, with all that S3 says', async () => {
    await s3.server.createBucket(bucket, {
      cors: [
        {
          allowedOrigins: [origin],
          allowedMethods: ['PUT', 'POST'],
          allowedHeaders: ['Content-Type', 'x-amz-*'],
          exposeHeaders: ['ETag', 'x-amz-request-id'],
          maxAgeSeconds: 600,
        },
      ],
    })
    const answer = await preflight({
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'X-Amz-Meta-A,content-type',
    })
    expect(answer.status).toBe(200)
    expect(answer.text).toBe('')
    expect(allowed(answer)).toEqual({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'PUT, POST',
      'access-control-allow-headers': 'x-amz-meta-a, content-type',
      'access-control-expose-headers': 'ETag, x-amz-request-id',
      'access-control-max-age': '600',
      'access-control-allow-credentials': 'true',
    })
    expect(answer.headers['vary']).toBe(
      'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
    )
  })

  test.each<[what: string, headers: Record<string, string>]>([
    ['another origin', { origin: 'https://evil.test', 'access-control-request-method': 'PUT' }],
    ['the origin with a slash', { origin: `${origin}/`, 'access-control-request-method': 'PUT' }],
    ['another port', { origin: 'https://app.test', 'access-control-request-method': 'PUT' }],
    ['another scheme', { origin: 'http://app.test:3000', 'access-control-request-method': 'PUT' }],
    ['another method', { origin, 'access-control-request-method': 'DELETE' }],
    ['a method in lower case', { origin, 'access-control-request-method': 'put' }],
    [
      'another header',
      {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type,if-none-match',
      },
    ],
  ])('refused for %s', async (_, headers) => {
    const answer = await preflight(headers)
    expect(`${answer.status} ${answer.code}`).toBe('403 AccessForbidden')
    expect(answer.message).toMatch(/^CORSResponse: This CORS request is not allowed\./)
    expect(answer.element('ResourceType')).toBe('OBJECT')
    expect(allowed(answer)).toEqual({})
  })

  test.each<[pattern: string, origin: string, answered: string | undefined]>([
    ['*', 'http://any:1', '*'],
    ['https://*.wild.test', 'https://a.b.wild.test', 'https://a.b.wild.test'],
    ['https://*.wild.test', 'https://wild.test', undefined],
    ['https://*.wild.test', 'https://a.wild.test.evil.test', undefined],
    ['*suffix', 'suffix', 'suffix'],
    ['start*end', 'startend', 'startend'],
    ['start*end', 'start12end', 'start12end'],
    ['start*end', '0startend', undefined],
    ['sta*art', 'start', undefined],
    ['prefix*', 'prefix.x', 'prefix.x'],
    ['https://a.test', 'https://A.test', undefined],
  ])('%s for %s', async (pattern, from, answered) => {
    await s3.server.createBucket(bucket, { cors: [{ allowedOrigins: [pattern], allowedMethods: ['GET'] }] })
    const answer = await preflight({ origin: from, 'access-control-request-method': 'GET' })
    expect(answer.headers['access-control-allow-origin']).toBe(answered)
    expect(answer.headers['access-control-allow-credentials']).toBe(
      answered === undefined || answered === '*' ? undefined : 'true',
    )
  })

  test('a rule without headers allows none', async () => {
    await s3.server.createBucket(bucket, { cors: [{ allowedOrigins: ['*'], allowedMethods: ['GET'] }] })
    const ask = { origin, 'access-control-request-method': 'GET' }
    expect((await preflight({ ...ask, 'access-control-request-headers': 'range' })).status).toBe(403)
    expect((await preflight(ask)).status).toBe(200)
  })

  test('the first rule that fits answers alone', async () => {
    await s3.server.createBucket(bucket, {
      cors: [
        { allowedOrigins: ['*'], allowedMethods: ['GET'], exposeHeaders: ['first'] },
        { allowedOrigins: [origin], allowedMethods: ['GET', 'PUT'], exposeHeaders: ['second'] },
      ],
    })
    const exposed = async (method: string) =>
      (await preflight({ origin, 'access-control-request-method': method })).headers[
        'access-control-expose-headers'
      ]
    expect(await exposed('GET')).toBe('first')
    expect(await exposed('PUT')).toBe('second')
  })
})

describe('other requests', () => {
  test('carry the headers, errors of all kinds too', async () => {
    await s3.server.createBucket(bucket, {
      cors: [{ allowedOrigins: [origin], allowedMethods: ['GET', 'PUT', 'POST'], exposeHeaders: ['ETag'] }],
    })
    const expected = { 'access-control-allow-origin': origin, 'access-control-expose-headers': 'ETag' }
    const url = await s3.client.presign('PUT', 'cors')
    const answers = [
      await send('PUT', url, { origin }, 'x'),
      await send('PUT', url.replace(/.$/, 'g'), { origin }, 'x'),
      await send('GET', s3.client.url('cors'), { origin }),
      await s3.client.post(await s3.client.fields([['key', 'cors']]), 'x', { origin }),
      await s3.client.post(
        await s3.client.fields([['key', 'cors']], { conditions: [['content-length-range', 9, 9]] }),
        'x',
        { origin },
      ),
      await send('POST', `${s3.server.endpoint}/${bucket}`, { origin, ...formOf([]).headers }),
      await send('GET', `${s3.server.endpoint}/${bucket}/a?acl`, { origin }),
    ]
    expect(answers.map(({ status, code }) => `${status} ${code}`)).toEqual([
      '200 ',
      '403 SignatureDoesNotMatch',
      '403 AccessDenied',
      '204 ',
      '400 EntityTooSmall',
      '400 MalformedPOSTRequest',
      '501 NotImplemented',
    ])
    for (const { headers } of answers) expect(headers).toMatchObject(expected)
  })

  test('from elsewhere are carried out, without headers', async () => {
    const answer = await send(
      'PUT',
      await s3.client.presign('PUT', 'elsewhere'),
      { origin: 'https://evil.test' },
      'x',
    )
    expect(answer.status).toBe(200)
    expect(allowed(answer)).toEqual({})
    expect((await s3.client.object('GET', 'elsewhere')).text).toBe('x')
  })
})

describe('the document', () => {
  test('comes back as it was put', async () => {
    const xml = document(
      rule(
        '<ID>one</ID><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedOrigin>http://test.com:80</AllowedOrigin><AllowedOrigin>*</AllowedOrigin><AllowedHeader>X-Mixed-*</AllowedHeader><MaxAgeSeconds>3000</MaxAgeSeconds><ExposeHeader>ETag</ExposeHeader>',
      ),
    )
    expect((await put(xml)).status).toBe(200)
    const got = await s3.client.signed('GET', `/${bucket}?cors`)
    expect(got.text).toBe(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`)
    expect((await s3.client.signed('DELETE', `/${bucket}?cors`)).status).toBe(204)
    expect((await s3.client.signed('DELETE', `/${bucket}?cors`)).status).toBe(204)
    const gone = await s3.client.signed('GET', `/${bucket}?cors`)
    expect(`${gone.status} ${gone.code}`).toBe('404 NoSuchCORSConfiguration')
  })

  const fine = '<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>'
  test.each<[what: string, xml: string, code: string]>([
    ['nothing', '', 'MalformedXML'],
    ['no XML', 'nonsense', 'MalformedXML'],
    ['unclosed XML', '<CORSConfiguration><CORSRule>', 'MalformedXML'],
    ['another document', '<Other/>', 'MalformedXML'],
    ['no rules', document(''), 'MalformedXML'],
    ['101 rules', document(rule(fine).repeat(101)), 'MalformedXML'],
    ['a rule without origin', document(rule('<AllowedMethod>GET</AllowedMethod>')), 'MalformedXML'],
    ['a rule without method', document(rule('<AllowedOrigin>*</AllowedOrigin>')), 'MalformedXML'],
    ['an unknown element', document(rule(`${fine}<Surprise/>`)), 'MalformedXML'],
    ['a document type', `<!DOCTYPE a [<!ENTITY x "y">]>${document(rule(fine))}`, 'MalformedXML'],
    [
      'the method OPTIONS',
      document(rule('<AllowedMethod>OPTIONS</AllowedMethod><AllowedOrigin>*</AllowedOrigin>')),
      'InvalidRequest',
    ],
    [
      'two wildcards',
      document(rule('<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*a*</AllowedOrigin>')),
      'InvalidRequest',
    ],
    ['a wildcard to expose', document(rule(`${fine}<ExposeHeader>*</ExposeHeader>`)), 'InvalidRequest'],
    ['an age in words', document(rule(`${fine}<MaxAgeSeconds>long</MaxAgeSeconds>`)), 'MalformedXML'],
  ])('refused with %s', async (_, xml, code) => {
    const answer = await put(xml)
    expect(`${answer.status} ${answer.code}`).toBe(`400 ${code}`)
  })

  test('refused without a checksum, with a wrong one, and larger than 64 KiB', async () => {
    const xml = document(rule(fine))
    expect((await s3.client.signed('PUT', `/${bucket}?cors`, {}, xml)).message).toBe(
      'Missing required header for this request: Content-MD5',
    )
    const wrong = await s3.client.signed(
      'PUT',
      `/${bucket}?cors`,
      { 'x-amz-checksum-crc32': 'AAAAAA==' },
      xml,
    )
    expect(wrong.code).toBe('BadDigest')
    expect((await put(document(rule(fine).repeat(2_000)))).code).toBe('MaxMessageLengthExceeded')
  })
})
