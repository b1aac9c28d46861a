import { once } from 'node:events'
import { request } from 'node:http'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import {
  startS3Server,
  type Fault,
  type FaultRule,
  type S3Server,
} from '../../../src/testing/s3-server/index.ts'
import { bucket, Client, credentials, send, type Answer } from './support.ts'

const origin = 'https://app.test'
let server: S3Server
let client: Client
/** Milliseconds that faults waited; nobody really waits, except for good. */
let waited: number[]

beforeEach(async () => {
  waited = []
  server = await startS3Server({
    credentials: [credentials],
    control: true,
    async delay(milliseconds, signal) {
      waited.push(milliseconds)
      if (milliseconds !== Number.POSITIVE_INFINITY) return
      await once(signal, 'abort')
      throw new Error('given up')
    },
  })
  client = new Client(server)
  await server.createBucket(bucket, {
    cors: [
      {
        allowedOrigins: [origin],
        allowedMethods: ['GET', 'PUT', 'POST'],
        exposeHeaders: ['ETag', 'x-amz-request-id'],
      },
    ],
  })
})
afterEach(() => server.close())

const put = (key: string, body: string | Uint8Array = 'x', headers: Record<string, string> = {}) =>
  client.object('PUT', key, { body, headers })
const outcome = async (answer: Promise<Answer>) => {
  try {
    const { status, code } = await answer
    return `${status} ${code}`.trim()
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}
const add = (fault: Fault, rule: Partial<FaultRule> = {}) => server.faults.add({ fault, ...rule })
const stored = async (key: string) => {
  server.faults.clear()
  const answer = await client.object('GET', key)
  return answer.status === 200 ? answer.text : undefined
}
describe('each fault', () => {
  test('latency waits, and then all is well', async () => {
    add({ type: 'latency', milliseconds: 1_500 }, { on: 'PutObject' })
    expect(await outcome(put('slow'))).toBe('200')
    expect(waited).toEqual([1_500])
    expect(await outcome(client.object('GET', 'slow'))).toBe('200')
    expect(waited).toEqual([1_500])
  })

  test('bandwidth waits as long as the bytes take, in and out', async () => {
    add({ type: 'bandwidth', bytesPerSecond: 1_000 })
    expect(await outcome(put('thin', 'x'.repeat(250_000)))).toBe('200')
    expect(waited.reduce((sum, one) => sum + one, 0)).toBeCloseTo(250_000)
    expect(waited.length).toBeGreaterThan(1)
    waited.length = 0
    expect((await client.object('GET', 'thin')).text).toHaveLength(250_000)
    expect(waited.reduce((sum, one) => sum + one, 0)).toBeCloseTo(250_000)
  })

  test('reset breaks the connection after so many bytes, and nothing is stored', async () => {
    add({ type: 'reset', afterBytes: 100_000 })
    expect(await outcome(put('broken', 'x'.repeat(1_000_000)))).toMatch(/^(ECONNRESET|EPIPE)$/)
    expect(await outcome(put('short', 'x'.repeat(1_000)))).toBe('200')
    expect(await stored('broken')).toBeUndefined()
    add({ type: 'reset', afterBytes: 0 })
    expect(await outcome(client.object('GET', 'short'))).toBe('ECONNRESET')
    expect(server.log.at(-1)).toMatchObject({
      status: undefined,
      faults: ['reset'],
    })
  })

  test('stall stops reading, for a while or for good', async () => {
    add({ type: 'stall', afterBytes: 1, milliseconds: 9_000 }, { times: 1 })
    expect(await outcome(put('stalled'))).toBe('200')
    expect(waited).toEqual([9_000])
    add({ type: 'stall', afterBytes: 1 })
    const sending = put('forever').catch(() => 'gone')
    while (!waited.includes(Number.POSITIVE_INFINITY)) await client.object('HEAD', 'x')
    await server.close()
    expect(await sending).toBe('gone')
  })

  test('truncated-answer ends the connection in the middle', async () => {
    await put('long', 'x'.repeat(300_000))
    add({ type: 'truncated-answer', bytes: 1_000 })
    const reading = request(await client.presign('GET', 'long'))
    reading.end()
    const [response] = (await once(reading, 'response')) as [
      AsyncIterable<Buffer> & { headers: Record<string, string> },
    ]
    expect(response.headers['content-length']).toBe('300000')
    let length = 0
    await expect(async () => {
      for await (const chunk of response) length += chunk.length
    }).rejects.toThrow('aborted')
    expect(length).toBe(1_000)
    expect(await outcome(client.object('GET', 'long'))).toBe('ECONNRESET')
  })

  test.each<[fault: Fault, answer: string, retryAfter: string | undefined]>([
    [{ type: 'error', code: 'InternalError' }, '500 InternalError', undefined],
    [{ type: 'error', code: 'SlowDown' }, '503 SlowDown', undefined],
    [{ type: 'error', code: 'SlowDown', retryAfter: 7 }, '503 SlowDown', '7'],
    [{ type: 'error', code: 'RequestTimeout' }, '400 RequestTimeout', undefined],
    [{ type: 'error', code: 'SlowDown', status: 429 }, '429 SlowDown', undefined],
    [{ type: 'expired' }, '403 AccessDenied', undefined],
  ])(
    '%j is answered when the body has come, with CORS, and nothing is stored',
    async (fault, expected, retryAfter) => {
      add(fault)
      const answer = await put('failed', 'x'.repeat(500_000), { origin })
      expect(`${answer.status} ${answer.code}`).toBe(expected)
      expect(answer.headers['retry-after']).toBe(retryAfter)
      expect(answer.headers['access-control-allow-origin']).toBe(origin)
      expect(server.log.at(-1)).toMatchObject({ bytesReceived: 500_000, code: answer.code })
      expect(await stored('failed')).toBeUndefined()
    },
  )

  test('expired has the words for a URL and for a policy', async () => {
    add({ type: 'expired' })
    expect((await send('PUT', await client.presign('PUT', 'a'), {}, 'x')).message).toBe('Request has expired')
    const posted = await client.post(await client.fields([['key', 'a']]))
    expect(posted.message).toBe('Invalid according to Policy: Policy expired.')
  })

  test('early-refusal does not take the body', async () => {
    add({ type: 'early-refusal', code: 'SlowDown' })
    const sending = request(client.url('early'), {
      method: 'PUT',
      headers: { 'content-length': '100000000' },
    })
    sending.on('error', () => undefined)
    sending.write('x')
    const [response] = (await once(sending, 'response')) as [{ statusCode: number; resume(): void }]
    response.resume()
    expect(response.statusCode).toBe(503)
    sending.destroy()
    server.faults.clear()
    expect(server.log.at(-1)).toMatchObject({ status: 503, faults: ['early-refusal'], bytesReceived: 0 })
  })

  test('lost-answer: done, and nobody hears of it', async () => {
    add({ type: 'lost-answer' }, { on: ['PutObject', 'PostObject'] })
    expect(await outcome(put('lost', 'kept'))).toBe('ECONNRESET')
    const fields = await client.fields([['key', 'lost form']])
    expect(await outcome(client.post(fields, 'kept too'))).toBe('ECONNRESET')
    expect(await stored('lost')).toBe('kept')
    expect(await stored('lost form')).toBe('kept too')
  })

  test('no-cors-on-errors and hidden-etag', async () => {
    add({ type: 'no-cors-on-errors' })
    add({ type: 'hidden-etag' })
    const fine = await put('a', 'x', { origin })
    expect(fine.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'x-amz-request-id',
    })
    expect(fine.headers['etag']).toBeDefined()
    const refused = await put('a', 'x', { origin, 'content-md5': 'nonsense' })
    expect(refused.code).toBe('InvalidDigest')
    expect(Object.keys(refused.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('corrupt-byte: one byte is another, and everything says it is right', async () => {
    const body = 'a'.repeat(200_000)
    const right = await put('right', body)
    add({ type: 'corrupt-byte', at: 150_000 })
    const wrong = await put('wrong', body)
    expect(wrong.headers['etag']).toBe(right.headers['etag'])
    expect(wrong.headers['x-amz-checksum-crc64nvme']).toBe(right.headers['x-amz-checksum-crc64nvme'])
    const read = (await stored('wrong')) ?? ''
    const differing = Array.from(read, (char, at) => (char === 'a' ? -1 : at)).filter((at) => at >= 0)
    expect(differing).toEqual([150_000])
    const snapshot = await server.snapshot()
    const [first, second] = snapshot[0]?.objects ?? []
    expect(first?.sha256).not.toBe(second?.sha256)
  })

  test('clock: fresh requests are too old', async () => {
    add({ type: 'clock', seconds: 3_600 })
    const answer = await put('late')
    expect(`${answer.status} ${answer.code}`).toBe('403 RequestTimeTooSkewed')
    expect(Math.abs(Date.parse(String(answer.headers['date'])) - Date.now() - 3_600_000)).toBeLessThan(60_000)
    expect((await client.post(await client.fields([['key', 'late']]))).message).toContain('Policy expired')
    server.faults.clear()
    add({ type: 'clock', seconds: -3_600 })
    expect(await outcome(put('early'))).toBe('403 RequestTimeTooSkewed')
  })

  describe('of an upload in parts', () => {
    const etag = '9dd4e461268c8034f5c8564e155c67a6' // of "x"
    const start = async () => {
      const id = (await client.object('POST', 'parts', { query: 'uploads' })).element('UploadId') ?? ''
      await client.object('PUT', 'parts', { query: `partNumber=1&uploadId=${id}`, body: 'x' })
      return {
        list: () => client.object('GET', 'parts', { query: `uploadId=${id}` }),
        complete: () =>
          client.object('POST', 'parts', {
            query: `uploadId=${id}`,
            body: `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`,
          }),
      }
    }

    test('error-under-200: a complete that says 200 and is none', async () => {
      const upload = await start()
      add({ type: 'error-under-200', code: 'InternalError' }, { on: 'CompleteMultipartUpload', times: 1 })
      expect(await outcome(upload.complete())).toBe('200 InternalError')
      expect(await outcome(upload.list())).toBe('200')
      expect(await outcome(upload.complete())).toBe('200')
    })

    test('lost-answer: complete, and the upload is gone', async () => {
      const upload = await start()
      add({ type: 'lost-answer' }, { on: 'CompleteMultipartUpload' })
      expect(await outcome(upload.complete())).toBe('ECONNRESET')
      expect(await outcome(upload.complete())).toBe('404 NoSuchUpload')
      expect(await stored('parts')).toBe('x')
    })

    test('vanished-upload', async () => {
      const upload = await start()
      add({ type: 'vanished-upload' }, { on: 'ListParts' })
      expect(await outcome(upload.list())).toBe('404 NoSuchUpload')
      expect(await outcome(upload.complete())).toBe('404 NoSuchUpload')
    })
  })
})

describe('rules', () => {
  const slow: Fault = { type: 'error', code: 'SlowDown' }
  const statuses = async (count: number) => {
    const all = []
    for (let at = 0; at < count; at += 1) all.push((await put(`a/${at}`)).status === 503 ? 'x' : '.')
    return all.join('')
  }

  test.each<[nth: FaultRule['nth'], pattern: string]>([
    [3, '..x...'],
    [[1, 4], 'x..x..'],
    [{ from: 2, to: 4 }, '.xxx..'],
    [{ from: 5 }, '....xx'],
    [{ every: 2 }, '.x.x.x'],
    [undefined, 'xxxxxx'],
  ])('nth %j', async (nth, pattern) => {
    add(slow, nth === undefined ? {} : { nth })
    expect(await statuses(6)).toBe(pattern)
  })

  test('times, and how often it happened', async () => {
    const fault = add(slow, { times: 2 })
    expect(await statuses(4)).toBe('xx..')
    expect(fault.hits).toBe(2)
    expect(server.faults.list()).toHaveLength(1)
    fault.remove()
    expect(server.faults.list()).toEqual([])
  })

  test('count only what they fit: operation, prefix, part', async () => {
    add(slow, { on: 'PutObject', keyPrefix: 'b/', nth: 1 })
    add(slow, { on: 'UploadPart', partNumber: 2 })
    expect(await statuses(2)).toBe('..')
    expect((await client.object('GET', 'b/1')).status).toBe(404)
    expect((await put('b/1')).status).toBe(503)
    expect((await put('b/1')).status).toBe(200)
    const id = (await client.object('POST', 'c', { query: 'uploads' })).element('UploadId') ?? ''
    const part = async (number: number) =>
      (await client.object('PUT', 'c', { query: `partNumber=${number}&uploadId=${id}`, body: 'x' })).status
    expect([await part(1), await part(2), await part(3)]).toEqual([200, 503, 200])
  })

  test('chances are the same for the same seed, and another for another', async () => {
    const patterns = []
    for (const faultSeed of [7, 7, 8]) {
      await server.close()
      server = await startS3Server({ credentials: [credentials], faultSeed })
      client = new Client(server)
      await server.createBucket(bucket)
      add(slow, { chance: 0.5 })
      patterns.push(await statuses(40))
    }
    expect(patterns[0]).toBe(patterns[1])
    expect(patterns[0]).not.toBe(patterns[2])
    const hits = (patterns[0]?.match(/x/g) ?? []).length
    expect(hits).toBeGreaterThan(8)
    expect(hits).toBeLessThan(32)
  })

  test.each<[what: string, rule: unknown, message: string]>([
    ['no fault', {}, 'rule.fault is not an object'],
    ['an unknown fault', { fault: { type: 'fire' } }, 'rule.fault.type is none of latency,'],
    [
      'a fault without its number',
      { fault: { type: 'reset' } },
      'rule.fault.afterBytes is not a whole number',
    ],
    [
      'an unknown code',
      { fault: { type: 'error', code: 'Nope' } },
      "rule.fault.code is none of S3's error codes",
    ],
    ['an unknown operation', { fault: slow, on: 'Dance' }, 'rule.on is not'],
    ['a chance of two', { fault: slow, chance: 2 }, 'rule.chance is more than 1'],
    ['a turn that is none', { fault: slow, nth: {} }, 'rule.nth is no number'],
  ])('refuse %s', async (_, rule, message) => {
    const answer = await control('POST', 'faults', rule)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(message)
    expect(server.faults.list()).toEqual([])
  })
})

const control = (method: string, path: string, content?: unknown, headers: Record<string, string> = {}) =>
  send(
    method,
    `${server.endpoint}/_control/${path}`,
    headers,
    content === undefined ? '' : JSON.stringify(content),
  )

describe('the control endpoint', () => {
  test('adds, lists and removes faults', async () => {
    const added = await control('POST', 'faults', {
      fault: { type: 'error', code: 'SlowDown' },
      on: ['PutObject'],
    })
    expect(`${added.status} ${added.text}`).toBe('201 {"id":1}')
    expect((await put('a')).status).toBe(503)
    expect(JSON.parse((await control('GET', 'faults')).text)).toEqual([
      { id: 1, rule: { fault: { type: 'error', code: 'SlowDown' }, on: ['PutObject'] }, hits: 1 },
    ])
    expect((await control('DELETE', 'faults/1')).status).toBe(204)
    expect((await control('DELETE', 'faults/1')).status).toBe(404)
    expect((await put('a')).status).toBe(200)
    add({ type: 'expired' })
    expect((await control('DELETE', 'faults')).status).toBe(204)
    expect(server.faults.list()).toEqual([])
  })

  test('shows the log and the store', async () => {
    await put('a', 'content', { 'content-type': 'text/plain', origin })
    const log: unknown = JSON.parse((await control('GET', 'log')).text)
    expect(log).toMatchObject([
      {
        operation: 'PutObject',
        method: 'PUT',
        bucket,
        key: 'a',
        status: 200,
        bytesReceived: 7,
        origin,
        faults: [],
      },
    ])
    const snapshot: unknown = JSON.parse((await control('GET', 'snapshot')).text)
    expect(snapshot).toMatchObject([
      { name: bucket, objects: [{ key: 'a', size: 7, contentType: 'text/plain' }], uploads: [] },
    ])
    expect((await control('DELETE', 'log')).status).toBe(204)
    expect(server.log).toEqual([])
    expect((await control('GET', 'nonsense')).status).toBe(404)
  })

  test.each<[what: string, headers: Record<string, string>]>([
    ['a web page', { origin: 'http://127.0.0.1' }],
    ['a web page that says less', { 'sec-fetch-site': 'cross-site' }],
    ['a name that points here', { host: 'evil.test' }],
  ])('is closed to %s', async (_, headers) => {
    const answer = await control('POST', 'faults', { fault: { type: 'expired' } }, headers)
    expect(answer.status).toBe(403)
    expect(server.faults.list()).toEqual([])
  })

  test('is closed unless asked for', async () => {
    await server.close()
    server = await startS3Server({ credentials: [credentials] })
    expect(await outcome(control('GET', 'log'))).toBe('403 AccessDenied')
  })
})

describe('the log', () => {
  test('keeps no secrets', async () => {
    await send('PUT', await client.presign('PUT', 'a'), {}, 'x')
    await client.post(await client.fields([['key', 'b']]))
    const session = new Client(server, server.issueSession())
    await session.object('GET', 'a')
    const text = JSON.stringify(server.log)
    expect(text).not.toMatch(/signature|token|policy|credential/i)
    expect(server.log.map(({ operation }) => operation)).toEqual(['PutObject', 'PostObject', 'GetObject'])
  })

  test('has refusals, preflights and what is no request of S3', async () => {
    await put('a', 'x', { 'content-md5': 'nonsense' })
    await send('OPTIONS', client.url('a'), { origin, 'access-control-request-method': 'PUT' })
    await send('PUT', `${server.endpoint}/${bucket}/a?acl`)
    await send('GET', `${server.endpoint}/%zz`)
    expect(server.log.map(({ operation, status, code }) => [operation, status, code])).toEqual([
      ['PutObject', 400, 'InvalidDigest'],
      ['Preflight', 200, undefined],
      [undefined, 501, 'NotImplemented'],
      [undefined, 400, 'InvalidURI'],
    ])
  })

  test('has what still runs', async () => {
    add({ type: 'stall', afterBytes: 0 })
    const waiting = put('a').catch(() => 'gone')
    while (!waited.includes(Number.POSITIVE_INFINITY)) await new Promise(setImmediate)
    expect(server.log).toMatchObject([{ operation: 'PutObject', status: undefined, milliseconds: undefined }])
    await server.close()
    expect(await waiting).toBe('gone')
    expect(server.log[0]?.milliseconds).toBeGreaterThanOrEqual(0)
  })
})

test('a client that sends nothing more is told RequestTimeout', async () => {
  await server.close()
  server = await startS3Server({ credentials: [credentials], idleTimeout: 20 })
  client = new Client(server)
  await server.createBucket(bucket)
  const sending = request(await client.presign('PUT', 'idle'), {
    method: 'PUT',
    headers: { 'content-length': '100' },
  })
  sending.on('error', () => undefined)
  sending.write('x')
  const [response] = (await once(sending, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }]
  let text = ''
  for await (const chunk of response) text += chunk.toString()
  expect(response.statusCode).toBe(400)
  expect(text).toContain('<Code>RequestTimeout</Code>')
  sending.destroy()
  expect(await stored('idle')).toBeUndefined()
})
