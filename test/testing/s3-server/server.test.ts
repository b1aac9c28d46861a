import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect } from 'node:net'

import { describe, expect, test } from 'vitest'

import { startS3Server } from '../../../src/testing/s3-server/index.ts'
import { bucket, Client, credentials, send, serverForTests } from './support.ts'

const s3 = serverForTests()

describe('startS3Server', () => {
  test('a port that is taken is said to be, with the cause kept', async () => {
    const other = createServer()
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    await expect(startS3Server({ port })).rejects.toMatchObject({
      message: `Port ${port} on 127.0.0.1 is taken. Stop what listens there, or choose another port.`,
      cause: { code: 'EADDRINUSE' },
    })
    other.close()
  })

  test('close ends open connections, frees the port, and may be called twice', async () => {
    const server = await startS3Server({ credentials: [credentials] })
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.on('error', () => undefined)
    const ended = once(socket, 'close')
    const uploading = request(`${server.endpoint}/${bucket}/a`, {
      method: 'PUT',
      headers: { 'content-length': '1000000' },
    })
    const broken = once(uploading, 'error')
    uploading.write('x')
    await once(uploading, 'socket')
    await server.close()
    await Promise.all([ended, broken, server.close()])
    const again = await startS3Server({ port: server.port })
    expect(again.port).toBe(server.port)
    await again.close()
  })

  test('a bucket is made once, and keeps its rules unless given others', async () => {
    const cors = [{ allowedOrigins: ['https://app.test'], allowedMethods: ['PUT' as const] }]
    await s3.server.createBucket('twice', { cors })
    await s3.client.signed('PUT', '/twice/a', {}, 'x')
    await s3.server.createBucket('twice')
    expect((await s3.client.signed('GET', '/twice/a')).text).toBe('x')
    expect((await s3.client.signed('GET', '/twice?cors')).element('AllowedOrigin')).toBe('https://app.test')
    await expect(s3.server.createBucket('No')).rejects.toThrow('The specified bucket is not valid.')
    await expect(
      s3.server.createBucket('twice', { cors: [{ allowedOrigins: ['*a*'], allowedMethods: ['PUT'] }] }),
    ).rejects.toThrow('can not have more than one wildcard')
  })

  test('defaults: credentials, region, loopback', async () => {
    const server = await startS3Server()
    try {
      expect(server.endpoint).toBe(`http://127.0.0.1:${server.port}`)
      expect(server.region).toBe('us-east-1')
      await server.createBucket(bucket)
      const client = new Client(server, server.credentials)
      expect((await client.object('PUT', 'a', { body: 'x' })).status).toBe(200)
    } finally {
      await server.close()
    }
    await expect(startS3Server({ credentials: [] })).rejects.toThrow(TypeError)
  })

  test('another region, another clock', async () => {
    let now = new Date()
    const server = await startS3Server({ credentials: [credentials], region: 'eu-west-1', now: () => now })
    try {
      const client = new Client(server)
      const at =
        '<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>'
      expect((await client.signed('PUT', `/${bucket}`, {}, at)).status).toBe(200)
      expect((await client.signed('PUT', `/${bucket}`, {}, at)).code).toBe('BucketAlreadyOwnedByYou')
      expect((await client.signed('PUT', '/other')).code).toBe('IllegalLocationConstraintException')
      const url = await client.presign('PUT', 'a')
      const fields = await client.fields([['key', 'a']])
      now = new Date(now.getTime() + 601_000)
      expect((await send('PUT', url, {}, 'x')).message).toBe('Request has expired')
      expect((await client.post(fields)).message).toBe('Invalid according to Policy: Policy expired.')
      expect((await send('GET', server.endpoint)).headers['date']).toBe(now.toUTCString())
    } finally {
      await server.close()
    }
  })
})

test('a policy must live until the whole file has come', async () => {
  let now = new Date()
  const server = await startS3Server({
    credentials: [credentials],
    now: () => now,
    // Called when most of the file has come, by the stall below: an hour passes.
    delay: async () => {
      now = new Date(now.getTime() + 3_600_000)
    },
  })
  try {
    const client = new Client(server)
    await server.createBucket(bucket)
    server.faults.add({ fault: { type: 'stall', afterBytes: 500_000, milliseconds: 1 } })
    const fields = await client.fields([['key', 'slow']], { expiresIn: 60 })
    const answer = await client.post(fields, 'x'.repeat(600_000))
    expect(`${answer.status} ${answer.message}`).toBe('403 Invalid according to Policy: Policy expired.')
    expect(await server.snapshot()).toMatchObject([{ objects: [] }])
  } finally {
    await server.close()
  }
})

describe('a refusal', () => {
  test('comes when the whole body has been sent', async () => {
    const body = Buffer.alloc(4_000_000)
    const answer = await send('PUT', s3.client.url('unsigned'), {}, body)
    expect(`${answer.status} ${answer.code}`).toBe('403 AccessDenied')
    expect(s3.server.log.at(-1)?.bytesReceived).toBe(body.length)
    const form = await s3.client.post([['key', 'unsigned']], body)
    expect(`${form.status} ${form.code}`).toBe('403 AccessDenied')
  })

  test('comes at once to who waits for "100 Continue"', async () => {
    const waiting = request(s3.client.url('unsigned'), {
      method: 'PUT',
      headers: { 'content-length': '4000000', expect: '100-continue' },
    })
    let continued = false
    waiting.on('continue', () => {
      continued = true
    })
    waiting.flushHeaders()
    const [response] = (await once(waiting, 'response')) as [
      { statusCode: number; headers: Record<string, string>; resume(): void },
    ]
    response.resume()
    expect(response.statusCode).toBe(403)
    expect(response.headers['connection']).toBe('close')
    expect(continued).toBe(false)
    waiting.destroy()
  })
})

test('an upload that breaks off leaves nothing', async () => {
  const sending = request(await s3.client.presign('PUT', 'broken'), {
    method: 'PUT',
    headers: { 'content-length': '1000000' },
  })
  sending.on('error', () => undefined)
  await new Promise<void>((resolve) => {
    sending.write('x'.repeat(100_000), () => resolve())
  })
  const closed = new Promise<void>((resolve) => {
    sending.on('close', resolve)
  })
  sending.destroy()
  await closed
  expect((await s3.client.object('HEAD', 'broken')).status).toBe(404)
})

test('an object stays readable to whoever has begun', async () => {
  const content = Buffer.alloc(8_000_000, 'x')
  await s3.client.object('PUT', 'fading', { body: content })
  const reading = request(await s3.client.presign('GET', 'fading'))
  reading.end()
  const [response] = (await once(reading, 'response')) as [AsyncIterable<Buffer>]
  await s3.client.object('DELETE', 'fading')
  let length = 0
  for await (const chunk of response) length += chunk.length
  expect(length).toBe(content.length)
  expect((await s3.client.object('HEAD', 'fading')).status).toBe(404)
})

test('many at once', async () => {
  const keys = Array.from({ length: 100 }, (_, at) => `many/${at}`)
  const answers = await Promise.all(keys.map((key) => s3.client.object('PUT', key, { body: key })))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  const texts = await Promise.all(keys.map(async (key) => (await s3.client.object('GET', key)).text))
  expect(texts).toEqual(keys)
})

test('a bucket at its own host', async () => {
  const url = `http://${bucket}.localhost:${s3.server.port}/own/key`
  const { url: put } = await s3.client.signer.presign({ method: 'PUT', url, expiresIn: 60 })
  expect((await send('PUT', put, {}, 'x')).status).toBe(200)
  expect((await s3.client.object('GET', 'own/key')).text).toBe('x')
})
