import { expect, test, vi } from 'vitest'

import type { LambdaHttpEvent } from '../../../src/server/adapters/lambda.ts'
import { toLambdaHandler } from '../../../src/server/adapters/lambda.ts'

const host = 'abcdefghij.lambda-url.eu-central-1.on.aws'

function anEvent(facts: Partial<LambdaHttpEvent> & { method?: string } = {}): LambdaHttpEvent {
  const { method = 'POST', ...rest } = facts
  return {
    rawPath: '/api/uploads',
    rawQueryString: '',
    headers: { host },
    isBase64Encoded: false,
    requestContext: { domainName: 'abcdefghij.execute-api.eu-central-1.amazonaws.com', http: { method } },
    ...rest,
  }
}

/** The Request that an event becomes. */
async function requestOf(event: LambdaHttpEvent, origin?: string): Promise<Request> {
  const handler = vi.fn((_request: Request) => Promise.resolve(new Response()))
  await toLambdaHandler(handler, origin === undefined ? {} : { origin })(event)
  expect(handler).toHaveBeenCalledOnce()
  const [request] = handler.mock.calls[0] ?? []
  if (!request) throw new Error('no request')
  return request
}

const answering = (answer: Response) => toLambdaHandler(() => Promise.resolve(answer))(anEvent())

test.each<[string, Partial<LambdaHttpEvent>, origin: string | undefined, url: string]>([
  ['path', {}, undefined, `https://${host}/api/uploads`],
  ['query', { rawQueryString: 'x=1&y=%20' }, undefined, `https://${host}/api/uploads?x=1&y=%20`],
  ['decoded path', { rawPath: '/a b?c#d/ü' }, undefined, `https://${host}/a%20b%3Fc%23d/%C3%BC`],
  ['path of two slashes', { rawPath: '//evil.example/x' }, undefined, `https://${host}//evil.example/x`],
  ['origin of the app', {}, 'https://app.example.com', 'https://app.example.com/api/uploads'],
  [
    'event without a Host',
    { headers: {} },
    undefined,
    'https://abcdefghij.execute-api.eu-central-1.amazonaws.com/api/uploads',
  ],
])('the address of an event: %s', async (_, facts, origin, url) => {
  expect((await requestOf(anEvent(facts), origin)).url).toBe(url)
})

test('a Host that is none is a bad request', async () => {
  const handler = vi.fn(() => Promise.resolve(new Response()))
  const answer = await toLambdaHandler(handler)(anEvent({ headers: { host: 'a b' } }))
  expect(answer).toMatchObject({ statusCode: 400, isBase64Encoded: false })
  expect(handler).not.toHaveBeenCalled()
})

test.each<[what: string, headers: Record<string, string>]>([
  ['a line end in a value', { 'x-a': 'a\r\nb: c' }],
  ['a zero byte in a value', { 'x-a': '\0' }],
  ['a name with a space', { 'x a': 'b' }],
  ['an empty name', { '': 'b' }],
  ['a name beyond ASCII', { 'x-ü': 'b' }],
  ['a path in the Host', { host: `${host}/x` }],
  ['a password in the Host', { host: `evil@${host}` }],
])('%s is a bad request', async (_, headers) => {
  const handler = vi.fn(() => Promise.resolve(new Response()))
  expect(await toLambdaHandler(handler)(anEvent({ headers: { host, ...headers } }))).toMatchObject({
    statusCode: 400,
  })
  expect(handler).not.toHaveBeenCalled()
})

test.each(['TRACE', 'CONNECT', 'track', 'A B', ''])('the method %j is a bad request', async (method) => {
  const handler = vi.fn(() => Promise.resolve(new Response()))
  expect(await toLambdaHandler(handler)(anEvent({ method }))).toMatchObject({ statusCode: 400 })
  expect(handler).not.toHaveBeenCalled()
})

test('a value beyond Latin-1, as of a city that CloudFront adds, stands there as its UTF-8 bytes', async () => {
  const { headers } = await requestOf(anEvent({ headers: { host, 'cloudfront-viewer-city': '東京' } }))
  const value = headers.get('cloudfront-viewer-city') ?? ''
  expect(Buffer.from(value, 'latin1').toString()).toBe('東京')
})

