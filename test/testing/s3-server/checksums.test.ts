import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { combineCrcs } from '../../../src/testing/s3-server/checksums/crc-combine.ts'
import { createDigest } from '../../../src/testing/s3-server/checksums/digest.ts'
import { serverForTests } from './support.ts'

const s3 = serverForTests()
const MiB = 1024 ** 2
const parts = ['A', 'B', 'C'].map((char) => Buffer.alloc(5 * MiB, char))
type Algorithm = Parameters<typeof createDigest>[0]
const digestOf = (algorithm: Algorithm, data: Uint8Array | string, step = Infinity) => {
  const digest = createDigest(algorithm)
  const bytes = Buffer.from(data)
  for (let at = 0; at < bytes.length; at += step) digest.update(bytes.subarray(at, at + step))
  return digest.digest()
}
const base64 = (algorithm: Algorithm, data: Uint8Array | string) =>
  digestOf(algorithm, data).toString('base64')

describe('digests', () => {
  // The catalogue's check values: of the digits 1 to 9.
  test.each<[Algorithm, string]>([
    ['CRC32', 'cbf43926'],
    ['CRC32C', 'e3069283'],
    ['CRC64NVME', 'ae8b14860a799888'],
    ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
    ['SHA256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
    ['MD5', '25f9e794323b453885f5181f1b624d0b'],
  ])('%s', (algorithm, check) => {
    expect(digestOf(algorithm, '123456789').toString('hex')).toBe(check)
    expect(digestOf(algorithm, '123456789', 1).toString('hex')).toBe(check)
  })

  test.each(['CRC32C', 'CRC64NVME'] as const)('%s does not care how bytes are cut', (algorithm) => {
    const data = Buffer.from(Array.from({ length: 1_000 }, (_, at) => (at * 31) % 256))
    const whole = digestOf(algorithm, data)
    for (let step = 1; step < 40; step += 1) expect(digestOf(algorithm, data, step)).toEqual(whole)
    expect(digestOf(algorithm, '')).toEqual(Buffer.alloc(whole.length))
  })

  // s3-tests: three parts of 5 MiB of A, B and C.
  test.each([
    ['CRC32', ['JRTCyQ==', 'QoZTGg==', 'YAgjqw=='], 'WgDhBQ=='],
    ['CRC64NVME', ['L/E4WYn8v98=', 'xW1l19VobYM=', 'cK5MnNaWrW4='], 'i+6LR0y3eFo='],
  ] as const)('%s of parts gives that of the whole', (algorithm, values, whole) => {
    expect(parts.map((part) => base64(algorithm, part))).toEqual(values)
    expect(base64(algorithm, Buffer.concat(parts))).toBe(whole)
    const combined = combineCrcs(
      algorithm,
      values.map((value) => ({ crc: Buffer.from(value, 'base64'), size: 5 * MiB })),
    )
    expect(combined.toString('base64')).toBe(whole)
  })

  test.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)('%s combines parts of any size', (algorithm) => {
    const pieces = [0, 1, 7, 8, 9, 255, 0, 4_097].map((size, at) => Buffer.alloc(size, at + 65))
    const combined = combineCrcs(
      algorithm,
      pieces.map((piece) => ({ crc: digestOf(algorithm, piece), size: piece.length })),
    )
    expect(combined).toEqual(digestOf(algorithm, Buffer.concat(pieces)))
  })
})

const algorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const
const header = (algorithm: string) => `x-amz-checksum-${algorithm.toLowerCase()}`

