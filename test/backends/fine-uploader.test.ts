/** What Fine Uploader's client has signed and sends to S3: PROTOCOLS 2.1 to 2.4. */
import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { fineUploader } from '../../src/backends/index.ts'
import type {
  FineUploaderFileOptions,
  FineUploaderOptions,
  FineUploaderTypes,
} from '../../src/backends/index.ts'
import type { HttpRequest, StoredPart, UploadRequest } from '../../src/core/index.ts'
import type { Wire, WireAnswer } from '../support/backend-call.ts'
import { wire } from '../support/backend-call.ts'
import { fileOf } from '../support/engine.ts'
import { asking, failureOf } from './conformance/stage.ts'

const base: FineUploaderOptions = {
  request: { endpoint: 'https://bkt.s3.amazonaws.com', accessKey: 'AK' },
  signature: { endpoint: '/s3handler' },
}
const signature = 'ab'.repeat(32)
const signed: WireAnswer = { text: JSON.stringify({ policy: 'cG9saWN5', signature }) }
const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const begun: WireAnswer = { text: '<R><UploadId>U</UploadId></R>' }
const ref = { uuid: 'u-1', key: 'dir one/naïve.txt', bucket: 'bkt', uploadId: 'U' }
const scope = '20261120/us-east-1/s3/aws4_request'

const request = (
  name = 'a.txt',
  options?: FineUploaderFileOptions,
  more: Partial<UploadRequest<FineUploaderTypes>> = {},
) => asking<FineUploaderTypes>(fileOf(name), { options, ...more })

const textOf = ({ body }: HttpRequest): string => (body?.kind === 'text' ? body.text : '')
const jsonOf = (sent: HttpRequest | undefined): unknown => (sent ? JSON.parse(textOf(sent)) : undefined)

async function granted(options: FineUploaderOptions, file = request(), call: Wire = wire(() => signed)) {
  const [grant] = await fineUploader(options).createUploads([file], call)
  if (!grant?.ok) throw grant?.error ?? new Error('no verdict')
  return { ...grant, sent: call.sent }
}

/** The text of the first call that has one to be signed. */
function signedText(sent: readonly HttpRequest[], at = 0): string {
  const body = jsonOf(sent[at])
  return typeof body === 'object' && body !== null && 'headers' in body ? String(body.headers) : ''
}

