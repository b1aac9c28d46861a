import { createHash } from 'node:crypto'

import { beforeAll, describe, expect, test } from 'vitest'

import { bucket, send, serverForTests } from './support.ts'

const s3 = serverForTests()
const md5 = (data: string, encoding: 'hex' | 'base64' = 'hex') =>
  createHash('md5').update(data).digest(encoding)
const listing = async (query: string) => {
  const answer = await s3.client.signed('GET', `/${bucket}?list-type=2&${query}`)
  const all = (name: string) =>
    [...answer.text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) => text)
  return {
    answer,
    keys: all('Key'),
    prefixes: all('Prefix').slice(1),
    next: answer.element('NextContinuationToken'),
  }
}

describe('PUT', () => {
  test('keeps the bytes and everything said about them', async () => {
    const answer = await s3.client.object('PUT', 'put', {
      body: 'hello',
      headers: {
        'content-type': 'text/plain',
        'cache-control': 'max-age=60',
        'content-disposition': 'inline',
        'content-encoding': 'gzip, aws-chunked',
        'content-language': 'cs',
        expires: 'Wed, 21 Oct 2026 07:28:00 GMT',
        'x-amz-meta-Owner': 'ann',
        'x-amz-tagging': 'a=1&b=x%20y',
        'x-amz-storage-class': 'STANDARD_IA',
        'x-amz-website-redirect-location': '/elsewhere',
      },
    })
    expect(answer.status).toBe(200)
    expect(answer.text).toBe('')
    expect(answer.headers['etag']).toBe(`"${md5('hello')}"`)
    expect(answer.headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/)
    const head = await s3.client.object('HEAD', 'put')
    expect(head.headers).toMatchObject({
      'content-length': '5',
      'content-type': 'text/plain',
      'cache-control': 'max-age=60',
      'content-disposition': 'inline',
      'content-encoding': 'gzip',
      'content-language': 'cs',
      expires: 'Wed, 21 Oct 2026 07:28:00 GMT',
      'x-amz-meta-owner': 'ann',
      'x-amz-tagging-count': '2',
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-website-redirect-location': '/elsewhere',
      'accept-ranges': 'bytes',
      etag: `"${md5('hello')}"`,
    })
    expect(head.text).toBe('')
    expect((await s3.client.object('GET', 'put')).text).toBe('hello')
  })

  test('replaces all of what was there', async () => {
    await s3.client.object('PUT', 'again', { body: 'one', headers: { 'x-amz-meta-a': '1' } })
    await s3.client.object('PUT', 'again', { body: 'other' })
    const got = await s3.client.object('GET', 'again')
    expect(got.text).toBe('other')
    expect(got.headers).not.toHaveProperty('x-amz-meta-a')
  })

  test.each<[what: string, headers: Record<string, string>, code: string]>([
    ['a digest that is none', { 'content-md5': 'nonsense' }, '400 InvalidDigest'],
    ['a wrong digest', { 'content-md5': md5('other', 'base64') }, '400 BadDigest'],
    [
      'two checksums',
      { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-crc32c': 'AAAAAA==' },
      '400 InvalidRequest',
    ],
    ['a checksum that is none', { 'x-amz-checksum-crc32': 'x' }, '400 InvalidDigest'],
    ['a wrong checksum', { 'x-amz-checksum-crc32': 'AAAAAA==' }, '400 BadDigest'],
    ['an algorithm and no checksum', { 'x-amz-sdk-checksum-algorithm': 'CRC32' }, '400 InvalidRequest'],
    [
      'an algorithm and another checksum',
      { 'x-amz-sdk-checksum-algorithm': 'SHA1', 'x-amz-checksum-crc32': 'AAAAAA==' },
      '400 InvalidRequest',
    ],
    [
      'a checksum of a kind not computed here',
      { 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' },
      '501 NotImplemented',
    ],
    ['a storage class that is none', { 'x-amz-storage-class': 'Fake' }, '400 InvalidStorageClass'],
    ['an ACL', { 'x-amz-acl': 'public-read' }, '400 AccessControlListNotSupported'],
    ['a grant', { 'x-amz-grant-read': 'id=1' }, '400 AccessControlListNotSupported'],
    ['KMS', { 'x-amz-server-side-encryption': 'aws:kms' }, '501 NotImplemented'],
    ['a lock', { 'x-amz-object-lock-mode': 'GOVERNANCE' }, '501 NotImplemented'],
    ['a redirect to nowhere', { 'x-amz-website-redirect-location': 'ftp://x' }, '400 InvalidArgument'],
    ['tags with a name twice', { 'x-amz-tagging': 'a=1&a=2' }, '400 InvalidTag'],
    [
      'eleven tags',
      { 'x-amz-tagging': Array.from({ length: 11 }, (_, at) => `k${at}=v`).join('&') },
      '400 BadRequest',
    ],
    ['metadata of more than 2 KiB', { 'x-amz-meta-a': 'x'.repeat(2_048) }, '400 MetadataTooLarge'],
    ['If-None-Match with an ETag', { 'if-none-match': '"x"' }, '501 NotImplemented'],
    ['both conditions', { 'if-none-match': '*', 'if-match': '"x"' }, '501 NotImplemented'],
    ['If-Match on nothing', { 'if-match': '"x"' }, '404 NoSuchKey'],
  ])('refuses %s', async (_, headers, code) => {
    const answer = await s3.client.object('PUT', 'refused', { body: 'x', headers })
    expect(`${answer.status} ${answer.code}`).toBe(code)
    expect((await s3.client.object('HEAD', 'refused')).status).toBe(404)
  })

  test('refuses bodies of unknown or of too great a length', async () => {
    const url = await s3.client.presign('PUT', 'refused')
    const chunked = await send('PUT', url, { 'transfer-encoding': 'chunked', 'content-length': [] }, 'x')
    expect(`${chunked.status} ${chunked.code}`).toBe('501 NotImplemented')
  })

  test('a stranger to the bucket and long keys', async () => {
    expect((await s3.client.signed('PUT', '/no-such-bucket/a', {}, 'x')).code).toBe('NoSuchBucket')
    expect((await s3.client.object('PUT', 'k'.repeat(1_025))).code).toBe('KeyTooLongError')
    expect((await s3.client.object('PUT', 'k'.repeat(1_024))).status).toBe(200)
  })
})

describe('conditional writes', () => {
  test('If-None-Match: * lets one of eight win', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        s3.client.object('PUT', 'race', { body: `client ${at}`, headers: { 'if-none-match': '*' } }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ code }) => code === 'PreconditionFailed')).toHaveLength(7)
  })

  test('If-Match compares with and without quotes', async () => {
    await s3.client.object('PUT', 'swap', { body: 'one' })
    const swap = (etag: string, body: string) =>
      s3.client.object('PUT', 'swap', { body, headers: { 'if-match': etag } })
    expect((await swap(`"${md5('other')}"`, 'two')).code).toBe('PreconditionFailed')
    expect((await swap(`"${md5('one')}"`, 'two')).status).toBe(200)
    expect((await swap(md5('two'), 'three')).status).toBe(200)
    expect((await s3.client.object('GET', 'swap')).text).toBe('three')
  })

  test('of a delete', async () => {
    await s3.client.object('PUT', 'goner', { body: 'x' })
    const remove = (etag: string) => s3.client.object('DELETE', 'goner', { headers: { 'if-match': etag } })
    expect((await remove('"other"')).status).toBe(412)
    expect((await remove('*')).status).toBe(204)
    expect((await remove('*')).status).toBe(412)
    expect((await s3.client.object('DELETE', 'goner')).status).toBe(204)
  })
})

