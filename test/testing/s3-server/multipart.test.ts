import { createHash, randomBytes } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { startS3Server } from '../../../src/testing/s3-server/index.ts'
import { bucket, Client, credentials, send, serverForTests, type Answer } from './support.ts'

const s3 = serverForTests()
const MiB = 1024 ** 2
const five = randomBytes(5 * MiB)
const md5 = (data: Uint8Array | string) => createHash('md5').update(data).digest()

/** An upload in parts, with whatever its test needs. */
class Upload {
  readonly client: Client
  readonly key: string
  readonly id: string

  private constructor(client: Client, key: string, id: string) {
    this.client = client
    this.key = key
    this.id = id
  }

  static async create(
    key: string,
    headers: Record<string, string> = {},
    client: Client = s3.client,
  ): Promise<Upload> {
    const answer = await client.object('POST', key, { query: 'uploads', headers })
    return new Upload(client, key, answer.element('UploadId') ?? '')
  }

  part(
    number: number | string,
    body: Uint8Array | string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.client.object('PUT', this.key, {
      query: `partNumber=${number}&uploadId=${this.id}`,
      body,
      headers,
    })
  }

  list(query = ''): Promise<Answer> {
    return this.client.object('GET', this.key, { query: `uploadId=${this.id}${query}` })
  }

  abort(): Promise<Answer> {
    return this.client.object('DELETE', this.key, { query: `uploadId=${this.id}` })
  }

  /** Completes with these parts: `[number, etag, more XML]`. */
  complete(
    parts: readonly (readonly [number | string, string, string?])[],
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const list = parts
      .map(
        ([number, etag, more = '']) =>
          `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag>${more}</Part>`,
      )
      .join('')
    const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${list}</CompleteMultipartUpload>`
    return this.client.object('POST', this.key, { query: `uploadId=${this.id}`, body, headers })
  }
}

const etagOf = (data: Uint8Array | string) => `"${md5(data).toString('hex')}"`

describe('an upload in parts', () => {
  test('becomes an object when it is completed, and not before', async () => {
    const upload = await Upload.create('whole', {
      'content-type': 'video/mp4',
      'x-amz-meta-a': '1',
      'x-amz-tagging': 't=1',
    })
    const first = await upload.part(1, five)
    expect(first.headers['etag']).toBe(etagOf(five))
    await upload.part(2, 'tail')
    expect((await s3.client.object('HEAD', 'whole')).status).toBe(404)

    const done = await upload.complete([
      [1, etagOf(five)],
      [2, etagOf('tail')],
    ])
    expect(done.status).toBe(200)
    const etag = `"${md5(Buffer.concat([md5(five), md5('tail')])).toString('hex')}-2"`
    expect(done.element('ETag')).toBe(etag)
    expect(done.element('Location')).toBe(`${s3.server.endpoint}/${bucket}/whole`)
    const got = await s3.client.object('GET', 'whole')
    expect(got.bytes.equals(Buffer.concat([five, Buffer.from('tail')]))).toBe(true)
    expect(got.headers).toMatchObject({
      etag,
      'content-type': 'video/mp4',
      'x-amz-meta-a': '1',
      'x-amz-tagging-count': '1',
    })
    expect((await upload.list()).code).toBe('NoSuchUpload')
    expect((await upload.complete([[1, etagOf(five)]])).code).toBe('NoSuchUpload')
  })

  test('ranges cross its parts, and partNumber reads one', async () => {
    const size = five.length
    const middle = await s3.client.object('GET', 'whole', {
      headers: { range: `bytes=${size - 2}-${size + 1}` },
    })
    expect(middle.bytes.equals(Buffer.concat([five.subarray(-2), Buffer.from('ta')]))).toBe(true)
    const second = await s3.client.object('GET', 'whole', { query: 'partNumber=2' })
    expect(`${second.status} ${second.text}`).toBe('206 tail')
    expect(second.headers).toMatchObject({
      'x-amz-mp-parts-count': '2',
      'content-range': `bytes ${size}-${size + 3}/${size + 4}`,
    })
    expect((await s3.client.object('GET', 'whole', { query: 'partNumber=3' })).status).toBe(416)
    expect(
      (await s3.client.object('GET', 'whole', { query: 'partNumber=1', headers: { range: 'bytes=0-1' } }))
        .code,
    ).toBe('InvalidRequest')
  })

  test('a copy of it is one piece', async () => {
    await s3.client.object('PUT', 'copied', { headers: { 'x-amz-copy-source': `${bucket}/whole` } })
    const all = Buffer.concat([five, Buffer.from('tail')])
    const copy = await s3.client.object('GET', 'copied')
    expect(copy.headers['etag']).toBe(etagOf(all))
    expect(copy.bytes.equals(all)).toBe(true)
  })

  test('parts in any order, sent again, with gaps, unlisted ones dropped', async () => {
    const upload = await Upload.create('odd')
    await upload.part(7, 'last')
    await upload.part(3, 'wrong')
    await upload.part(3, five)
    await upload.part(5, 'unlisted')
    expect(
      (
        await upload.complete([
          [3, etagOf('wrong')],
          [7, etagOf('last')],
        ])
      ).code,
    ).toBe('InvalidPart')
    // ETags come with and without quotes.
    expect(
      (
        await upload.complete([
          [3, etagOf(five).replaceAll('"', '')],
          [7, etagOf('last')],
        ])
      ).status,
    ).toBe(200)
    expect(
      (await s3.client.object('GET', 'odd')).bytes.equals(Buffer.concat([five, Buffer.from('last')])),
    ).toBe(true)
  })

  test('presigned from start to end, as browsers do it', async () => {
    const started = await send('POST', await s3.client.presign('POST', 'signed', { query: 'uploads' }))
    const id = started.element('UploadId') ?? ''
    const url = await s3.client.presign('PUT', 'signed', { query: `partNumber=1&uploadId=${id}` })
    expect((await send('PUT', url, {}, 'x')).status).toBe(200)
    expect((await send('PUT', url.replace('partNumber=1', 'partNumber=2'), {}, 'x')).code).toBe(
      'SignatureDoesNotMatch',
    )
    const listed = await send('GET', await s3.client.presign('GET', 'signed', { query: `uploadId=${id}` }))
    expect(listed.element('Size')).toBe('1')
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etagOf('x')}</ETag></Part></CompleteMultipartUpload>`
    expect(
      (await send('POST', await s3.client.presign('POST', 'signed', { query: `uploadId=${id}` }), {}, body))
        .status,
    ).toBe(200)
    expect((await s3.client.object('GET', 'signed')).text).toBe('x')
  })
})

