import { describe, expect, expectTypeOf, test, vi } from 'vitest'

import type { UploadHandlerOptions } from '../../src/server/index.ts'
import { createUploadHandler, Reject } from '../../src/server/index.ts'
import type { Options } from './support.ts'
import { aFile, call, credentials, makeHandler, post, sign, storage, throwing, url } from './support.ts'

const wanted = { v: 1, action: 'sign', files: [aFile()] }

const emailOnly = () => ({ email: 'ann@example.com' })

/** A call whose body arrives in these parts. */
function chunks(...parts: (Uint8Array | Error)[]): Request {
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const part = parts.shift()
      if (part instanceof Error) controller.error(part)
      else if (part) controller.enqueue(part)
      else controller.close()
    },
  })
  return streamed(body)
}

// `duplex` is needed for streams and missing in the DOM's types.
const streamed = (body: ReadableStream<Uint8Array>): Request =>
  new Request(post('{}'), { body, duplex: 'half' } as RequestInit)

test('answers are JSON that no cache keeps and no browser takes for a page', async () => {
  const { status, headers } = await call(makeHandler(), post(wanted))
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('application/json')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})

test('failures are problem details', async () => {
  const { status, headers, body: problem } = await call(makeHandler(), post('{'))
  expect(status).toBe(400)
  expect(headers.get('content-type')).toBe('application/problem+json')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(problem).toEqual({
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    detail: 'The body must be JSON.',
    code: 'bad-request',
  })
})

test.each(['HEAD', 'PUT', 'DELETE', 'OPTIONS'])('%s is not allowed', async (method) => {
  const response = await makeHandler()(new Request(url, { method }))
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('GET, POST, OPTIONS')
})

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'application/jsonp',
  '',
])('a body of type %j is not read', async (type) => {
  const authorize = vi.fn(() => ({ id: 'ann' }))
  const { status } = await call(makeHandler({ authorize }), post(wanted, { 'content-type': type }))
  expect(status).toBe(415)
  expect(authorize).not.toHaveBeenCalled()
})

test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])(
  'a body of type %j is read',
  async (type) => {
    expect((await call(makeHandler(), post(wanted, { 'content-type': type }))).status).toBe(200)
  },
)

describe('authorize', () => {
  test.each<[why: string, authorize: UploadHandlerOptions<{ id: string }>['authorize'], status: number]>([
    ['null', () => null, 401],
    ['undefined', () => undefined, 401],
    ['false', () => false, 403],
    ['a promise of null', () => Promise.resolve(null), 401],
    ['a promise of false', () => Promise.resolve(false), 403],
    ['a thrown Response 403', throwing(new Response(null, { status: 403 })), 403],
    [
      'a thrown redirect to a login',
      throwing(new Response(null, { status: 302, headers: { location: '/login' } })),
      401,
    ],
  ])('%s is a no', async (_why, authorize, status) => {
    const answer = await call(makeHandler({ authorize }), post(wanted))
    expect(answer.status).toBe(status)
    expect(answer.text).not.toContain('policy')
  })

  test.each(['', 0])('an empty id is no user: %j', async (user) => {
    const handler = createUploadHandler({ storage, authorize: () => user })
    expect((await call(handler, post(wanted))).status).toBe(401)
  })

  test.each([true, 'ann', 7, { id: 7 }, { id: 'ann', more: 1 }])('%j is a user', async (user) => {
    const handler = createUploadHandler({ storage, authorize: () => user })
    expect((await call(handler, post(wanted))).status).toBe(200)
  })

  test('a user without an id is a fault, since receipts would be good for all', async () => {
    const onError = vi.fn()
    const answer = await call(createUploadHandler({ storage, authorize: emailOnly, onError }), post(wanted))
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } })
    expect(String(onError.mock.calls[0]?.[0])).toContain('userId')
    const named = createUploadHandler({ storage, authorize: emailOnly, userId: ({ email }) => email })
    expect((await call(named, post(wanted))).status).toBe(200)
  })

  test('an error in it is a no, and the app hears of it', async () => {
    const onError = vi.fn()
    const authorize = throwing(new Error('database at 10.0.0.5 is down'))
    const answer = await call(makeHandler({ authorize, onError }), post(wanted))
    expect(answer.status).toBe(401)
    expect(answer.text).not.toContain('10.0.0.5')
    expect(onError).toHaveBeenCalledOnce()
  })

  test('runs before the body is read', async () => {
    const pull = vi.fn()
    const lazy = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 })
    expect((await makeHandler({ authorize: () => null })(streamed(lazy))).status).toBe(401)
    expect(pull).not.toHaveBeenCalled()
  })

  test('sees the request', async () => {
    const authorize = vi.fn(
      (request: Request) => request.headers.get('authorization') === 'Bearer t' && { id: 'a' },
    )
    const handler = makeHandler({ authorize })
    expect((await call(handler, post(wanted))).status).toBe(403)
    expect((await call(handler, post(wanted, { authorization: 'Bearer t' }))).status).toBe(200)
  })
})

