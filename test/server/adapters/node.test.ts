import { EventEmitter, once } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import { connect, Socket } from 'node:net'

import { describe, expect, onTestFinished, test, vi } from 'vitest'

import type { NodeHandlerOptions } from '../../../src/server/adapters/node.ts'
import { toNodeHandler } from '../../../src/server/adapters/node.ts'
import { aFile, makeHandler } from '../support.ts'
import { listen, raw, serve } from './http.ts'

const json = { 'content-type': 'application/json' }

test('the signer answers over real HTTP', async () => {
  const port = await serve(makeHandler())
  const body = JSON.stringify({ v: 1, action: 'sign', files: [aFile({ name: '写真.png' })] })
  const address = `http://127.0.0.1:${port}/api/uploads`
  const own = { ...json, origin: `http://127.0.0.1:${port}` }
  const answer = await fetch(address, { method: 'POST', headers: own, body })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(await answer.json()).toMatchObject({ files: [{ ok: true }] })
  const foreign = await fetch(address, {
    method: 'POST',
    headers: { ...json, origin: 'http://evil.example' },
    body,
  })
  expect(foreign.status).toBe(403)
  expect((await fetch(address, { method: 'PUT' })).status).toBe(405)
})

test('method, address, headers and body arrive, and so do status, cookies and body of the answer', async () => {
  const seen = vi.fn()
  const port = await serve(async (request) => {
    seen(request.method, request.url, request.headers.get('x-list'), await request.text())
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['x-own', 'yes'],
    ])
    return new Response('héllo', { status: 418, headers })
  })
  const { answer, text } = await raw(
    port,
    { method: 'PUT', path: '/a//b?x=1&y=%20', headers: { 'x-list': ['1', '2'] } },
    'bödy',
  )
  expect(seen).toHaveBeenCalledExactlyOnceWith(
    'PUT',
    `http://127.0.0.1:${port}/a//b?x=1&y=%20`,
    '1, 2',
    'bödy',
  )
  expect(answer.statusCode).toBe(418)
  expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  expect(answer.headers['x-own']).toBe('yes')
  expect(answer.headers['content-length']).toBe('6')
  expect(text).toBe('héllo')
})

test.each<[path: string, headers: object, options: NodeHandlerOptions | undefined, url: string]>([
  ['/x', { host: 'app.example.com' }, undefined, 'http://app.example.com/x'],
  ['//evil.example/x', { host: 'app.example.com' }, undefined, 'http://app.example.com//evil.example/x'],
  ['/x', { host: 'internal:3000' }, { origin: 'https://app.example.com' }, 'https://app.example.com/x'],
])('the address of %s with %j', async (path, headers, options, url) => {
  const port = await serve((request) => Promise.resolve(new Response(request.url)), options)
  expect((await raw(port, { path, headers })).text).toBe(url)
})

test.each([
  [undefined, 200],
  ['http://10.0.0.5:8080', 403],
])('a page under a foreign name that resolves to this server, with origin %s: %d', async (origin, status) => {
  const handler = makeHandler({ authorize: () => ({ id: 'everyone' }) })
  const port = await serve(handler, { ...(origin !== undefined && { origin }) })
  // Chromium sends no Sec-Fetch-Site on plain http but to localhost.
  const headers = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    origin: 'http://evil.example',
    'content-type': 'application/json',
  }
  const { answer } = await raw(port, { headers }, JSON.stringify({ v: 1, action: 'sign', files: [aFile()] }))
  expect(answer.statusCode).toBe(status)
})

test.each(['a b', 'user:password@host', 'a/b', 'a\\b', 'a?b', 'a#b', ':', '[::1'])(
  'the Host %j is a bad request, and nothing is logged',
  async (host) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    const port = await serve(() => Promise.resolve(new Response('never')))
    expect((await raw(port, { headers: { host } })).answer.statusCode).toBe(400)
    expect(log).not.toHaveBeenCalled()
  },
)

test.each(['TRACE', 'TRACK'])(
  'the method %s, which no Request can have, is a bad request',
  async (method) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    // Node's parser knows no TRACK, but a middleware may change the method.
    const never = toNodeHandler(() => Promise.resolve(new Response('never')))
    const port = await listen(
      (incoming, outgoing) => void never(Object.assign(incoming, { method }), outgoing),
    )
    expect((await raw(port, {})).answer.statusCode).toBe(400)
    expect(log).not.toHaveBeenCalled()
  },
)

test('a name beyond Latin-1 that a middleware sets arrives as its UTF-8 bytes', async () => {
  const say = toNodeHandler(({ headers }) =>
    Promise.resolve(new Response(Buffer.from(headers.get('x-user') ?? '', 'latin1'))),
  )
  const port = await listen((incoming, outgoing) => {
    incoming.headers['x-user'] = '写'
    void say(incoming, outgoing)
  })
  expect((await raw(port, {})).text).toBe('写')
})

test('behind a mount point of Express the address is whole', async () => {
  const handler = toNodeHandler((request) => Promise.resolve(new Response(request.url)))
  const port = await listen((incoming, outgoing) => {
    Object.assign(incoming, { originalUrl: '/api/uploads', url: '/' })
    void handler(incoming, outgoing)
  })
  expect((await raw(port, { headers: { host: 'app.example.com' } })).text).toBe(
    'http://app.example.com/api/uploads',
  )
})