describe('GET', () => {
  beforeAll(async () => {
    await s3.client.object('PUT', 'digits', { body: '0123456789', headers: { 'content-type': 'text/plain' } })
    await s3.client.object('PUT', 'empty')
  })

  test.each<[range: string, status: number, text: string, contentRange: string | undefined]>([
    ['bytes=0-4', 206, '01234', 'bytes 0-4/10'],
    ['bytes=5-', 206, '56789', 'bytes 5-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-30', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=8-100', 206, '89', 'bytes 8-9/10'],
    ['bytes=9-9', 206, '9', 'bytes 9-9/10'],
    ['bytes=0-1,3-4', 200, '0123456789', undefined],
    ['bytes=5-3', 200, '0123456789', undefined],
    ['bytes=a-b', 200, '0123456789', undefined],
    ['chars=0-1', 200, '0123456789', undefined],
  ])('range %s', async (range, status, text, contentRange) => {
    const answer = await s3.client.object('GET', 'digits', { headers: { range } })
    expect(answer.status).toBe(status)
    expect(answer.text).toBe(text)
    expect(answer.headers['content-range']).toBe(contentRange)
    expect(answer.headers['content-length']).toBe(String(text.length))
  })

  test.each(['bytes=10-', 'bytes=-0', 'bytes=99-100'])('range %s cannot be', async (range) => {
    const answer = await s3.client.object('GET', 'digits', { headers: { range } })
    expect(`${answer.status} ${answer.code}`).toBe('416 InvalidRange')
    expect(answer.headers['content-range']).toBe('bytes */10')
  })

  test.each<[what: string, headers: () => Record<string, string>, status: number]>([
    ['If-Match', () => ({ 'if-match': `"${md5('0123456789')}"` }), 200],
    ['If-Match, another', () => ({ 'if-match': '"other"' }), 412],
    ['If-None-Match', () => ({ 'if-none-match': `"${md5('0123456789')}"` }), 304],
    ['If-None-Match, another', () => ({ 'if-none-match': '"other"' }), 200],
    ['If-Modified-Since, in the past', () => ({ 'if-modified-since': new Date(0).toUTCString() }), 200],
    [
      'If-Modified-Since, in the future',
      () => ({ 'if-modified-since': new Date(Date.now() + 1e6).toUTCString() }),
      304,
    ],
    ['If-Modified-Since, no date', () => ({ 'if-modified-since': 'yesterday' }), 200],
    ['If-Unmodified-Since, in the past', () => ({ 'if-unmodified-since': new Date(0).toUTCString() }), 412],
    [
      'If-Match outweighs If-Unmodified-Since',
      () => ({ 'if-match': '*', 'if-unmodified-since': new Date(0).toUTCString() }),
      200,
    ],
    [
      'If-None-Match outweighs If-Modified-Since',
      () => ({ 'if-none-match': '"other"', 'if-modified-since': new Date(Date.now() + 1e6).toUTCString() }),
      200,
    ],
  ])('%s', async (_, headers, status) => {
    const answer = await s3.client.object('GET', 'digits', { headers: headers() })
    expect(answer.status).toBe(status)
    expect(answer.headers['etag'] ?? status).toBe(status === 412 ? 412 : `"${md5('0123456789')}"`)
  })

  test('overrides what it says of itself', async () => {
    const url = await s3.client.presign('GET', 'digits', {
      query:
        'response-content-disposition=attachment%3B%20filename%3D%22n.txt%22&response-content-type=a%2Fb&response-cache-control=no-store',
    })
    expect((await send('GET', url)).headers).toMatchObject({
      'content-disposition': 'attachment; filename="n.txt"',
      'content-type': 'a/b',
      'cache-control': 'no-store',
    })
  })

  test('cannot be made to write headers of somebody else', async () => {
    const url = await s3.client.presign('GET', 'digits', {
      query: 'response-content-type=a%0D%0Ax-evil%3A%201',
    })
    const answer = await send('GET', url)
    expect(answer.status).toBe(200)
    expect(answer.headers).not.toHaveProperty('x-evil')
  })

  test('an empty object', async () => {
    const answer = await s3.client.object('GET', 'empty')
    expect(answer.headers['content-length']).toBe('0')
    expect((await s3.client.object('GET', 'empty', { headers: { range: 'bytes=0-' } })).status).toBe(416)
  })

  test('nothing', async () => {
    const answer = await s3.client.object('GET', 'nothing')
    expect(`${answer.status} ${answer.code}`).toBe('404 NoSuchKey')
    expect(answer.element('Key')).toBe('nothing')
    const head = await s3.client.object('HEAD', 'nothing')
    expect(`${head.status}${head.text}`).toBe('404')
  })
})

describe('listing', () => {
  const keys = ['a', 'b/1', 'b/2', 'b/c/3', 'd & <e>', 'é', '\uFF21', '🐴', 'z\u0001']
  beforeAll(async () => {
    await s3.client.signed('PUT', '/list-bucket')
    for (const key of keys) await s3.client.signed('PUT', `/list-bucket/${encodeURIComponent(key)}`, {}, key)
  })
  const page = async (query: string) => {
    const answer = await s3.client.signed('GET', `/list-bucket?list-type=2&encoding-type=url&${query}`)
    const all = (name: string) =>
      [...answer.text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
        decodeURIComponent(text),
      )
    return {
      answer,
      keys: all('Key'),
      prefixes: all('Prefix').slice(1),
      next: answer.element('NextContinuationToken'),
    }
  }

  test('sorts by bytes', async () => {
    const { answer, keys: listed } = await page('')
    expect(listed).toEqual(['a', 'b/1', 'b/2', 'b/c/3', 'd & <e>', 'z\u0001', 'é', '\uFF21', '🐴'])
    expect(answer.element('KeyCount')).toBe('9')
    expect(answer.element('IsTruncated')).toBe('false')
  })

  test('unencoded names are XML', async () => {
    const answer = await s3.client.signed('GET', '/list-bucket?list-type=2&prefix=d')
    expect(answer.element('Key')).toBe('d & <e>')
    expect(answer.element('ETag')).toBe(`"${md5('d & <e>')}"`)
    expect(answer.element('Size')).toBe('7')
    expect(answer.element('StorageClass')).toBe('STANDARD')
  })

  test('folds behind a delimiter', async () => {
    expect(await page('delimiter=%2F')).toMatchObject({
      keys: expect.arrayContaining(['a', 'é']) as unknown,
      prefixes: ['b/'],
    })
    expect(await page('delimiter=%2F&prefix=b%2F')).toMatchObject({
      keys: ['b/1', 'b/2'],
      prefixes: ['b/c/'],
    })
    expect(await page('prefix=nothing')).toMatchObject({ keys: [], prefixes: [] })
  })

  test.each([1, 2, 3, 7, 8, 9])('in pages of %i, nothing lost and nothing twice', async (size) => {
    for (const delimiter of ['', '&delimiter=%2F']) {
      const found: string[] = []
      let token: string | undefined
      do {
        const result = await page(
          `max-keys=${size}${delimiter}${token === undefined ? '' : `&continuation-token=${encodeURIComponent(token)}`}`,
        )
        expect(result.keys.length + result.prefixes.length).toBeLessThanOrEqual(size)
        found.push(...result.keys, ...result.prefixes)
        token = result.next
      } while (token !== undefined)
      expect(found.toSorted()).toEqual(
        (delimiter === '' ? keys : ['a', 'b/', 'd & <e>', 'é', '\uFF21', '🐴', 'z\u0001']).toSorted(),
      )
    }
  })

  test('after a key', async () => {
    expect((await page('start-after=b%2F2&max-keys=2')).keys).toEqual(['b/c/3', 'd & <e>'])
    expect(await page('start-after=b%2F1&delimiter=%2F&max-keys=1')).toMatchObject({ prefixes: ['b/'] })
  })

  test.each([
    'max-keys=x',
    'max-keys=-1',
    'continuation-token=',
    'continuation-token=%21',
    'encoding-type=base64',
  ])('refuses %s', async (query) => {
    const answer = await s3.client.signed('GET', `/list-bucket?list-type=2&${query}`)
    expect(`${answer.status} ${answer.code}`).toBe('400 InvalidArgument')
  })

  test('max-keys=0 lists nothing, and says that this is all', async () => {
    const { keys: none, answer } = await page('max-keys=0')
    expect(none).toEqual([])
    expect(answer.element('IsTruncated')).toBe('false')
  })
})

describe('copies', () => {
  const copy = (key: string, source: string, headers: Record<string, string> = {}) =>
    s3.client.object('PUT', key, { headers: { 'x-amz-copy-source': source, ...headers } })
  beforeAll(async () => {
    await s3.client.object('PUT', 'from/ů +', {
      body: 'source',
      headers: {
        'content-type': 'text/plain',
        'x-amz-meta-a': '1',
        'x-amz-tagging': 't=1',
        'x-amz-website-redirect-location': '/r',
      },
    })
  })
  const source = `${bucket}/from/%C5%AF%20%2B`

  test('take everything along but the redirect', async () => {
    const answer = await copy('to/1', source)
    expect(answer.status).toBe(200)
    expect(answer.element('ETag')).toBe(`"${md5('source')}"`)
    const got = await s3.client.object('GET', 'to/1')
    expect(got.text).toBe('source')
    expect(got.headers).toMatchObject({
      'content-type': 'text/plain',
      'x-amz-meta-a': '1',
      'x-amz-tagging-count': '1',
    })
    expect(got.headers).not.toHaveProperty('x-amz-website-redirect-location')
  })

  test('or what they are told instead', async () => {
    await copy('to/2', `/${source}`, {
      'x-amz-metadata-directive': 'REPLACE',
      'x-amz-tagging-directive': 'REPLACE',
      'x-amz-meta-b': '2',
    })
    const { headers } = await s3.client.object('HEAD', 'to/2')
    expect(headers).toMatchObject({ 'content-type': 'binary/octet-stream', 'x-amz-meta-b': '2' })
    expect(headers).not.toHaveProperty('x-amz-meta-a')
    expect(headers).not.toHaveProperty('x-amz-tagging-count')
  })

  test('outlive their source', async () => {
    await s3.client.object('PUT', 'mortal', { body: 'x' })
    await copy('heir', `${bucket}/mortal`)
    await s3.client.object('DELETE', 'mortal')
    expect((await s3.client.object('GET', 'heir')).text).toBe('x')
  })

  test('on condition', async () => {
    const copied = (headers: Record<string, string>) => copy('to/3', source, headers)
    expect((await copied({ 'x-amz-copy-source-if-match': '"other"' })).status).toBe(412)
    expect((await copied({ 'x-amz-copy-source-if-none-match': `"${md5('source')}"` })).status).toBe(412)
    expect(
      (await copied({ 'x-amz-copy-source-if-match': `"${md5('source')}"`, 'if-none-match': '*' })).status,
    ).toBe(200)
    expect((await copied({ 'if-none-match': '*' })).status).toBe(412)
  })

  test.each<[what: string, source: string, headers: Record<string, string>, code: string]>([
    ['no key', bucket, {}, '400 InvalidArgument'],
    ['a bucket that is not there', 'no-such-bucket/a', {}, '404 NoSuchBucket'],
    ['a key that is not there', `${bucket}/nothing`, {}, '404 NoSuchKey'],
    ['a key encoded twice', `${bucket}/from/%25C5%25AF%2520%252B`, {}, '404 NoSuchKey'],
    ['a version', `${source}?versionId=1`, {}, '501 NotImplemented'],
    ['a directive that is none', source, { 'x-amz-metadata-directive': 'MERGE' }, '400 InvalidArgument'],
  ])('refuse %s', async (_, from, headers, code) => {
    const answer = await copy('to/4', from, headers)
    expect(`${answer.status} ${answer.code}`).toBe(code)
  })

  test('onto themselves only with a change', async () => {
    const same = `${bucket}/to/1`
    expect((await copy('to/1', same)).code).toBe('InvalidRequest')
    expect(
      (await copy('to/1', same, { 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-new': '1' })).status,
    ).toBe(200)
    expect((await s3.client.object('GET', 'to/1')).text).toBe('source')
  })
})

describe('tags', () => {
  const tagging = (tags: string) => `<Tagging><TagSet>${tags}</TagSet></Tagging>`
  const put = (xml: string) =>
    s3.client.object('PUT', 'tagged', {
      query: 'tagging',
      body: xml,
      headers: { 'content-md5': md5(xml, 'base64') },
    })

  test('are put, got and deleted, the object as it was', async () => {
    await s3.client.object('PUT', 'tagged', { body: 'x' })
    const xml = tagging('<Tag><Key>k é</Key><Value>v</Value></Tag><Tag><Key>e</Key><Value></Value></Tag>')
    expect((await put(xml)).status).toBe(200)
    const got = await s3.client.object('GET', 'tagged', { query: 'tagging' })
    expect(got.text).toContain(
      '<Tag><Key>k é</Key><Value>v</Value></Tag><Tag><Key>e</Key><Value></Value></Tag>',
    )
    expect((await s3.client.object('DELETE', 'tagged', { query: 'tagging' })).status).toBe(204)
    expect((await s3.client.object('GET', 'tagged', { query: 'tagging' })).text).toContain(
      '<TagSet></TagSet>',
    )
    expect((await s3.client.object('GET', 'tagged')).text).toBe('x')
  })

  test.each<[what: string, xml: string, code: string]>([
    [
      'a key twice',
      tagging('<Tag><Key>k</Key><Value>1</Value></Tag><Tag><Key>k</Key><Value>2</Value></Tag>'),
      'InvalidTag',
    ],
    [
      'a key of 129 characters',
      tagging(`<Tag><Key>${'k'.repeat(129)}</Key><Value>1</Value></Tag>`),
      'InvalidTag',
    ],
    ['a character that is not allowed', tagging('<Tag><Key>k</Key><Value>!</Value></Tag>'), 'InvalidTag'],
    ["AWS's own prefix", tagging('<Tag><Key>aws:k</Key><Value>1</Value></Tag>'), 'InvalidTag'],
    ['no value', tagging('<Tag><Key>k</Key></Tag>'), 'MalformedXML'],
    ['no set', '<Tagging/>', 'MalformedXML'],
  ])('refuse %s', async (_, xml, code) => {
    const answer = await put(xml)
    expect(`${answer.status} ${answer.code}`).toBe(`400 ${code}`)
  })
})

test('deleting many at once', async () => {
  for (const key of ['many/1', 'many/2 &']) await s3.client.object('PUT', key, { body: key })
  const remove = (xml: string) =>
    s3.client.signed('POST', `/${bucket}?delete`, { 'content-md5': md5(xml, 'base64') }, xml)
  const answer = await remove(
    '<Delete><Object><Key>many/1</Key></Object><Object><Key>many/2 &amp;</Key><ETag>"other"</ETag></Object><Object><Key>many/3</Key></Object></Delete>',
  )
  expect(answer.status).toBe(200)
  expect(answer.text).toContain('<Deleted><Key>many/1</Key></Deleted>')
  expect(answer.text).toContain('<Error><Key>many/2 &amp;</Key><Code>PreconditionFailed</Code>')
  expect(answer.text).toContain('<Deleted><Key>many/3</Key></Deleted>')
  expect((await listing('prefix=many')).keys).toEqual(['many/2 &amp;'])
  const quiet = await remove('<Delete><Quiet>true</Quiet><Object><Key>many/2 &amp;</Key></Object></Delete>')
  expect(quiet.text).not.toContain('Deleted')
  expect((await listing('prefix=many')).keys).toEqual([])
  expect((await remove('<Delete></Delete>')).code).toBe('MalformedXML')
  expect((await s3.client.signed('POST', `/${bucket}?delete`, {}, '<Delete/>')).code).toBe('InvalidRequest')
})

describe('buckets', () => {
  test.each([
    'ab',
    'Upper',
    'under_score',
    'a..b',
    'a.-b',
    '-ab',
    'ab-',
    '192.168.5.4',
    'xn--a',
    'a-s3alias',
    'b'.repeat(64),
  ])('no bucket can be named %s', async (name) => {
    const answer = await s3.client.signed('PUT', `/${name}`)
    expect(`${answer.status} ${answer.code}`).toBe('400 InvalidBucketName')
  })

  test('come and go', async () => {
    expect((await s3.client.signed('PUT', '/new-bucket')).status).toBe(200)
    expect((await s3.client.signed('PUT', '/new-bucket')).status).toBe(200)
    expect((await s3.client.signed('HEAD', '/new-bucket')).headers['x-amz-bucket-region']).toBe('us-east-1')
    expect((await s3.client.signed('GET', '/new-bucket?location')).text).toContain('LocationConstraint')
    expect((await s3.client.signed('GET', '/')).text).toContain('<Name>new-bucket</Name>')
    await s3.client.signed('PUT', '/new-bucket/a', {}, 'x')
    expect((await s3.client.signed('DELETE', '/new-bucket')).code).toBe('BucketNotEmpty')
    await s3.client.signed('DELETE', '/new-bucket/a')
    expect((await s3.client.signed('DELETE', '/new-bucket')).status).toBe(204)
    expect((await s3.client.signed('HEAD', '/new-bucket')).status).toBe(404)
  })

  test('are made for this region only', async () => {
    const at = (region: string) =>
      `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`
    for (const region of ['eu-west-1', 'us-east-1']) {
      const answer = await s3.client.signed('PUT', '/regional', {}, at(region))
      expect(`${answer.status} ${answer.code}`).toBe('400 IllegalLocationConstraintException')
    }
  })
})

test.each([
  ['PUT', `/${bucket}/a?acl`, '501 NotImplemented'],
  ['PUT', `/${bucket}?policy`, '501 NotImplemented'],
  ['PUT', `/${bucket}/a?versionId=1`, '501 NotImplemented'],
  ['GET', `/${bucket}`, '501 NotImplemented'],
  ['GET', `/${bucket}?versions`, '501 NotImplemented'],
  ['PUT', `/${bucket}/a?partNumber=1`, '501 NotImplemented'],
  ['POST', `/${bucket}/a`, '405 MethodNotAllowed'],
  ['PATCH', `/${bucket}/a`, '405 MethodNotAllowed'],
  ['PUT', '/', '405 MethodNotAllowed'],
])('%s %s is not taken for something else', async (method, path, code) => {
  await s3.client.object('PUT', 'a', { body: 'kept' })
  const answer = await send(method, `${s3.server.endpoint}${path}`, {}, 'x')
  expect(`${answer.status} ${answer.code}`).toBe(code)
  expect((await s3.client.object('GET', 'a')).text).toBe('kept')
})