describe('the policy', () => {
  test('is written in the order that servers expect, and sent in the order of the form', async () => {
    const options: FineUploaderOptions = {
      ...base,
      request: { ...base.request, params: { Foo: () => 'b a+r é', 'Cache-Control': 'max-age=60' } },
      objectProperties: {
        acl: 'public-read',
        key: () => 'dir one/naïve + (1)!.txt',
        serverSideEncryption: true,
        reducedRedundancy: true,
      },
      validation: { sizeLimit: 15_000_000 },
    }
    const call = wire(() => signed, Date.parse('2026-11-20T17:17:59.709Z'))
    const file = request('my fïle.txt', undefined, { type: 'text/plain' })
    const { sent, target } = await granted(options, file, call)
    expect(textOf(sent[0] ?? { method: 'GET', url: '' })).toBe(
      JSON.stringify({
        expiration: '2026-11-20T17:22:59.709Z',
        conditions: [
          { acl: 'public-read' },
          { bucket: 'bkt' },
          { 'Content-Type': 'text/plain' },
          { success_action_status: '200' },
          { 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
          { 'x-amz-server-side-encryption': 'AES256' },
          { 'x-amz-algorithm': 'AWS4-HMAC-SHA256' },
          { key: 'dir one/naïve + (1)!.txt' },
          { 'x-amz-credential': `AK/${scope}` },
          { 'x-amz-date': '20261120T171759Z' },
          { 'x-amz-meta-foo': 'b%20a%2Br%20%C3%A9' },
          { 'Cache-Control': 'max-age=60' },
          { 'x-amz-meta-qqfilename': 'my%20f%C3%AFle.txt' },
          ['content-length-range', '0', '15000000'],
        ],
      }),
    )
    expect(target).toEqual({
      type: 'post',
      urls: ['https://bkt.s3.amazonaws.com'],
      success: [200],
      expiresIn: 300,
      fields: [
        ['key', 'dir one/naïve + (1)!.txt'],
        ['Content-Type', 'text/plain'],
        ['success_action_status', '200'],
        ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
        ['x-amz-server-side-encryption', 'AES256'],
        ['acl', 'public-read'],
        ['x-amz-meta-foo', 'b%20a%2Br%20%C3%A9'],
        ['Cache-Control', 'max-age=60'],
        ['x-amz-meta-qqfilename', 'my%20f%C3%AFle.txt'],
        ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
        ['x-amz-credential', `AK/${scope}`],
        ['x-amz-date', '20261120T171759Z'],
        ['policy', 'cG9saWN5'],
        ['x-amz-signature', signature],
      ],
    })
  })

  test('has no acl, type, range or class unless there is one', async () => {
    const { sent } = await granted({ ...base, objectProperties: { key: 'filename' } })
    expect(jsonOf(sent[0])).toMatchObject({
      conditions: [
        { bucket: 'bkt' },
        { success_action_status: '200' },
        { 'x-amz-algorithm': 'AWS4-HMAC-SHA256' },
        { key: 'a.txt' },
        { 'x-amz-credential': `AK/${scope}` },
        { 'x-amz-date': '20261120T171811Z' },
        { 'x-amz-meta-qqfilename': 'a.txt' },
      ],
    })
  })

  test.each([
    [{ minSizeLimit: 5 }, ['content-length-range', '5', '9007199254740992']],
    [{ sizeLimit: 9 }, ['content-length-range', '0', '9']],
  ])('the size range of %j is two texts', async (validation, range) => {
    const { sent } = await granted({ ...base, validation })
    const body = jsonOf(sent[0])
    expect(body).toMatchObject({ conditions: expect.arrayContaining([range]) })
  })

  test('lives longer where the file needs it', async () => {
    const { sent, target } = await granted(base, request('a.txt', undefined, { minimumLife: 1000.2 }))
    expect(target).toMatchObject({ expiresIn: 1001 })
    expect(jsonOf(sent[0])).toMatchObject({ expiration: '2026-11-20T17:34:52.000Z' })
  })

  test("one clock, S3's: also over midnight", async () => {
    const options = { ...base, request: { ...base.request, clockDrift: 120_000 } }
    const call = wire(() => signed, Date.parse('2026-11-20T23:59:00Z'))
    const { sent } = await granted(options, request(), call)
    expect(jsonOf(sent[0])).toMatchObject({
      expiration: '2026-11-21T00:06:00.000Z',
      conditions: expect.arrayContaining([
        { 'x-amz-credential': 'AK/20261121/us-east-1/s3/aws4_request' },
        { 'x-amz-date': '20261121T000100Z' },
      ]),
    })
  })
})

describe('metadata', () => {
  const sse = 'x-amz-server-side-encryption'
  test.each<[name: string, value: string | number | boolean, wire: readonly [string, string]]>([
    ['Album', 'Ü 1+1', ['x-amz-meta-album', '%C3%9C%201%2B1']],
    ['n', 7, ['x-amz-meta-n', '7']],
    ['b', false, ['x-amz-meta-b', 'false']],
    ['odd', "!'()*~", ['x-amz-meta-odd', "!'()*~"]],
    ['lone', 'a\uD800', ['x-amz-meta-lone', 'a%EF%BF%BD']],
    ['Content-Disposition', 'inline; x="ü"', ['Content-Disposition', 'inline; x="ü"']],
    ['Content-MD5', 'q==', ['Content-MD5', 'q==']],
    [`${sse}-aws-kms-key-id`, 'a/b', [`${sse}-aws-kms-key-id`, 'a/b']],
    [`${sse}-customer-key-MD5`, 'q==', [`${sse}-customer-key-md5`, 'q==']],
  ])('%s: %s', async (name, value, expected) => {
    const { target } = await granted(base, request('a.txt', { params: { [name]: value } }))
    const fields = target.type === 'post' ? target.fields : []
    expect(fields).toContainEqual(expected)
    expect(fields.findIndex(([one]) => one === expected[0])).toBeLessThan(
      fields.findIndex(([one]) => one === 'x-amz-meta-qqfilename'),
    )
  })

  test("the file's own param wins, under the name that was chosen for its name", async () => {
    const options = { ...base, request: { ...base.request, params: { a: 1 }, filenameParam: 'name' } }
    const { target } = await granted(options, request('x.txt', { params: { A: 2 } }))
    const meta = target.type === 'post' ? target.fields.filter(([name]) => name.startsWith('x-amz-meta')) : []
    expect(meta).toEqual([
      ['x-amz-meta-a', '2'],
      ['x-amz-meta-name', 'x.txt'],
    ])
  })
})

describe('the key', () => {
  test.each([
    ['photo.JPG', /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}\.JPG$/],
    ['a.tar.gz', /^[\da-f-]{36}\.gz$/],
    ['README', /^[\da-f-]{36}$/],
    ['dot.', /^[\da-f-]{36}$/],
  ])('of %s is a UUID with its extension', async (name, pattern) => {
    const { ref: made } = await granted(base, request(name))
    expect(made.key).toMatch(pattern)
    expect(made.key.startsWith(made.uuid)).toBe(true)
  })

  test('is kept by what is asked again, with and without an answer before', async () => {
    let asked = 0
    const key = (): Promise<string> => Promise.resolve(`key-${++asked}`)
    const backend = fineUploader({ ...base, objectProperties: { key } })
    const file = request()
    const [failed] = await backend.createUploads([file], wire([{ status: 500 }]))
    expect(failed).toMatchObject({ ok: false, error: { code: 'signer-failed', retry: 'later' } })
    const [first] = await backend.createUploads([file], wire([signed]))
    expect(first).toMatchObject({ ok: true, ref: { key: 'key-1' } })
    const again = { ...file, reason: 'renew' as const, ...(first?.ok && { previous: first.ref }) }
    const [renewed] = await backend.createUploads([again], wire([signed]))
    expect(renewed).toMatchObject({ ok: true, ref: first?.ok && first.ref })
    expect(asked).toBe(1)
  })

  test('is kept over a reload, for a renewal and for a new beginning', async () => {
    const chunked: FineUploaderOptions = { ...base, chunking: {} }
    const whole = await granted(chunked, request('a.txt', undefined, { reason: 'renew', previous: ref }))
    expect(whole.ref).toEqual({ uuid: 'u-1', key: ref.key, bucket: 'bkt' })
    const facts = { size: 6 * 1024 ** 2, previous: ref }
    const dead = request('a.txt', undefined, { ...facts, reason: 'restart' })
    const anew = await granted(chunked, dead, wire([signed, { text: '<R><UploadId>V</UploadId></R>' }]))
    expect(anew.ref).toEqual({ ...ref, uploadId: 'V' })
    const aged = request('a.txt', undefined, { ...facts, reason: 'renew' })
    const same = await granted(chunked, aged, wire([]))
    expect(same.ref).toEqual(ref)
  })

  test('a file that is in the list twice has two', async () => {
    const file = request()
    const backend = fineUploader(base)
    const [one, two] = await backend.createUploads(
      [file, { ...file, id: 'other' }],
      wire(() => signed),
    )
    expect(one?.ok && two?.ok && one.ref.key !== two.ref.key).toBe(true)
  })

  test.each<[string, () => Promise<string | null>, object]>([
    ['null', () => Promise.resolve(null), { code: 'refused', retry: 'never' }],
    ['a rejection', () => Promise.reject(new Error('no such album')), { code: 'internal' }],
  ])('%s fails the file, before anything is asked', async (_what, key, error) => {
    const call = wire([])
    const grants = await fineUploader({ ...base, objectProperties: { key } }).createUploads([request()], call)
    expect(grants).toMatchObject([{ ok: false, error }])
    expect(call.sent).toEqual([])
  })
})