describe('refuses', () => {
  test.each(['0', '10001', '-1', '1.5', 'one', ''])('part number %s', async (number) => {
    const upload = await Upload.create('numbers')
    const answer = await upload.part(number, 'x')
    expect(`${answer.status} ${answer.code}`).toBe('400 InvalidArgument')
    expect(answer.element('ArgumentName')).toBe('partNumber')
  })

  test('an upload of another key, of no key, and one that was aborted', async () => {
    const upload = await Upload.create('mine')
    await upload.part(1, 'x')
    const elsewhere = (key: string, id: string) =>
      s3.client.object('PUT', key, { query: `partNumber=1&uploadId=${id}`, body: 'x' })
    expect((await elsewhere('theirs', upload.id)).code).toBe('NoSuchUpload')
    expect((await elsewhere('mine', 'nonsense')).code).toBe('NoSuchUpload')
    expect((await upload.abort()).status).toBe(204)
    for (const answer of [
      await upload.part(2, 'x'),
      await upload.list(),
      await upload.abort(),
      await upload.complete([[1, etagOf('x')]]),
    ]) {
      expect(`${answer.status} ${answer.code}`).toBe('404 NoSuchUpload')
    }
  })

  test.each<[what: string, parts: (readonly [number | string, string])[], code: string]>([
    [
      'parts out of order',
      [
        [2, etagOf('b')],
        [1, etagOf(five)],
      ],
      'InvalidPartOrder',
    ],
    [
      'a part twice',
      [
        [1, etagOf(five)],
        [1, etagOf(five)],
      ],
      'InvalidPartOrder',
    ],
    [
      'a part never sent',
      [
        [1, etagOf(five)],
        [9, etagOf('b')],
      ],
      'InvalidPart',
    ],
    ['a wrong ETag', [[1, etagOf('other')]], 'InvalidPart'],
    ['an empty ETag', [[1, '']], 'InvalidPart'],
    [
      'a small part before the last',
      [
        [2, etagOf('b')],
        [3, etagOf('c')],
      ],
      'EntityTooSmall',
    ],
    ['no parts', [], 'MalformedXML'],
    ['a number that is none', [['one', etagOf(five)]], 'MalformedXML'],
    ['10,001 parts', Array.from({ length: 10_001 }, (_, at) => [at + 1, 'x'] as const), 'MalformedXML'],
  ])('%s, and leaves the upload as it was', async (_, parts, code) => {
    const upload = await Upload.create('incomplete')
    await upload.part(1, five)
    await upload.part(2, 'b')
    await upload.part(3, 'c')
    const answer = await upload.complete(parts)
    expect(`${answer.status} ${answer.code}`).toBe(`400 ${code}`)
    expect((await s3.client.object('HEAD', 'incomplete')).status).toBe(404)
    expect((await upload.list()).text.match(/<Part>/g)).toHaveLength(3)
    await upload.abort()
  })

  test('a body that is no list', async () => {
    const upload = await Upload.create('incomplete')
    for (const body of [
      '',
      'nonsense',
      '<Other/>',
      '<CompleteMultipartUpload><Part/></CompleteMultipartUpload>',
    ]) {
      const answer = await s3.client.object('POST', 'incomplete', { query: `uploadId=${upload.id}`, body })
      expect(answer.code).toBe('MalformedXML')
    }
  })

  test('another size than promised', async () => {
    const upload = await Upload.create('sized')
    await upload.part(1, 'abc')
    const complete = (size: string) => upload.complete([[1, etagOf('abc')]], { 'x-amz-mp-object-size': size })
    expect((await complete('4')).code).toBe('InvalidRequest')
    expect((await complete('3')).status).toBe(200)
  })

  test('parts with a wrong digest', async () => {
    const upload = await Upload.create('digest')
    expect((await upload.part(1, 'x', { 'content-md5': md5('y').toString('base64') })).code).toBe('BadDigest')
    expect((await upload.list()).text).not.toContain('<Part>')
  })
})

