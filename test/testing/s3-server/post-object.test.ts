import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import type { PostCondition } from '../../../src/s3/post-policy.ts'
import { signPolicy } from '../../../src/s3/post-policy.ts'
import { bucket, credentials, formOf, send, serverForTests, type FormPart } from './support.ts'

const s3 = serverForTests()
const md5 = (data: string) => createHash('md5').update(data).digest('hex')
type Fields = [string, string][]
const without = (fields: Fields, ...names: string[]) => fields.filter(([name]) => !names.includes(name))
const withValue = (fields: Fields, name: string, value: string): Fields =>
  fields.map(([own, before]) => [own, own === name ? value : before])
const put = (fields: Fields, first: [string, string]): Fields => [first, ...fields]
const post = (parts: readonly FormPart[], url = `${s3.server.endpoint}/${bucket}`) => {
  const form = formOf(parts)
  return send('POST', url, form.headers, form.body)
}
const file = (value: string, fileName = 'f.txt'): FormPart => ({ name: 'file', value, fileName })
const parts = (fields: Fields): FormPart[] => fields.map(([name, value]) => ({ name, value }))

describe('stores', () => {
  test('the file with its fields, and says 204 with ETag and Location', async () => {
    const fields = await s3.client.fields([
      ['key', 'a/b c.txt'],
      ['Content-Type', 'text/plain'],
      ['Cache-Control', 'max-age=60'],
      ['Content-Disposition', 'attachment; filename="x.txt"'],
      ['Content-Encoding', 'identity'],
      ['x-amz-meta-Album', 'Summer'],
      ['tagging', '<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>'],
    ])
    const answer = await s3.client.post(fields, 'hello')
    expect(answer.status).toBe(204)
    expect(answer.text).toBe('')
    expect(answer.headers['etag']).toBe(`"${md5('hello')}"`)
    expect(answer.headers['location']).toBe(`${s3.server.endpoint}/${bucket}/a%2Fb%20c.txt`)
    const stored = await s3.client.object('GET', 'a/b c.txt')
    expect(stored.text).toBe('hello')
    expect(stored.headers).toMatchObject({
      'content-type': 'text/plain',
      'cache-control': 'max-age=60',
      'content-disposition': 'attachment; filename="x.txt"',
      'content-encoding': 'identity',
      'x-amz-meta-album': 'Summer',
      'x-amz-tagging-count': '1',
    })
  })

  test.each([
    ['200', 200],
    ['204', 204],
    ['404', 204],
    ['', 204],
  ])('success_action_status %s answers %i, with nothing', async (value, status) => {
    const answer = await s3.client.post(
      await s3.client.fields([
        ['key', 'status'],
        ['success_action_status', value],
      ]),
    )
    expect(answer.status).toBe(status)
    expect(answer.text).toBe('')
  })

  test('success_action_status 201 answers with XML', async () => {
    const answer = await s3.client.post(
      await s3.client.fields([
        ['key', 'status "&<>.txt'],
        ['success_action_status', '201'],
      ]),
    )
    expect(answer.status).toBe(201)
    expect(answer.text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<PostResponse><Location>/)
    expect(answer.element('Key')).toBe('status "&<>.txt')
    expect(answer.element('Bucket')).toBe(bucket)
    expect(answer.element('ETag')).toBe(answer.headers['etag'])
    expect(answer.element('Location')).toBe(answer.headers['location'])
  })

  test.each<[what: string, redirect: string, status: number, location: string]>([
    ['a URL', 'https://app.test/done', 303, 'https://app.test/done?bucket=test-bucket&key=u%2Fa+b&etag=%22'],
    [
      'a URL with a query',
      'https://app.test/?x=1',
      303,
      'https://app.test/?x=1&bucket=test-bucket&key=u%2Fa+b&etag=%22',
    ],
    ['a relative one, which counts as none', '/done', 204, '/u%2Fa%20b'],
    ['no URL', 'nonsense', 204, '/u%2Fa%20b'],
    ['another scheme', 'javascript:alert(1)', 204, '/u%2Fa%20b'],
  ])('success_action_redirect to %s', async (_, redirect, status, location) => {
    const answer = await s3.client.post(
      await s3.client.fields([
        ['key', 'u/a b'],
        ['success_action_redirect', redirect],
      ]),
    )
    expect(answer.status).toBe(status)
    expect(answer.headers['location']).toContain(location)
  })

  test.each<[what: string, fileName: string | undefined, key: string]>([
    ['a plain name', 'cat.png', 'up/cat.png/x'],
    ['other scripts', 'žluťoučký kůň 日本 + & (1).txt', 'up/žluťoučký kůň 日本 + & (1).txt/x'],
    ['a path', 'C:\\Users\\a\\cat.png', 'up/cat.png/x'],
    ['the other kind of path', '/home/a/cat.png', 'up/cat.png/x'],
    ['climbing up', '../../cat.png', 'up/cat.png/x'],
    ['what String.replace would read', '$&$1.png', 'up/$&$1.png/x'],
    ['an empty name', '', 'up//x'],
    ['no name: literal, as recorded', undefined, 'up/${filename}/x'],
  ])('${filename} with %s', async (_, fileName, key) => {
    const signed = await s3.client.fields([['success_action_status', '201']], {
      conditions: [['starts-with', '$key', 'up/']],
    })
    const answer = await post([
      { name: 'key', value: 'up/${filename}/x' },
      ...parts(signed),
      { name: 'file', value: 'x', ...(fileName !== undefined && { fileName }) },
    ])
    expect(answer.element('Key')).toBe(key)
  })

  test('the variable is replaced in every field, before conditions are compared', async () => {
    const signed = await s3.client.fields([['key', 'variable']], {
      conditions: [['eq', '$x-amz-meta-name', 'f.txt']],
    })
    expect((await s3.client.post(put(signed, ['x-amz-meta-name', '${filename}']))).status).toBe(204)
    expect((await s3.client.object('HEAD', 'variable')).headers['x-amz-meta-name']).toBe('f.txt')
  })

  test.each<[what: string, content: string]>([
    ['nothing', ''],
    ['one byte', 'x'],
    ['what looks like a boundary', '\r\n------formBoundary7MA4YWx\r\n--\r\n'],
    ['line ends', '\r\n\r\n'],
  ])('a file of %s', async (_, content) => {
    expect((await s3.client.post(await s3.client.fields([['key', 'odd']]), content)).status).toBe(204)
    expect((await s3.client.object('GET', 'odd')).text).toBe(content)
  })

  test('a file of some MiB, byte for byte', async () => {
    const content = Buffer.alloc(3_000_000, 'some text \r\n--')
    expect((await s3.client.post(await s3.client.fields([['key', 'big']]), content)).status).toBe(204)
    expect((await s3.client.object('GET', 'big')).bytes.equals(content)).toBe(true)
  })

  test('at the bucket with a slash, at its own host, with names in any case', async () => {
    const fields = await s3.client.fields([['key', 'case']])
    const shouted = fields.map(([name, value]): [string, string] => [name.toUpperCase(), value])
    expect((await post([...parts(shouted), file('x')], `${s3.server.endpoint}/${bucket}/`)).status).toBe(204)
    const own = await post(
      [...parts(fields), { name: 'FILE', value: 'x', fileName: 'f' }],
      `http://${bucket}.localhost:${s3.server.port}/`,
    )
    expect(own.status).toBe(204)
    expect(own.headers['location']).toBe(`http://${bucket}.localhost:${s3.server.port}/case`)
  })

  test('fields behind the file are ignored', async () => {
    const fields = await s3.client.fields([['key', 'behind']])
    const answer = await post([
      ...parts(fields),
      file('x'),
      { name: 'submit', value: 'Upload' },
      { name: 'acl', value: 'public-read' },
    ])
    expect(answer.status).toBe(204)
  })

  test.each([
    ['with another value', 'Ninja', 'Ninja, too'],
    ['with the same value', 'Ninja', 'Ninja'],
  ])('a doubled field is refused: %s', async (_what, value, again) => {
    const fields = await s3.client.fields([['key', 'double']], {
      conditions: [['starts-with', '$x-amz-meta-tag', 'Ninja']],
    })
    const once: Fields = [['x-amz-meta-tag', value], ...fields]
    expect((await s3.client.post(once)).status).toBe(204)
    const twice: Fields = [['X-Amz-Meta-Tag', again], ...once]
    expect((await s3.client.post(twice)).code).toBe('InvalidArgument')
  })

  test('a doubled x-ignore field is ignored like any other', async () => {
    const fields = await s3.client.fields([['key', 'ignored']])
    const doubled: Fields = [['x-ignore-a', '1'], ['x-ignore-a', '2'], ...fields]
    expect((await s3.client.post(doubled)).status).toBe(204)
  })

  test('metadata of other scripts comes back by RFC 2047, as S3 was recorded', async () => {
    const fields = await s3.client.fields([
      ['key', 'scripts'],
      ['x-amz-meta-name', 'ÄMÄZÕÑ S3'],
      ['x-amz-meta-bytes', '\u0001\u0002'],
    ])
    expect((await s3.client.post(fields)).status).toBe(204)
    const { headers } = await s3.client.object('HEAD', 'scripts')
    expect(headers['x-amz-meta-name']).toBe('=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?=')
    expect(headers['x-amz-meta-bytes']).toBe('=?UTF-8?B?AQI=?=')
  })

  test('without a Content-Type it is binary/octet-stream, whatever the part says', async () => {
    expect((await s3.client.post(await s3.client.fields([['key', 'untyped']]))).status).toBe(204)
    expect((await s3.client.object('HEAD', 'untyped')).headers['content-type']).toBe('binary/octet-stream')
  })

  test.each([5, 10])('%i bytes of 5 … 10', async (size) => {
    const fields = await s3.client.fields([['key', 'range']], {
      conditions: [['content-length-range', 5, 10]],
    })
    expect((await s3.client.post(fields, 'x'.repeat(size))).status).toBe(204)
  })
})