test('the user’s type is that of authorize, without its noes', () => {
  type Ann = { id: string; plan: 'free' | 'paid' }
  const findUser = (): Promise<Ann | null> => Promise.resolve(null)
  const handler = createUploadHandler({
    storage,
    authorize: async () => (await findUser()) ?? false,
    key({ user }) {
      expectTypeOf(user).toEqualTypeOf<Ann>()
      return user.id
    },
    onComplete({ user }) {
      expectTypeOf(user).toEqualTypeOf<Ann>()
    },
  })
  expect(handler).toBeTypeOf('function')
})

describe('the body', () => {
  const large = JSON.stringify({ v: 1, action: 'confirm', receipts: ['x'.repeat(1100 * 1024)] })

  test('is refused by its announced length, unread', async () => {
    const request = post(large, { 'content-length': `${large.length}` })
    const answer = await call(makeHandler(), request)
    expect(answer).toMatchObject({ status: 413, body: { code: 'body-too-large' } })
    expect(request.bodyUsed).toBe(false)
  })

  test('is counted while it arrives, whatever was announced', async () => {
    let sent = 0
    const cancel = vi.fn()
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536
        controller.enqueue(new Uint8Array(65_536).fill(32))
      },
      cancel,
    })
    expect((await call(makeHandler(), streamed(endless))).status).toBe(413)
    expect(sent).toBeLessThan(1.5 * 1024 * 1024)
    expect(cancel).toHaveBeenCalledOnce()
  })

  test('that breaks off or is no UTF-8 is a bad request', async () => {
    expect((await call(makeHandler(), chunks(new Error('reset')))).status).toBe(400)
    const latin1 = Buffer.from(JSON.stringify({ ...wanted, files: [aFile({ name: 'é.png' })] }), 'latin1')
    expect((await call(makeHandler(), chunks(latin1))).status).toBe(400)
    expect((await call(makeHandler(), chunks())).status).toBe(400)
  })

  test('is put together across chunks that split a character', async () => {
    const bytes = new TextEncoder().encode(
      JSON.stringify({ ...wanted, files: [aFile({ name: '写真.png' })] }),
    )
    const answer = await call(makeHandler(), chunks(...Array.from(bytes, (byte) => Uint8Array.of(byte))))
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('写真.png')
  })

  test('that somebody has read before is a fault with a hint', async () => {
    const onError = vi.fn()
    const request = post(wanted)
    await request.text()
    expect((await call(makeHandler({ onError }), request)).status).toBe(500)
    expect(String(onError.mock.calls[0]?.[0])).toContain('body parser')
  })
})

