import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { startS3Server, type S3Server } from '../../../src/testing/s3-server/index.ts'
import { bucket, Client, credentials } from './support.ts'

let directory: string
let server: S3Server
let client: Client

const start = async () => {
  server = await startS3Server({ directory, credentials: [credentials] })
  client = new Client(server)
}
const restart = async () => {
  await server.close()
  await start()
}
const files = (folder: string) => readdir(join(directory, folder))
const etagOf = (text: string) => createHash('md5').update(text).digest('hex')

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3-store-'))
  await start()
  await server.createBucket(bucket, {
    cors: [{ allowedOrigins: ['https://app.test'], allowedMethods: ['PUT'], maxAgeSeconds: 5 }],
  })
})
afterEach(async () => {
  await server.close()
  await rm(directory, { recursive: true })
})

describe('a folder', () => {
  test('outlives the server: buckets, rules, objects and all about them', async () => {
    const key = '..%2F..\\etc:passwd/日本 "x"'
    await client.object('PUT', key, {
      body: 'kept',
      headers: { 'content-type': 'text/plain', 'x-amz-meta-a': '1', 'x-amz-tagging': 't=1' },
    })
    const before = await client.object('HEAD', key)
    await restart()
    const after = await client.object('GET', key)
    expect(after.text).toBe('kept')
    const ofObject = ({ headers }: typeof before) =>
      Object.entries(headers).filter(
        ([name]) => !/^(date|x-amz-request-id|x-amz-id-2|connection)$/.test(name),
      )
    expect(ofObject(after)).toEqual(ofObject(before))
    expect((await client.signed('GET', `/${bucket}?cors`)).element('MaxAgeSeconds')).toBe('5')
    expect((await client.signed('GET', `/${bucket}?list-type=2`)).element('KeyCount')).toBe('1')
  })

  test('outlives it with unfinished uploads', async () => {
    const id = (await client.object('POST', 'parts', { query: 'uploads' })).element('UploadId') ?? ''
    await client.object('PUT', 'parts', { query: `partNumber=1&uploadId=${id}`, body: 'one' })
    await restart()
    expect((await client.object('GET', 'parts', { query: `uploadId=${id}` })).element('ETag')).toBe(
      `"${etagOf('one')}"`,
    )
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etagOf('one')}</ETag></Part></CompleteMultipartUpload>`
    expect((await client.object('POST', 'parts', { query: `uploadId=${id}`, body })).status).toBe(200)
    await restart()
    expect((await client.object('GET', 'parts')).text).toBe('one')
    expect(await files('uploads')).toEqual([])
    expect(await files('parts')).toEqual([])
  })

  test('knows keys that differ in case only, or are longer than a file name', async () => {
    const keys = ['Case', 'case', 'ů'.repeat(512)]
    for (const key of keys) await client.object('PUT', key, { body: key })
    await restart()
    for (const key of keys) expect((await client.object('GET', key)).text).toBe(key)
  })

  test('holds no bytes that nothing needs', async () => {
    await client.object('PUT', 'a', { body: 'one' })
    await client.object('PUT', 'a', { body: 'two' })
    await client.object('PUT', 'b', { headers: { 'x-amz-copy-source': `${bucket}/a` } })
    await client.object('PUT', 'refused', {
      body: 'x',
      headers: { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' },
    })
    await client.object('PUT', 'a', { body: 'x', headers: { 'if-none-match': '*' } })
    await client.post(
      await client.fields([['key', 'refused']], { conditions: [['content-length-range', 0, 1]] }),
      'too long',
    )
    const id = (await client.object('POST', 'c', { query: 'uploads' })).element('UploadId') ?? ''
    await client.object('PUT', 'c', { query: `partNumber=1&uploadId=${id}`, body: 'part' })
    await client.object('PUT', 'c', { query: `partNumber=1&uploadId=${id}`, body: 'part again' })
    expect(await files('blobs')).toHaveLength(2) // shared by a and b; the part
    await client.object('DELETE', 'c', { query: `uploadId=${id}` })
    await client.object('DELETE', 'a')
    expect(await files('blobs')).toHaveLength(1)
    expect((await client.object('GET', 'b')).text).toBe('two')
    await client.object('DELETE', 'b')
    expect(await files('blobs')).toEqual([])
    expect(await files('objects')).toEqual([])
  })

  test('lets one of many win, and keeps the bytes of that one only', async () => {
    const race = (key: string, headers: Record<string, string> = {}) =>
      Promise.all(
        Array.from({ length: 8 }, (_, at) => client.object('PUT', key, { body: `client ${at}`, headers })),
      )
    const winners = await race('once', { 'if-none-match': '*' })
    expect(winners.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array.from({ length: 7 }, () => 412),
    ])
    await race('any')
    expect(await files('blobs')).toHaveLength(2)
    const winner = (await client.object('GET', 'once')).text
    await restart()
    expect((await client.object('GET', 'once')).text).toBe(winner)
  })

  test('keeps what somebody reads until it is read, though it was deleted', async () => {
    const part = Buffer.alloc(5 * 1024 ** 2, 'x')
    const id = (await client.object('POST', 'read', { query: 'uploads' })).element('UploadId') ?? ''
    for (const number of [1, 2, 3]) {
      await client.object('PUT', 'read', { query: `partNumber=${number}&uploadId=${id}`, body: part })
    }
    const etag = createHash('md5').update(part).digest('hex')
    const list = [1, 2, 3].map(
      (number) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`,
    )
    const body = `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`
    await client.object('POST', 'read', { query: `uploadId=${id}`, body })
    const reading = request(await client.presign('GET', 'read'))
    reading.end()
    const [response] = (await once(reading, 'response')) as [AsyncIterable<Buffer>]
    await client.object('DELETE', 'read')
    let length = 0
    for await (const chunk of response) length += chunk.length
    expect(length).toBe(3 * part.length)
    await server.close() // waits for what runs
    expect(await files('blobs')).toEqual([])
  })

  test('is cleared of what a crash left', async () => {
    await client.object('PUT', 'a', { body: 'one' })
    await server.close()
    await writeFile(join(directory, 'blobs', 'orphan'), 'x')
    await writeFile(join(directory, 'blobs', 'half.tmp'), 'x')
    await writeFile(join(directory, 'objects', 'half.json.1.tmp'), '{"bu')
    await writeFile(
      join(directory, 'parts', 'lost.1.json'),
      JSON.stringify({
        uploadId: 'lost',
        number: 1,
        etag: 'e',
        modifiedAt: 0,
        blob: { id: 'orphan', size: 1 },
        crc64: '',
      }),
    )
    await start()
    expect((await client.object('GET', 'a')).text).toBe('one')
    expect(await files('blobs')).toHaveLength(1)
    expect(await files('objects')).toHaveLength(1)
    expect(await files('parts')).toEqual([])
  })

  test.each<[what: string, content: string, message: RegExp]>([
    ['no JSON', '{"bu', /\.json is not JSON/],
    ['another record', '{"bucket":1}', /bucket is not a text/],
    ['a list', '[]', /bucket is not a text/],
    ['nothing', 'null', /is not an object/],
  ])('with %s in it is not served', async (_, content, message) => {
    await client.object('PUT', 'a', { body: 'one' })
    await server.close()
    const [name = ''] = await files('objects')
    await writeFile(join(directory, 'objects', name), content)
    await expect(start()).rejects.toThrow(message)
  })

  test('a file by its name is nothing to an URL', async () => {
    await client.object('PUT', 'a', { body: 'one' })
    const [blob = ''] = await files('blobs')
    expect(await readFile(join(directory, 'blobs', blob), 'utf8')).toBe('one')
    expect((await client.signed('GET', `/blobs/${blob}`)).code).toBe('NoSuchBucket')
  })

  test('serves one server: a second one is refused and clears nothing away', async () => {
    const half = join(directory, 'blobs', 'half.tmp')
    await writeFile(half, 'of an upload that is under way')
    const second = startS3Server({ directory, credentials: [credentials] })
    await expect(second).rejects.toMatchObject({ code: 'EBUSY' })
    expect(await readFile(half, 'utf8')).toContain('under way')
  })

  test('is free again when the server is closed, could not listen, or has died', async () => {
    await server.close()
    const other = await startS3Server()
    const taken = startS3Server({ directory, port: other.port })
    await expect(taken).rejects.toMatchObject({ cause: { code: 'EADDRINUSE' } })
    await other.close()
    const ended = spawnSync(process.execPath, ['--version'])
    await writeFile(join(directory, 'server.pid'), String(ended.pid))
    await start()
    expect((await client.object('PUT', 'a', { body: 'one' })).status).toBe(200)
  })

  test('may be made by the server', async () => {
    await server.close()
    directory = join(directory, 'made', 'by', 'it')
    await start()
    await mkdir(directory, { recursive: true })
    expect(await files('blobs')).toEqual([])
  })
})