describe("the bucket's address", () => {
  test.each([
    ['https://bkt.s3.amazonaws.com', 'bkt'],
    ['https://bkt.s3-eu-west-1.amazonaws.com/', 'bkt'],
    ['https://my.s3.bkt.s3.eu-central-1.amazonaws.com', 'my.s3.bkt'],
    ['bkt.s3.dualstack.us-west-2.amazonaws.com', 'bkt'],
    ['https://bkt.s3-accelerate.amazonaws.com', 'bkt'],
    ['https://bkt.s3.cn-north-1.amazonaws.com.cn', 'bkt'],
    ['https://s3.eu-west-1.amazonaws.com/bkt', 'bkt'],
    ['http://localhost:9000/bkt', 'bkt'],
    ['https://cdn.example.com', 'cdn.example.com'],
  ])('%s: %s', async (endpoint, bucket) => {
    const { ref: made } = await granted({ ...base, request: { ...base.request, endpoint } })
    expect(made.bucket).toBe(bucket)
  })

  test.each<[NonNullable<FineUploaderOptions['objectProperties']>, string, string, string]>([
    [{}, 'http://127.0.0.1:9000/bkt', '/bkt/k', '127.0.0.1:9000'],
    [{}, 'https://bkt.s3.amazonaws.com/', '/k', 'bkt.s3.amazonaws.com'],
    [
      { bucket: 'bkt', host: 'bkt.s3.amazonaws.com' },
      'https://cdn.example.com/up',
      '/k',
      'bkt.s3.amazonaws.com',
    ],
    [{ bucket: 'bkt', host: 's3.test', path: '/bkt' }, 'https://cdn.example.com', '/bkt/k', 's3.test'],
  ])('what S3 sees: %j behind %s', async (objectProperties, endpoint, path, host) => {
    const options = { ...base, objectProperties, request: { ...base.request, endpoint }, chunking: {} }
    const call = wire(() => signed)
    await fineUploader(options).multipart?.abort({ ...ref, key: 'k' }, call)
    const lines = signedText(call.sent).split('\n')
    expect([lines[4], lines[6]]).toEqual([path, `host:${host}`])
    expect(call.sent[1]?.url).toBe(`${endpoint.replace(/\/$/, '')}/k?uploadId=U`)
  })
})