test('with an origin of the app, a page under another name is a foreign one', async () => {
  const { headers } = await requestOf(
    anEvent({ headers: { Host: 'rebound.evil.example' } }),
    'https://app.example.com',
  )
  expect(headers.get('host')).toBe('app.example.com')
})

test('an event without headers and with names in capitals is read', async () => {
  const none = Object.assign(anEvent(), { headers: null })
  expect((await requestOf(none)).headers.get('cookie')).toBeNull()
  const both = anEvent({ headers: { Host: host, Cookie: 'a=1' }, cookies: ['a=1', 'b=2'] })
  expect((await requestOf(both)).headers.get('cookie')).toBe('a=1; b=2')
})

test.each([
  ['as it is', { body: '{"a":"ü"}' }],
  ['as base64', { body: Buffer.from('{"a":"ü"}').toString('base64'), isBase64Encoded: true }],
])('a body %s', async (_, facts) => {
  expect(await (await requestOf(anEvent(facts))).text()).toBe('{"a":"ü"}')
})

test('bytes arrive as they were', async () => {
  const bytes = Buffer.from([0, 255, 128, 10])
  const request = await requestOf(anEvent({ body: bytes.toString('base64'), isBase64Encoded: true }))
  expect(Buffer.from(await request.arrayBuffer())).toEqual(bytes)
})

test('no body is an empty one', async () => {
  expect(await (await requestOf(anEvent())).text()).toBe('')
  const get = await requestOf(anEvent({ method: 'GET', body: 'x' }))
  expect([get.method, get.body]).toEqual(['GET', null])
})

test.each([
  ['only in `cookies`', {}],
  ['in both places', { cookie: 'a=1; b=2' }],
])('cookies %s arrive once', async (_, headers) => {
  const request = await requestOf(anEvent({ cookies: ['a=1', 'b=2'], headers: { host, ...headers } }))
  expect(request.headers.get('cookie')).toBe('a=1; b=2')
})

test('headers arrive', async () => {
  const headers = { host, 'x-list': '1,2', 'x-none': undefined, cookie: 'a=1' }
  const request = await requestOf(anEvent({ headers, cookies: [] }))
  expect(request.headers.get('x-list')).toBe('1,2')
  expect(request.headers.has('x-none')).toBe(false)
  expect(request.headers.get('cookie')).toBe('a=1')
})

test('an answer as text, with several cookies', async () => {
  const headers = new Headers([
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
    ['X-Own', 'yes'],
    ['Vary', 'Origin'],
    ['Vary', 'Accept'],
  ])
  expect(await answering(new Response('\uFEFFhéllo', { status: 418, headers }))).toEqual({
    statusCode: 418,
    headers: { 'content-type': 'text/plain;charset=UTF-8', vary: 'Origin, Accept', 'x-own': 'yes' },
    cookies: ['a=1', 'b=2'],
    body: '\uFEFFhéllo',
    isBase64Encoded: false,
  })
})

test('an answer that is no text goes as base64', async () => {
  expect(await answering(new Response(new Uint8Array([0x89, 0x50, 0xff])))).toMatchObject({
    body: 'iVD/',
    isBase64Encoded: true,
  })
})

test('an answer without a body', async () => {
  expect(await answering(new Response(null, { status: 204 }))).toMatchObject({ statusCode: 204, body: '' })
})

test.each<[string, unknown]>([
  ['of a REST API', { version: '1.0', path: '/', httpMethod: 'POST', headers: {}, requestContext: {} }],
  ['of a load balancer', { requestContext: { elb: {} }, httpMethod: 'POST', path: '/', headers: {} }],
  ['of a queue', { Records: [] }],
])('an event %s is told from those of format 2.0', async (_, event) => {
  const handler = toLambdaHandler(() => Promise.resolve(new Response()))
  await expect(handler(event as LambdaHttpEvent)).rejects.toThrow('payload format 2.0')
})
