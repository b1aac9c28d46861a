import { describe, expect, test, vi } from 'vitest'

import { aFile, makeHandler, url } from './support.ts'

const body = JSON.stringify({ v: 1, action: 'sign', files: [aFile()] })

const request = (headers: Record<string, string>, at = url): Request =>
  new Request(at, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })

const preflight = (headers: Record<string, string>): Request =>
  new Request(url, { method: 'OPTIONS', headers })

describe('calls from pages', () => {
  const handler = makeHandler({ origins: ['https://admin.example.com'] })
  const own = 'https://app.example.com'

  test.each<[why: string, headers: Record<string, string>, status: number]>([
    ['the own page', { origin: own, 'sec-fetch-site': 'same-origin' }, 200],
    ['the own page, old browser', { origin: own }, 200],
    ['the own page, TLS ended by a proxy', { origin: 'http://app.example.com' }, 200],
    [
      'the own page, Host changed by a proxy',
      { origin: 'https://x.example', 'sec-fetch-site': 'same-origin' },
      200,
    ],
    [
      'the own page on a LAN name, where the server calls itself otherwise',
      { origin: 'http://nas.lan:3000', host: 'nas.lan:3000' },
      200,
    ],
    [
      'the own page, behind a proxy that says its name',
      { origin: 'http://nas.lan', host: '10.0.0.2:3000', 'x-forwarded-host': 'nas.lan' },
      200,
    ],
    [
      'the own page, its usual port added by a proxy',
      { origin: own, host: '10.0.0.2', 'x-forwarded-host': 'app.example.com:443' },
      200,
    ],
    [
      'the own page, behind two proxies',
      { origin: 'http://nas.lan', host: 'x', 'x-forwarded-host': 'nas.lan, edge.internal' },
      200,
    ],
    ['the own page, port 80 in the Host', { origin: 'http://nas.lan', host: 'nas.lan:80' }, 200],
    [
      'a foreign page, whose name is a password of the Host',
      { origin: 'http://evil.lan', host: 'nas.lan, x@y' },
      403,
    ],
    ['the own page, its name in capitals', { origin: 'http://nas.lan', host: 'NAS.lan' }, 200],
    ['a foreign page on a LAN name', { origin: 'http://evil.lan', host: 'nas.lan' }, 403],
    [
      'a foreign page, marked as such',
      { origin: 'http://nas.lan', host: 'nas.lan', 'sec-fetch-site': 'cross-site' },
      403,
    ],
    ['no browser', {}, 200],
    ['the address bar', { 'sec-fetch-site': 'none' }, 200],
    ['an allowed origin', { origin: 'https://admin.example.com', 'sec-fetch-site': 'same-site' }, 200],
    ['an allowed origin, old browser', { origin: 'https://admin.example.com' }, 200],
    ['a foreign page', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
    ['a foreign page, old browser', { origin: 'https://evil.example' }, 403],
    ['a foreign page without its origin', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a sister page', { origin: 'https://blog.example.com', 'sec-fetch-site': 'same-site' }, 403],
    ['a sandboxed frame', { origin: 'null' }, 403],
    ['a sandboxed frame, new browser', { origin: 'null', 'sec-fetch-site': 'cross-site' }, 403],
    ['another port', { origin: 'https://app.example.com:8443' }, 403],
    ['a look-alike', { origin: 'https://admin.example.com.evil.example' }, 403],
    ['another scheme of an allowed one', { origin: 'http://admin.example.com' }, 403],
    ['capitals, which no browser sends', { origin: 'https://ADMIN.example.com' }, 403],
    ['a lie about the own host', { origin: own, 'sec-fetch-site': 'cross-site' }, 403],
  ])('%s', async (_why, headers, status) => {
    expect((await handler(request(headers))).status).toBe(status)
  })

  test('a foreign page reaches nothing of the app', async () => {
    const authorize = vi.fn(() => ({ id: 'ann' }))
    await makeHandler({ authorize })(request({ origin: 'https://evil.example' }))
    expect(authorize).not.toHaveBeenCalled()
  })
})

describe('CORS', () => {
  const handler = makeHandler({ origins: ['https://admin.example.com', 'http://localhost:5173'] })
  const asking = {
    origin: 'http://localhost:5173',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type,x-csrf-token',
  }

  test('a preflight of an allowed origin passes, with the headers it asks for', async () => {
    const { status, headers } = await handler(preflight(asking))
    expect(status).toBe(204)
    expect(Object.fromEntries(headers)).toMatchObject({
      'access-control-allow-origin': 'http://localhost:5173',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization,content-type,x-csrf-token',
      vary: 'Origin',
    })
  })

  test.each([
    { ...asking, origin: 'https://evil.example' },
    { ...asking, origin: 'null' },
    { origin: asking.origin },
  ])('a preflight that is none, or not of an allowed origin, gets nothing: %j', async (headers) => {
    const response = await handler(preflight(headers))
    expect(response.status).toBe(405)
    expect(response.headers.get('access-control-allow-methods')).toBeNull()
  })

  test('the answer can be read by an allowed origin, a failure too', async () => {
    for (const content of ['application/json', 'text/plain']) {
      const { headers } = await handler(
        request({ origin: 'https://admin.example.com', 'content-type': content }),
      )
      expect(headers.get('access-control-allow-origin')).toBe('https://admin.example.com')
      expect(headers.get('access-control-allow-credentials')).toBe('true')
      expect(headers.get('vary')).toBe('Origin')
    }
  })

  test('no other origin is ever repeated', async () => {
    const { status, headers } = await handler(request({ origin: 'https://evil.example' }))
    expect(status).toBe(403)
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.get('vary')).toBe('Origin')
  })

  test('without origins there is no CORS at all', async () => {
    const response = await makeHandler()(preflight({ ...asking, origin: 'https://app.example.com' }))
    expect(response.status).toBe(405)
    expect(response.headers.get('vary')).toBeNull()
  })
})

describe('origins of apps and extensions', () => {
  test.each([
    'tauri://localhost',
    'http://tauri.localhost',
    'https://tauri.localhost',
    'capacitor://localhost',
    'ionic://localhost',
    'http://localhost',
    'https://localhost',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://0b1a2c3d-1111-2222-3333-444455556666',
    'safari-web-extension://0B1A2C3D-1111-2222-3333-444455556666',
  ])('%s may call where it is named, and is refused elsewhere', async (origin) => {
    const allowing = makeHandler({ origins: [origin] })
    const answer = await allowing(request({ origin, 'sec-fetch-site': 'cross-site' }))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
    expect(answer.headers.get('vary')).toBe('Origin')
    const asked = await allowing(preflight({ origin, 'access-control-request-method': 'POST' }))
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin)
    expect((await makeHandler()(request({ origin }))).status).toBe(403)
    expect((await makeHandler({ origins: ['https://a.example'] })(request({ origin }))).status).toBe(403)
  })

  test('an app of the signer’s own host name is another origin', async () => {
    for (const scheme of ['tauri', 'capacitor', 'chrome-extension'])
      expect((await makeHandler()(request({ origin: `${scheme}://app.example.com` }))).status).toBe(403)
  })
})