describe('refuses', () => {
  /** Whatever is refused must leave nothing behind. */
  const refused = async (answer: Promise<Awaited<ReturnType<typeof post>>>, key = 'refused') => {
    const result = await answer
    expect((await s3.client.object('HEAD', key)).status).toBe(404)
    return result
  }

  test.each<
    [what: string, change: (fields: Fields) => Fields, status: number, code: string, message?: string]
  >([
    [
      'a wrong signature',
      (fields) => withValue(fields, 'x-amz-signature', '0'.repeat(64)),
      403,
      'SignatureDoesNotMatch',
    ],
    [
      'a signature in capitals',
      (fields) =>
        fields.map(([name, value]) => [name, name === 'x-amz-signature' ? value.toUpperCase() : value]),
      403,
      'SignatureDoesNotMatch',
    ],
    [
      'a cut policy, before looking into it',
      (fields) => fields.map(([name, value]) => [name, name === 'policy' ? value.slice(0, -4) : value]),
      403,
      'SignatureDoesNotMatch',
    ],
    [
      'a credential of another day',
      (fields) => fields.map(([name, value]) => [name, value.replace(/^AKIATEST\/\d+/, 'AKIATEST/20200101')]),
      400,
      'InvalidArgument',
    ],
    [
      'no policy and no signature',
      (fields) =>
        without(fields, 'policy', 'x-amz-signature', 'x-amz-algorithm', 'x-amz-credential', 'x-amz-date'),
      403,
      'AccessDenied',
      'Access Denied',
    ],
    [
      'only a policy',
      (fields) => without(fields, 'x-amz-signature', 'x-amz-algorithm', 'x-amz-credential', 'x-amz-date'),
      403,
      'AccessDenied',
      'Access Denied',
    ],
    [
      'no signature',
      (fields) => without(fields, 'x-amz-signature'),
      400,
      'InvalidArgument',
      "Bucket POST must contain a field named 'X-Amz-Signature'.  If it is specified, please check the order of the fields.",
    ],
    [
      'no algorithm',
      (fields) => without(fields, 'x-amz-algorithm'),
      400,
      'InvalidArgument',
      "Bucket POST must contain a field named 'X-Amz-Algorithm'.  If it is specified, please check the order of the fields.",
    ],
    [
      'no policy',
      (fields) => without(fields, 'policy'),
      400,
      'InvalidArgument',
      "Bucket POST must contain a field named 'Policy'.  If it is specified, please check the order of the fields.",
    ],
    [
      'no key',
      (fields) => without(fields, 'key'),
      400,
      'InvalidArgument',
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    ],
    [
      'another algorithm',
      (fields) => withValue(fields, 'x-amz-algorithm', 'AWS4-ECDSA-P256-SHA256'),
      400,
      'InvalidArgument',
      'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"',
    ],
    [
      'a date of another form',
      (fields) => withValue(fields, 'x-amz-date', '2026-11-20T00:00:00Z'),
      400,
      'InvalidArgument',
      'X-Amz-Date must be formated via ISO8601 Long format',
    ],
    [
      'another region',
      (fields) => fields.map(([name, value]) => [name, value.replace('/us-east-1/', '/us-west-2/')]),
      400,
      'InvalidArgument',
      "the region 'us-west-2' is wrong; expecting 'us-east-1'",
    ],
    [
      'an empty access key',
      (fields) => fields.map(([name, value]) => [name, value.replace('AKIATEST/', '/')]),
      400,
      'InvalidArgument',
      'a non-empty Access Key (AKID) must be provided in the credential.',
    ],
    [
      'another key than signed',
      (fields) => withValue(fields, 'key', 'refused2'),
      403,
      'AccessDenied',
      'Invalid according to Policy: Policy Condition failed: ["eq", "$key", "refused"]',
    ],
    [
      'a field without a condition',
      (fields) => put(fields, ['x-amz-meta-a', '1']),
      403,
      'AccessDenied',
      'Invalid according to Policy: Extra input fields: x-amz-meta-a',
    ],
    [
      'a token for a lasting key',
      (fields) => put(fields, ['x-amz-security-token', 'x']),
      400,
      'InvalidToken',
    ],
    [
      'an old signature',
      (fields) => [
        ['key', 'refused'],
        ['AWSAccessKeyId', 'A'],
        ['signature', 's'],
        ...fields.filter(([name]) => name === 'policy'),
      ],
      400,
      'InvalidRequest',
    ],
  ])('%s', async (_, change, status, code, message) => {
    const fields = await s3.client.fields([['key', 'refused']])
    const answer = await refused(s3.client.post(change(fields)))
    expect(`${answer.status} ${answer.code}`).toBe(`${status} ${code}`)
    expect(answer.message).toContain(message ?? '')
    expect(answer.headers['content-type']).toBe('application/xml')
    expect(answer.element('RequestId')).toMatch(/^[0-9A-F]{16}$/)
  })

  test('the key of a stranger', async () => {
    const signed = await signPolicy('{}', { credentials, region: 'us-east-1', now: new Date() })
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
    const answer = await s3.client.post([
      ['key', 'refused'],
      ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
      ['x-amz-credential', `AKIANOBODY/${day}/us-east-1/s3/aws4_request`],
      ['x-amz-date', `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`],
      ['policy', signed.policy],
      ['x-amz-signature', signed.signature],
    ])
    expect(`${answer.status} ${answer.code}`).toBe('403 InvalidAccessKeyId')
    expect(answer.element('AWSAccessKeyId')).toBe('AKIANOBODY')
  })

  test('a wrong signature, showing what was signed', async () => {
    const fields = await s3.client.fields([['key', 'refused']])
    const answer = await s3.client.post(withValue(fields, 'x-amz-signature', 'abc'))
    const policy = fields.find(([name]) => name === 'policy')?.[1]
    expect(answer.element('StringToSign')).toBe(policy)
    expect(answer.element('SignatureProvided')).toBe('abc')
    expect(answer.text).not.toContain(credentials.secretAccessKey)
  })

  test.each<[what: string, policy: string, message: string]>([
    ['a policy that is no JSON', 'nonsense', 'Invalid Policy: Invalid JSON.'],
    [
      'a policy without conditions',
      '{"expiration":"2036-01-01T00:00:00Z"}',
      'Invalid Policy: Policy missing conditions.',
    ],
  ])('%s, though well signed', async (_, text, message) => {
    const fields = await s3.client.fields([['key', 'refused']])
    const { policy, signature } = await signPolicy(text, {
      credentials,
      region: 'us-east-1',
      now: new Date(),
    })
    const answer = await refused(
      s3.client.post(withValue(withValue(fields, 'policy', policy), 'x-amz-signature', signature)),
    )
    expect(`${answer.status} ${answer.code}`).toBe('400 InvalidPolicyDocument')
    expect(answer.message).toBe(message)
  })

  test.each<
    [what: string, content: string, conditions: PostCondition[], code: string, limit: [string, string]]
  >([
    [
      '12 bytes of 5 … 10',
      'x'.repeat(12),
      [['content-length-range', 5, 10]],
      'EntityTooLarge',
      ['MaxSizeAllowed', '10'],
    ],
    ['1 byte of 5 … 10', 'x', [['content-length-range', 5, 10]], 'EntityTooSmall', ['MinSizeAllowed', '5']],
    [
      'a megabyte of 10 bytes',
      'x'.repeat(1_000_000),
      [['content-length-range', 0, 10]],
      'EntityTooLarge',
      ['MaxSizeAllowed', '10'],
    ],
    [
      'anything where the range is empty',
      'x'.repeat(7),
      [['content-length-range', 8, 6]],
      'EntityTooLarge',
      ['MaxSizeAllowed', '6'],
    ],
    [
      'the tighter of two',
      'x'.repeat(7),
      [
        ['content-length-range', 0, 100],
        ['content-length-range', 0, 6],
      ],
      'EntityTooLarge',
      ['MaxSizeAllowed', '6'],
    ],
  ])('%s', async (_, content, conditions, code, [element, limit]) => {
    const fields = await s3.client.fields([['key', 'refused']], { conditions })
    const answer = await refused(s3.client.post(fields, content))
    expect(`${answer.status} ${answer.code}`).toBe(`400 ${code}`)
    expect(answer.element('ProposedSize')).toBe(String(content.length))
    expect(answer.element(element)).toBe(limit)
  })

  test('a policy for another bucket, and a bucket that is not there', async () => {
    const other = await s3.client.fields([['key', 'refused']], { bucket: 'other-bucket' })
    const answer = await refused(s3.client.post(other))
    expect(`${answer.status} ${answer.code}`).toBe('403 AccessDenied')
    const absent = await post([...parts(other), file('x')], `${s3.server.endpoint}/other-bucket`)
    expect(`${absent.status} ${absent.code}`).toBe('404 NoSuchBucket')
  })

  test.each<[what: string, type: string, code: string]>([
    ['another type', 'text/html', '412 PreconditionFailed'],
    ['an urlencoded form', 'application/x-www-form-urlencoded', '412 PreconditionFailed'],
    ['no boundary', 'multipart/form-data', '400 MalformedPOSTRequest'],
    ['another boundary', 'multipart/form-data; boundary=other', '400 MalformedPOSTRequest'],
  ])('%s', async (_, type, code) => {
    const form = formOf([...parts(await s3.client.fields([['key', 'refused']])), file('x')])
    const answer = await refused(
      send('POST', `${s3.server.endpoint}/${bucket}`, { 'content-type': type }, form.body),
    )
    expect(`${answer.status} ${answer.code}`).toBe(code)
  })

  test.each<[what: string, cut: (body: Buffer) => Buffer]>([
    ['in the file', (body) => body.subarray(0, body.indexOf('content') + 3)],
    ['before its last boundary', (body) => body.subarray(0, body.lastIndexOf('\r\n------'))],
    ['in its last boundary', (body) => body.subarray(0, -4)],
    ['in a field', (body) => body.subarray(0, 100)],
    ['in a head', (body) => body.subarray(0, body.indexOf('filename'))],
  ])('a form cut off %s', async (_, cut) => {
    const form = formOf([...parts(await s3.client.fields([['key', 'refused']])), file('content')])
    const answer = await refused(
      send('POST', `${s3.server.endpoint}/${bucket}`, form.headers, cut(form.body)),
    )
    expect(answer.status).toBe(400)
  })

  test('no file, a file of another name, two files', async () => {
    const fields = parts(await s3.client.fields([['key', 'refused']]))
    for (const [files, count] of [
      [[], '0'],
      [[file('a'), file('b')], '2'],
    ] as const) {
      const answer = await refused(post([...fields, ...files]))
      expect(`${answer.status} ${answer.code}`).toBe('400 InvalidArgument')
      expect(answer.message).toBe('POST requires exactly one file upload per request.')
      expect(answer.element('ArgumentValue')).toBe(count)
    }
    const answer = await refused(post([...fields, { name: 'upload', value: 'a', fileName: 'f' }]))
    expect(answer.code).toBe('InvalidArgument')
  })

  test('a key behind the file', async () => {
    const fields = await s3.client.fields([['key', 'refused']])
    const answer = await refused(
      post([...parts(without(fields, 'key')), file('x'), { name: 'key', value: 'refused' }]),
    )
    expect(answer.element('ArgumentName')).toBe('key')
  })

  test('more than 20,480 bytes before the file, and not much less', async () => {
    const fields = await s3.client.fields([['key', 'refused']])
    const size = (pad: number) =>
      formOf([{ name: 'x-ignore-pad', value: 'p'.repeat(pad) }, ...parts(fields), file('')]).body.lastIndexOf(
        '\r\n\r\n\r\n------',
      ) + 4
    const pad = 20_480 - size(0)
    const over = await refused(
      post([{ name: 'x-ignore-pad', value: 'p'.repeat(pad + 1) }, ...parts(fields), file('x')]),
    )
    expect(`${over.status} ${over.code}`).toBe('400 MaxPostPreDataLengthExceeded')
    expect(over.element('MaxPostPreDataLengthBytes')).toBe('20480')
    const below = await post([
      { name: 'x-ignore-pad', value: 'p'.repeat(pad - 64) },
      ...parts(fields),
      file('x'),
    ])
    expect(below.status).toBe(204)
    await s3.client.object('DELETE', 'refused')
  })

  test.each<[what: string, fields: [string, string][], code: string]>([
    ['an ACL', [['acl', 'public-read']], '400 AccessControlListNotSupported'],
    ['a storage class that is none', [['x-amz-storage-class', 'Fake']], '400 InvalidStorageClass'],
    ['tags that are no XML', [['tagging', 'not-xml']], '400 MalformedXML'],
    ['a digest that is none', [['Content-MD5', 'x']], '400 InvalidDigest'],
    [
      'a wrong digest',
      [['Content-MD5', createHash('md5').update('other').digest('base64')]],
      '400 BadDigest',
    ],
    [
      'a wrong SHA-256',
      [['x-amz-checksum-sha256', createHash('sha256').update('other').digest('base64')]],
      '400 BadDigest',
    ],
    ['an algorithm without its value', [['x-amz-checksum-algorithm', 'SHA256']], '400 InvalidRequest'],
    [
      'CRC64NVME, which S3 does not document here',
      [['x-amz-checksum-crc64nvme', 'AAAAAAAAAAA=']],
      '501 NotImplemented',
    ],
    [
      'a key of its own',
      [['x-amz-server-side-encryption-customer-algorithm', 'AES256']],
      '501 NotImplemented',
    ],
    ['too much metadata', [['x-amz-meta-a', 'x'.repeat(2_048)]], '400 MetadataTooLarge'],
  ])('%s', async (_, own, code) => {
    const answer = await refused(s3.client.post(await s3.client.fields([['key', 'refused'], ...own])))
    expect(`${answer.status} ${answer.code}`).toBe(code)
  })

  test('a key of more than 1,024 bytes', async () => {
    const answer = await s3.client.post(await s3.client.fields([['key', 'ů'.repeat(513)]]))
    expect(`${answer.status} ${answer.code}`).toBe('400 KeyTooLongError')
    expect((await s3.client.post(await s3.client.fields([['key', 'ů'.repeat(512)]]))).status).toBe(204)
  })

  test('a key that climbs out, and no other', async () => {
    const keys = ['../x', 'a/../../x', '..']
    for (const key of keys)
      expect((await s3.client.post(await s3.client.fields([['key', key]]))).code).toBe('InvalidURI')
    expect(
      (await s3.client.post(await s3.client.fields([['key', 'videos/2014/../../video1.wmv']]))).status,
    ).toBe(204)
  })

  test('signatures outside of the form', async () => {
    const fields = await s3.client.fields([['key', 'refused']])
    expect((await refused(s3.client.post(fields, 'x', { authorization: 'AWS4-HMAC-SHA256 x' }))).code).toBe(
      'InvalidRequest',
    )
    const query = await post(
      [...parts(fields), file('x')],
      `${s3.server.endpoint}/${bucket}?X-Amz-Signature=x`,
    )
    expect(query.code).toBe('InvalidRequest')
  })

  test('chunked bodies, as S3 does', async () => {
    const form = formOf([...parts(await s3.client.fields([['key', 'refused']])), file('x')])
    const answer = await refused(
      send(
        'POST',
        `${s3.server.endpoint}/${bucket}`,
        { ...form.headers, 'transfer-encoding': 'chunked', 'content-length': [] },
        form.body,
      ),
    )
    expect(`${answer.status} ${answer.code}`).toBe('501 NotImplemented')
  })
})