describe('of an object', () => {
  test.each(algorithms)('%s: right is kept and given back, wrong is refused', async (algorithm) => {
    const name = header(algorithm)
    const value = base64(algorithm, 'hello')
    const put = (checksum: string, key = 'sum') =>
      s3.client.object('PUT', key, { body: 'hello', headers: { [name]: checksum } })
    expect((await put(value)).headers).toMatchObject({ [name]: value, 'x-amz-checksum-type': 'FULL_OBJECT' })
    const plain = await s3.client.object('HEAD', 'sum')
    expect(plain.headers).not.toHaveProperty(name)
    const asked = await s3.client.object('GET', 'sum', { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
    expect(asked.headers).toMatchObject({ [name]: value, 'x-amz-checksum-type': 'FULL_OBJECT' })
    const wrong = await put(base64(algorithm, 'other'), 'wrong-sum')
    expect(`${wrong.status} ${wrong.code}`).toBe('400 BadDigest')
    expect((await put(`${value}A`, 'wrong-sum')).code).toBe('InvalidDigest')
    expect((await s3.client.object('HEAD', 'wrong-sum')).status).toBe(404)
  })

  test('none: S3 computes CRC64NVME', async () => {
    const put = await s3.client.object('PUT', 'sumless', { body: 'hello' })
    expect(put.headers['x-amz-checksum-crc64nvme']).toBe(base64('CRC64NVME', 'hello'))
  })

  test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)('%s as a field of a form', async (algorithm) => {
    const value = base64(algorithm, 'content')
    const fields = (checksum: string, more: [string, string][] = []) =>
      s3.client.fields([['key', 'form-sum'], [header(algorithm), checksum], ...more])
    const right = await s3.client.post(await fields(value, [['x-amz-checksum-algorithm', algorithm]]))
    expect(`${right.status} ${String(right.headers[header(algorithm)])}`).toBe(`204 ${value}`)
    expect((await s3.client.post(await fields(base64(algorithm, 'other')))).code).toBe('BadDigest')
  })

  test('a range has none', async () => {
    const headers = { 'x-amz-checksum-mode': 'ENABLED', range: 'bytes=0-1' }
    expect((await s3.client.object('GET', 'sum', { headers })).headers).not.toHaveProperty(
      'x-amz-checksum-type',
    )
  })
})

describe('of an upload in parts', () => {
  const start = async (key: string, headers: Record<string, string>) => {
    const created = await s3.client.object('POST', key, { query: 'uploads', headers })
    const id = created.element('UploadId') ?? ''
    return {
      created,
      part: (number: number, body: Uint8Array | string, own: Record<string, string>) =>
        s3.client.object('PUT', key, { query: `partNumber=${number}&uploadId=${id}`, body, headers: own }),
      complete: (list: string, own: Record<string, string> = {}) =>
        s3.client.object('POST', key, {
          query: `uploadId=${id}`,
          body: `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`,
          headers: own,
        }),
      list: () => s3.client.object('GET', key, { query: `uploadId=${id}` }),
    }
  }
  const line = (number: number, data: Uint8Array | string, more = '') =>
    `<Part><PartNumber>${number}</PartNumber><ETag>${createHash('md5').update(data).digest('hex')}</ETag>${more}</Part>`

  // s3-tests; AWS: checking-object-integrity-upload.
  test.each<[algorithm: (typeof algorithms)[number], type: string, whole: string]>([
    ['SHA256', 'COMPOSITE', 'uWBwpe1dxI4Vw8Gf0X9ynOdw/SS6VBzfWm9giiv1sf4=-3'],
    ['CRC32', 'FULL_OBJECT', 'WgDhBQ=='],
    ['CRC64NVME', 'FULL_OBJECT', 'i+6LR0y3eFo='],
  ])('%s, %s', async (algorithm, type, whole) => {
    const upload = await start('parts', {
      'x-amz-checksum-algorithm': algorithm,
      'x-amz-checksum-type': type,
    })
    expect(upload.created.headers).toMatchObject({
      'x-amz-checksum-algorithm': algorithm,
      'x-amz-checksum-type': type,
    })
    for (const [at, part] of parts.entries()) {
      const answer = await upload.part(at + 1, part, { [header(algorithm)]: base64(algorithm, part) })
      expect(answer.headers[header(algorithm)]).toBe(base64(algorithm, part))
    }
    const listed = await upload.list()
    expect(listed.element(`Checksum${algorithm}`)).toBe(base64(algorithm, parts[0] ?? ''))
    expect(listed.element('ChecksumType')).toBe(type)
    const lines = parts.map((part, at) =>
      line(at + 1, part, `<Checksum${algorithm}>${base64(algorithm, part)}</Checksum${algorithm}>`),
    )
    expect((await upload.complete(lines.join(''), { [header(algorithm)]: 'AAAAAA==' })).code).toBe(
      'BadDigest',
    )
    const done = await upload.complete(lines.join(''), {
      [header(algorithm)]: whole,
      'x-amz-checksum-type': type,
    })
    expect(done.status).toBe(200)
    expect(done.element(`Checksum${algorithm}`)).toBe(whole)
    expect(done.element('ChecksumType')).toBe(type)
    expect(done.element('ETag')).toBe('"b2add96cc9702bbf4efb0ccdfc6b7747-3"')
    const headers = { 'x-amz-checksum-mode': 'ENABLED' }
    expect((await s3.client.object('HEAD', 'parts', { headers })).headers[header(algorithm)]).toBe(whole)
    const second = await s3.client.object('GET', 'parts', { query: 'partNumber=2', headers })
    expect(second.headers[header(algorithm)]).toBe(base64(algorithm, parts[1] ?? ''))
  })

  test('none chosen: CRC64NVME of the whole', async () => {
    const upload = await start('parts', {})
    for (const [at, part] of parts.entries()) await upload.part(at + 1, part, {})
    const lines = parts.map((part, at) => line(at + 1, part)).join('')
    expect((await upload.complete(lines, { 'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=' })).code).toBe(
      'BadDigest',
    )
    const done = await upload.complete(lines, { 'x-amz-checksum-crc32': 'AAAAAA==' })
    expect(done.element('ChecksumCRC64NVME')).toBe('i+6LR0y3eFo=')
  })

  test.each<[what: string, headers: Record<string, string>]>([
    ['a type without algorithm', { 'x-amz-checksum-type': 'COMPOSITE' }],
    ['an unknown algorithm', { 'x-amz-checksum-algorithm': 'CRC16' }],
    ['a full SHA-256', { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-type': 'FULL_OBJECT' }],
    [
      'a composite CRC64NVME',
      { 'x-amz-checksum-algorithm': 'CRC64NVME', 'x-amz-checksum-type': 'COMPOSITE' },
    ],
    ['a type that is none', { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'HALF' }],
  ])('refuses %s', async (_, headers) => {
    const { created } = await start('parts', headers)
    expect(`${created.status} ${created.code}`).toBe('400 InvalidRequest')
  })

  test('parts must bring what was chosen, and nothing else', async () => {
    const sha = base64('SHA256', 'x')
    const chosen = await start('chosen', { 'x-amz-checksum-algorithm': 'SHA256' })
    expect((await chosen.part(1, 'x', {})).message).toBe(
      'Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: null',
    )
    expect((await chosen.part(1, 'x', { 'x-amz-checksum-crc32': base64('CRC32', 'x') })).code).toBe(
      'InvalidRequest',
    )
    expect((await chosen.part(1, 'x', { 'x-amz-checksum-sha256': base64('SHA256', 'y') })).code).toBe(
      'BadDigest',
    )
    expect((await chosen.part(1, 'x', { 'x-amz-checksum-sha256': sha })).status).toBe(200)
    expect((await chosen.complete(line(1, 'x'))).message).toContain(
      'It was missing for part 1 in the request.',
    )
    const other = `<ChecksumSHA256>${base64('SHA256', 'y')}</ChecksumSHA256>`
    expect((await chosen.complete(line(1, 'x', other))).code).toBe('InvalidPart')
    const right = line(1, 'x', `<ChecksumSHA256>${sha}</ChecksumSHA256>`)
    expect((await chosen.complete(right, { 'x-amz-checksum-type': 'FULL_OBJECT' })).code).toBe('BadDigest')
    expect((await chosen.complete(right)).status).toBe(200)
    const free = await start('free', {})
    expect((await free.part(1, 'x', { 'x-amz-checksum-sha256': sha })).message).toBe(
      'Checksum Type mismatch occurred, expected checksum Type: null, actual checksum Type: sha256',
    )
  })

  test("composite with gaps is S3's own 500", async () => {
    const upload = await start('gaps', { 'x-amz-checksum-algorithm': 'CRC32' })
    const value = Buffer.alloc(4)
    value.writeUInt32BE(crc32('x'))
    await upload.part(2, 'x', { 'x-amz-checksum-crc32': value.toString('base64') })
    const answer = await upload.complete(
      line(2, 'x', `<ChecksumCRC32>${value.toString('base64')}</ChecksumCRC32>`),
    )
    expect(`${answer.status} ${answer.code}`).toBe('500 InternalError')
  })
})