describe('a body', () => {
  test('that nobody reads does not hold up the answer, nor the next call on the connection', async () => {
    const port = await serve(makeHandler({ authorize: () => null }))
    const own = { ...json, origin: `http://127.0.0.1:${port}` }
    for (let turn = 0; turn < 3; turn++) {
      const answer = await fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        headers: own,
        body: 'x'.repeat(400_000),
      })
      expect(answer.status).toBe(401)
      await answer.text()
    }
  })

  test('is taken in chunk by chunk, as it is asked for', async () => {
    const incoming = Object.assign(new IncomingMessage(new Socket()), { method: 'POST', url: '/' })
    for (let count = 0; count < 3; count++) incoming.push(Buffer.alloc(1000))
    incoming.push(null)
    const left: number[] = []
    const handler = toNodeHandler(async (request) => {
      // A turn of the event loop: a stream that flowed by itself would have run dry.
      await new Promise((resolve) => setImmediate(resolve))
      left.push(incoming.readableLength)
      const reader = request.body?.getReader()
      while ((await reader?.read())?.done === false) left.push(incoming.readableLength)
      return new Response()
    })
    await handler(incoming, new ServerResponse(incoming))
    expect(left).toEqual([3000, 2000, 1000, 0])
  })

  test('too large for the signer gets its answer', async () => {
    const port = await serve(makeHandler())
    const parts = Array.from({ length: 16 }, () => Buffer.alloc(65_000, 32))
    const headers = { ...json, 'transfer-encoding': 'chunked' }
    const { answer, text } = await raw(port, { headers }, ...parts)
    expect(answer.statusCode).toBe(413)
    expect(JSON.parse(text)).toMatchObject({ code: 'body-too-large' })
  })

  test('beyond the limit of the adapter breaks off', async () => {
    const failed = vi.fn()
    const port = await serve(
      async (request) => {
        await request.text().catch(failed)
        return new Response('done')
      },
      { bodyLimit: 1000 },
    )
    const { text } = await raw(port, {}, Buffer.alloc(800), Buffer.alloc(800))
    expect(text).toBe('done')
    expect(String(failed.mock.calls[0]?.[0])).toContain('1000 bytes')
  })

  test('that is empty is empty', async () => {
    const port = await serve(async (request) => new Response(JSON.stringify(await request.text())))
    expect((await raw(port, {})).text).toBe('""')
  })
})

test('headers arrive as the middlewares before have left them', async () => {
  const handler = toNodeHandler((request) =>
    Promise.resolve(
      new Response(JSON.stringify([...request.headers].filter(([name]) => name.startsWith('x-')))),
    ),
  )
  const port = await listen((incoming, outgoing) => {
    delete incoming.headers['x-user']
    incoming.headers['x-list'] = ['1', '2']
    void handler(incoming, outgoing)
  })
  const { text } = await raw(port, { headers: { 'x-user': 'forged' } })
  expect(JSON.parse(text)).toEqual([['x-list', '1, 2']])
})

test('an answer that has no body has no length', async () => {
  const port = await serve(() => Promise.resolve(new Response(null, { status: 204 })))
  const { answer } = await raw(port, {})
  expect(answer.statusCode).toBe(204)
  expect(answer.headers).not.toHaveProperty('content-length')
})

test('a client that went away before its turn finds the call ended', async () => {
  const events = new EventEmitter()
  const handler = toNodeHandler(async (request) => {
    const body = await request.text().catch((error: unknown) => error)
    events.emit('over', body, request.signal.aborted)
    return new Response()
  })
  const port = await listen((incoming, outgoing) => {
    events.emit('arrived')
    incoming.once('close', () => void handler(incoming, outgoing))
  })
  const [arrived, over] = [once(events, 'arrived'), once(events, 'over')]
  const socket = connect(port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
  await arrived
  socket.destroy()
  const [body, aborted] = await over
  expect(body).toBeInstanceOf(Error)
  expect(aborted).toBe(true)
})

test('the signal aborts when the client goes away, and a body that breaks off fails', async () => {
  const events = new EventEmitter()
  const port = await serve(async (request) => {
    events.emit('arrived')
    const body = await request.text().catch((error: unknown) => error)
    events.emit('over', body, request.signal.aborted)
    return new Response()
  })
  const arrived = once(events, 'arrived')
  const over = once(events, 'over')
  const socket = connect(port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
  await arrived
  socket.destroy()
  const [body, aborted] = await over
  expect(body).toBeInstanceOf(Error)
  expect(aborted).toBe(true)
})

test('the signal of a call that was answered stays quiet', async () => {
  let signal: AbortSignal | undefined
  const handler = toNodeHandler((request) => {
    signal = request.signal
    return Promise.resolve(new Response('done'))
  })
  const over = new EventEmitter()
  const port = await listen((incoming, outgoing) => {
    void handler(incoming, outgoing)
    outgoing.once('close', () => over.emit('over'))
  })
  const closed = once(over, 'over')
  await raw(port, { headers: { connection: 'close' } })
  await closed
  expect(signal?.aborted).toBe(false)
})

test('a handler that fails because the client has gone is no news', async () => {
  const spy = vi.spyOn(console, 'error').mockImplementation(() => {})
  const events = new EventEmitter()
  const handler = toNodeHandler(async (request) => {
    events.emit('arrived')
    await once(request.signal, 'abort')
    throw new Error('aborted')
  })
  const port = await listen((incoming, outgoing) => {
    void handler(incoming, outgoing).then(() => events.emit('over'))
  })
  const [arrived, over] = [once(events, 'arrived'), once(events, 'over')]
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await arrived
  socket.destroy()
  await over
  expect(spy).not.toHaveBeenCalled()
  spy.mockRestore()
})

test('a handler that fails ends the call, without details', async () => {
  const spy = vi.spyOn(console, 'error').mockImplementation(() => {})
  const port = await serve(() => Promise.reject(new Error('secret')))
  const { answer, text } = await raw(port, {})
  expect(answer.statusCode).toBe(500)
  expect(text).toBe('')
  expect(spy).toHaveBeenCalledOnce()
  spy.mockRestore()
})