describe('a fault', () => {
  test('is told to the app, not to the client', async () => {
    const fault = new Error(`key ${credentials.secretAccessKey} at /srv/app/keys.ts:5`)
    const onError = vi.fn()
    const request = post(wanted)
    const answer = await call(makeHandler({ userId: throwing(fault), onError }), request)
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } })
    expect(answer.text).not.toMatch(/secret|srv|wJalr/)
    expect(onError).toHaveBeenCalledExactlyOnceWith(fault, { doing: 'answering an upload call', request })
  })

  test('of one file takes nothing from the others', async () => {
    const fault = new Error(`key ${credentials.secretAccessKey} at /srv/app/keys.ts:5`)
    const onError = vi.fn()
    const handler = makeHandler({
      onError,
      key({ file }) {
        if (file.id === 'bad') throw fault
        return file.uniqueName
      },
    })
    const request = post({ v: 1, action: 'sign', files: [aFile({ id: 'bad' }), aFile()] })
    const answer = await call(handler, request)
    expect(answer).toMatchObject({
      status: 200,
      body: { files: [{ ok: false, error: { code: 'signer-failed' } }, { ok: true }] },
    })
    expect(answer.text).not.toMatch(/secret|srv|wJalr/)
    expect(onError).toHaveBeenCalledExactlyOnceWith(fault, { doing: 'granting an upload', request })
  })

  test('goes to the console where nobody listens', async () => {
    const spy = vi.spyOn(console, 'error').mockImplementation(() => {})
    const handler = createUploadHandler({
      storage: { ...storage, credentials: () => Promise.reject(new Error('no role')) },
      authorize: () => true,
    })
    expect((await call(handler, post(wanted))).status).toBe(500)
    expect(spy).toHaveBeenCalledOnce()
    spy.mockRestore()
  })

  test('a reporter that fails does not fail the call', async () => {
    const onError = throwing(new Error('log is full'))
    expect((await call(makeHandler({ key: () => '../x', onError }), post(wanted))).status).toBe(200)
  })

  test('expired credentials', async () => {
    const onError = vi.fn()
    const stale = { ...credentials, expiration: new Date(0) }
    const handler = makeHandler({ storage: { ...storage, credentials: stale }, onError })
    expect((await call(handler, post(wanted))).status).toBe(500)
    expect(String(onError.mock.calls[0]?.[0])).toContain('have expired')
  })

  test('temporary credentials without a secret: receipts would not survive them', async () => {
    const onError = vi.fn()
    const temporary = { ...credentials, sessionToken: 't' }
    const handler = makeHandler({ storage: { ...storage, credentials: temporary }, onError })
    expect((await call(handler, post(wanted))).status).toBe(500)
    expect(String(onError.mock.calls[0]?.[0])).toContain('`secret`')
  })
})

describe('options that make no sense are refused at once', () => {
  test.each<[why: string, options: Options, message: string]>([
    ['no bucket', { storage: { ...storage, bucket: '' } }, 'bucket'],
    ['an endpoint without a scheme', { storage: { ...storage, endpoint: 'minio:9000' } }, 'endpoint'],
    ['a public endpoint that is a path', { storage: { ...storage, publicEndpoint: '/s3' } }, 'endpoint'],
    ['an accept that takes nothing', { accept: { images: [] } }, 'accept'],
    ['an inline that means nothing', { inline: ['pdf'] }, 'inline'],
    ['an origin with a slash', { origins: ['https://app.example.com/'] }, 'origins'],
    ['any origin', { origins: ['*'] }, 'origins'],
    ['an origin without a scheme', { origins: ['app.example.com'] }, 'origins'],
    ['a guessable secret', { secret: 'password' }, 'secret'],
  ])('%s', (_why, options, message) => {
    expect(() => makeHandler(options)).toThrow(message)
  })

  test('no authorize', () => {
    const options = { storage } as unknown as UploadHandlerOptions<string>
    expect(() => createUploadHandler(options)).toThrow('authorize')
  })
})

test('a secret of one’s own is shared by servers with different credentials', async () => {
  const secret = 'a secret for receipts'
  const one = makeHandler({ secret })
  const other = makeHandler({
    secret,
    storage: { ...storage, credentials: { accessKeyId: 'AKIAOTHER', secretAccessKey: 'another' } },
  })
  const [verdict] = await sign(one, aFile())
  const receipt = verdict?.ok ? verdict.receipt : ''
  const [again] = await sign(other, aFile({ reason: 'renew', receipt }))
  expect(again?.ok).toBe(true)
  const [foreign] = await sign(makeHandler(), aFile({ reason: 'renew', receipt }))
  expect(foreign?.ok).toBe(false)
})

test('Reject is known across copies of the package', async () => {
  const copy = Object.assign(new Error('No.'), { name: 'Reject' })
  for (const error of [copy, new Reject('No.')]) {
    const [verdict] = await sign(makeHandler({ key: throwing(error) }), aFile())
    expect(verdict).toMatchObject({ error: { code: 'refused', message: 'No.' } })
  }
})