describe('https://*.example.com', () => {
  const handler = makeHandler({
    origins: ['https://*.example.com', 'http://*.localhost:3000', 'https://one.example'],
  })

  test.each([
    'https://app.example.com',
    'https://a.b.c.example.com',
    'https://xn--mnchen-3ya.example.com',
    'https://a_b.example.com',
    'http://tenant.localhost:3000',
    'https://one.example',
  ])('lets %s call, and repeats it', async (origin) => {
    const { status, headers } = await handler(
      request({ origin, 'sec-fetch-site': 'cross-site' }, 'https://api.example/'),
    )
    expect(status).toBe(200)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('vary')).toBe('Origin')
  })

  test.each([
    'https://example.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://evilexample.com',
    'https://app.example.com.evil.example',
    'https://.example.com',
    'https://evil.example/.example.com',
    'https://evil.example#.example.com',
    'https://user@x.example.com',
    'https://*.example.com',
    'http://tenant.localhost',
    'http://localhost:3000',
    'https://x.one.example',
    'null',
  ])('does not mean %s', async (origin) => {
    const { status, headers } = await handler(
      request({ origin, 'sec-fetch-site': 'cross-site' }, 'https://api.example/'),
    )
    expect(status).toBe(403)
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

test.each([
  '*',
  'null',
  'https://*',
  'https://*.com',
  'https://*.com.',
  'http://*.127.0.0.1',
  'https://undefined',
  'https://null.example.com',
  'https://.example.com',
  'https://*.*.example.com',
  'https://a*.example.com',
  'https://app.*.com',
  'https://*.example.com/',
  'https://*.Example.com',
  '*.example.com',
  'https://app.example.com/',
  'https://app.example.com:443',
  'tauri://localhost/',
  'tauri://',
  'tauri:localhost',
  'tauri://*.localhost',
  'tauri://user@localhost',
  'moz-extension://*',
  'file:///',
  'file://host',
  'data:,x',
])('%s is refused as an origin when the handler is made', (origin) => {
  expect(() => makeHandler({ origins: [origin] })).toThrow('origins must be a list of origins')
})