test('completing on condition: the first to finish wins', async () => {
  const [one, other] = [await Upload.create('contest'), await Upload.create('contest')]
  await one.part(1, '1')
  await other.part(1, '2')
  const win = (upload: Upload, content: string) =>
    upload.complete([[1, etagOf(content)]], { 'if-none-match': '*' })
  const answers = await Promise.all([win(one, '1'), win(other, '2')])
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412])
  const loser = answers[0]?.status === 412 ? one : other
  expect((await loser.list()).status).toBe(200)
})

test('a part that ends after its upload does not stay', async () => {
  const upload = await Upload.create('late')
  await upload.part(1, 'x')
  const [part, aborted] = await Promise.all([upload.part(2, five), upload.abort()])
  expect(aborted.status).toBe(204)
  expect([200, 404]).toContain(part.status)
  expect((await upload.list()).code).toBe('NoSuchUpload')
})

describe('lists', () => {
  test('parts, in pages', async () => {
    const upload = await Upload.create('listed')
    for (const number of [3, 1, 10_000]) await upload.part(number, String(number))
    const numbers = (answer: Answer) =>
      [...answer.text.matchAll(/<PartNumber>(\d+)</g)].map(([, number]) => Number(number))
    const all = await upload.list()
    expect(numbers(all)).toEqual([1, 3, 10_000])
    expect(all.element('ETag')).toBe(etagOf('1'))
    expect(all.element('IsTruncated')).toBe('false')
    const page = await upload.list('&max-parts=2')
    expect(numbers(page)).toEqual([1, 3])
    expect(page.element('IsTruncated')).toBe('true')
    expect(page.element('NextPartNumberMarker')).toBe('3')
    expect(numbers(await upload.list('&max-parts=2&part-number-marker=3'))).toEqual([10_000])
    expect((await upload.list('&part-number-marker=x')).code).toBe('InvalidArgument')
  })

  test('uploads, in pages', async () => {
    const keys = ['p/a', 'p/b', 'p/b', 'p/c/1', 'p/c/2']
    const uploads = []
    for (const key of keys) uploads.push(await Upload.create(key))
    const list = async (query: string) => {
      const answer = await s3.client.signed('GET', `/${bucket}?uploads&prefix=p%2F${query}`)
      return { answer, ids: [...answer.text.matchAll(/<UploadId>(\w+)</g)].map(([, id]) => id) }
    }
    expect((await list('')).ids).toEqual(uploads.map(({ id }) => id))
    const folded = await list('&delimiter=%2F')
    expect(folded.ids).toHaveLength(3)
    expect(folded.answer.text).toContain('<CommonPrefixes><Prefix>p/c/</Prefix></CommonPrefixes>')
    for (const size of [1, 2, 4]) {
      const found: (string | undefined)[] = []
      let markers = ''
      do {
        const { answer, ids } = await list(`&max-uploads=${size}${markers}`)
        found.push(...ids)
        markers =
          answer.element('IsTruncated') === 'true'
            ? `&key-marker=${encodeURIComponent(answer.element('NextKeyMarker') ?? '')}&upload-id-marker=${answer.element('NextUploadIdMarker')}`
            : ''
      } while (markers !== '')
      expect(found).toEqual(uploads.map(({ id }) => id))
    }
    expect((await list('&key-marker=p%2Fb')).ids).toEqual(uploads.slice(3).map(({ id }) => id))
    for (const upload of uploads) await upload.abort()
  })
})

describe('as R2', () => {
  test('wants parts of one size, and knows no POST', async () => {
    const server = await startS3Server({ credentials: [credentials], dialect: 'r2', region: 'auto' })
    try {
      const client = new Client(server)
      expect((await client.signed('PUT', `/${bucket}`)).status).toBe(200)
      const upload = await Upload.create('even', {}, client)
      await upload.part(1, five)
      await upload.part(2, Buffer.concat([five, five]))
      await upload.part(3, 'x')
      const uneven = await upload.complete([
        [1, etagOf(five)],
        [2, etagOf(Buffer.concat([five, five]))],
        [3, etagOf('x')],
      ])
      expect(`${uneven.status} ${uneven.code} ${uneven.message}`).toBe(
        '400 InvalidPart All non-trailing parts must have the same length.',
      )
      expect(
        (
          await upload.complete([
            [1, etagOf(five)],
            [2, etagOf(Buffer.concat([five, five]))],
          ])
        ).code,
      ).toBe('InvalidPart')
      expect(
        (
          await upload.complete([
            [1, etagOf(five)],
            [3, etagOf('x')],
          ])
        ).status,
      ).toBe(200)
      const posted = await client.post(await client.fields([['key', 'a']]))
      expect(`${posted.status} ${posted.code}`).toBe('501 NotImplemented')
    } finally {
      await server.close()
    }
  })
})