describe('in parts', () => {
  const options: FineUploaderOptions = { ...base, chunking: { askStorage: true } }
  const parts = fineUploader(options).multipart
  if (!parts) throw new Error('no parts')

  test('beginning: what is signed, and what is only sent', async () => {
    const file = request(
      'my fïle.txt',
      { acl: 'public-read', params: { foo: 'b a+r é', 'Cache-Control': 'max-age=60' }, key: 'k (1)!.txt' },
      { size: 6 * 1024 ** 2, type: 'text/plain' },
    )
    const call = wire([signed, begun])
    const {
      ref: made,
      target,
      sent,
    } = await granted({ ...options, objectProperties: { acl: 'private' } }, file, call)
    expect(signedText(sent)).toBe(
      `AWS4-HMAC-SHA256\n20261120T171811Z\n${scope}\nPOST\n/k%20%281%29%21.txt\nuploads=\n` +
        `host:bkt.s3.amazonaws.com\nx-amz-acl:public-read\nx-amz-content-sha256:${empty}\nx-amz-date:20261120T171811Z\n` +
        'x-amz-meta-foo:b%20a%2Br%20%C3%A9\nx-amz-meta-qqfilename:my%20f%C3%AFle.txt\n\n' +
        'host;x-amz-acl;x-amz-content-sha256;x-amz-date;x-amz-meta-foo;x-amz-meta-qqfilename\n' +
        empty,
    )
    expect(sent[1]).toMatchObject({
      method: 'POST',
      url: 'https://bkt.s3.amazonaws.com/k%20%281%29%21.txt?uploads=',
      headers: expect.arrayContaining([
        ['Cache-Control', 'max-age=60'],
        ['Content-Type', 'text/plain'],
      ]),
    })
    expect(made).toMatchObject({ key: 'k (1)!.txt', uploadId: 'U' })
    expect(target).toEqual({
      type: 'multipart',
      partSize: 5 * 1024 ** 2,
      stored: [],
      object: { bucket: 'bkt', key: 'k (1)!.txt' },
    })
  })

  test('a part: its own digest, and an Authorization without blanks between', async () => {
    const digest = createHash('sha256').update('part').digest()
    const call = wire([signed])
    const checksum = { algorithm: 'sha256', value: digest.toString('base64') } as const
    const answer = await parts.signParts(ref, [{ number: 2, size: 4, checksum }], call)
    const hex = digest.toString('hex')
    expect(call.sent[0]?.url).toBe('/s3handler?v4=true')
    expect(signedText(call.sent)).toBe(
      `AWS4-HMAC-SHA256\n20261120T171811Z\n${scope}\nPUT\n/dir%20one/na%C3%AFve.txt\npartNumber=2&uploadId=U\n` +
        `host:bkt.s3.amazonaws.com\nx-amz-content-sha256:${hex}\nx-amz-date:20261120T171811Z\n\n` +
        `host;x-amz-content-sha256;x-amz-date\n${hex}`,
    )
    expect(answer.parts).toEqual([
      {
        number: 2,
        expiresIn: 600,
        request: {
          url: 'https://bkt.s3.amazonaws.com/dir%20one/na%C3%AFve.txt?partNumber=2&uploadId=U',
          headers: [
            ['x-amz-content-sha256', hex],
            ['x-amz-date', '20261120T171811Z'],
            [
              'Authorization',
              `AWS4-HMAC-SHA256 Credential=AK/${scope},SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=${signature}`,
            ],
          ],
        },
      },
    ])
  })

  test('of several parts, those that were signed are kept when one is not', async () => {
    const checksum = { algorithm: 'sha256', value: 'AAAA' } as const
    const wanted = [1, 2, 3].map((number) => ({ number, size: 1, checksum }))
    const some = await parts.signParts(ref, wanted, wire([signed, { status: 500 }, signed]))
    expect(some.parts.map(({ number }) => number)).toEqual([1, 3])
    const none = failureOf(
      parts.signParts(
        ref,
        wanted,
        wire(() => ({ status: 503 })),
      ),
    )
    expect(await none).toMatchObject({ code: 'signer-failed', retry: 'later' })
  })

  const done = (bucket: string, key: string): string =>
    `<CompleteMultipartUploadResult><Location>https://l.test/x</Location><Bucket>${bucket}</Bucket><Key>${key}</Key><ETag>&quot;e-2&quot;</ETag></CompleteMultipartUploadResult>`
  const stored: readonly StoredPart[] = [
    { number: 1, size: 5, etag: '"e1"' },
    { number: 2, size: 1, etag: '"e2"' },
  ]

  test('completing: the parts in order, their digest signed, as XML in UTF-8', async () => {
    const call = wire([signed, { text: done('bkt', 'dir one/naïve.txt') }])
    const object = await parts.complete(ref, stored, call)
    const xml =
      '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;e1&quot;</ETag></Part>' +
      '<Part><PartNumber>2</PartNumber><ETag>&quot;e2&quot;</ETag></Part></CompleteMultipartUpload>'
    expect(call.sent[1]).toMatchObject({ method: 'POST', body: { kind: 'text', text: xml } })
    expect(call.sent[1]?.headers).toContainEqual(['Content-Type', 'application/xml; charset=UTF-8'])
    expect(signedText(call.sent).endsWith(`\n${createHash('sha256').update(xml).digest('hex')}`)).toBe(true)
    expect(object).toEqual({
      location: 'https://l.test/x',
      bucket: 'bkt',
      key: 'dir one/naïve.txt',
      etag: '"e-2"',
    })
  })

  test.each([
    ['bkt', 'dir%20one/na%C3%AFve.txt', 'bkt', ref.key],
    ['bkt', 'dir+one%2Fna%C3%AFve.txt', 'bkt', ref.key],
    ['bkt', 'other.txt', 'bkt', 'other.txt'],
    ['else', 'dir one/naïve.txt', 'else', ref.key],
  ])('it names %s %s: for the engine to compare', async (bucket, named, asBucket, key) => {
    const call = wire([signed, { text: done(bucket, named) }])
    expect(await parts.complete(ref, stored, call)).toMatchObject({ bucket: asBucket, key })
  })

  const error = (code: string): string => `<Error><Code>${code}</Code><Message>no</Message></Error>`
  test.each<[string, WireAnswer, object]>([
    ['an error under 200', { text: error('InternalError') }, { code: 'storage-failed', retry: 'later' }],
    ['no bucket', { text: done('', ref.key) }, { code: 'bad-answer', retry: 'later' }],
    ['a page', { text: '<html>' }, { code: 'bad-answer', retry: 'later' }],
    ['dead', { status: 404, text: error('NoSuchUpload') }, { retry: 'restart' }],
    ['a part missing', { status: 400, text: error('InvalidPart') }, { retry: 'sign-again' }],
  ])('completing fails: %s', async (_what, answer, expected) => {
    expect(await failureOf(parts.complete(ref, stored, wire([signed, answer])))).toMatchObject(expected)
  })

  test('ETags that CORS hides: says what to do', async () => {
    const failure = await failureOf(parts.complete(ref, [{ number: 1, size: 5 }], wire([])))
    expect(failure).toMatchObject({ code: 'bad-answer', retry: 'never' })
    expect(failure.message).toMatch(/expose ETag/)
  })

  const page = (numbers: readonly number[], next?: number): WireAnswer => ({
    text: `<ListPartsResult>${next === undefined ? '' : `<NextPartNumberMarker>${next}</NextPartNumberMarker>`}<IsTruncated>${next !== undefined}</IsTruncated>${numbers.map((number) => `<Part><PartNumber>${number}</PartNumber><Size>5</Size><ETag>"e${number}"</ETag></Part>`).join('')}</ListPartsResult>`,
  })

  test('the list goes on, page by page', async () => {
    const call = wire([signed, page([1, 2], 2), signed, page([3])])
    expect(await parts.listParts?.(ref, call)).toEqual(
      [1, 2, 3].map((number) => ({ number, size: 5, etag: `"e${number}"` })),
    )
    expect(signedText(call.sent, 2)).toContain('\npart-number-marker=2&uploadId=U\n')
    expect(call.sent[3]?.url).toContain('?part-number-marker=2&uploadId=U')
  })

  test('a list that leads back to itself ends', async () => {
    const listed = parts.listParts?.(ref, wire([signed, page([1], 1), signed, page([1], 1)]))
    expect(await failureOf(listed ?? Promise.resolve())).toMatchObject({ code: 'bad-answer' })
  })

  test.each<[number, string, unknown]>([
    [200, ref.uuid, { location: 'https://bkt.s3.amazonaws.com/u-1', key: 'u-1', bucket: 'bkt', etag: '"e"' }],
    [404, ref.uuid, 'absent'],
    [403, ref.uuid, 'unknown'],
  ])('did it arrive? %d', async (status, key, expected) => {
    const call = wire([signed, { status, headers: { etag: '"e"' } }])
    expect(await fineUploader(options).probe?.({ ...ref, key }, call)).toEqual(expected)
    expect(call.sent[1]?.method).toBe('HEAD')
  })

  test('a key that others can have says nothing of whose object it is', async () => {
    const call = wire([])
    expect(await fineUploader(options).probe?.(ref, call)).toBe('unknown')
    expect(call.sent).toEqual([])
  })

  test('a store without POST gets parts, of small files too', async () => {
    const file = request('a.txt', undefined, { accepts: ['put', 'multipart'] })
    const { target } = await granted(options, file, wire([signed, begun]))
    expect(target.type).toBe('multipart')
    const [refused] = await fineUploader(base).createUploads([file], wire([]))
    expect(refused).toMatchObject({ ok: false, error: { code: 'not-supported' } })
  })

  test.each<[FineUploaderOptions['chunking'], number, boolean]>([
    [undefined, 10 ** 9, true],
    [{}, 5 * 1024 ** 2, true],
    [{}, 5 * 1024 ** 2 + 1, false],
    [{ partSize: 10 * 1024 ** 2 }, 9 * 1024 ** 2, true],
    [{ mandatory: true }, 1, false],
  ])('chunking %j, %d bytes: asked for ahead? %s', (chunking, size, expected) => {
    const backend = fineUploader({ ...base, ...(chunking && { chunking }) })
    expect(backend.signsAhead({ ...request(), size })).toBe(expected)
  })
})
