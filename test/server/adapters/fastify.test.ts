import { connect } from 'node:net'

import type { FastifyInstance } from 'fastify'
import { fastify } from 'fastify'
import { afterEach, expect, test, vi } from 'vitest'

import { toFastifyHandler } from '../../../src/server/adapters/fastify.ts'
import { makeHandler } from '../support.ts'

const apps: FastifyInstance[] = []

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()))
})

function makeApp(): FastifyInstance {
  const app = fastify({ forceCloseConnections: true })
  apps.push(app)
  return app
}

const json = { 'content-type': 'application/json' }
const echo = async (request: Request): Promise<Response> => {
  const { method, url, headers } = request
  return Response.json({ method, url, user: headers.get('x-user'), text: await request.text() })
}

test('method, address, headers and body arrive', async () => {
  const app = makeApp()
  await app.register(
    (scope, _options, done) => {
      scope.all('/uploads', toFastifyHandler(echo))
      done()
    },
    { prefix: '/api' },
  )
  const payload = '{"a":["ü"]}'
  const url = '/api/uploads?x=%20'
  const headers = { ...json, host: 'app.example.com', 'x-user': 'ann' }
  const answer = await app.inject({ method: 'PUT', url, headers, payload })
  expect(answer.json()).toEqual({
    method: 'PUT',
    url: 'http://app.example.com/api/uploads?x=%20',
    user: 'ann',
    text: payload,
  })
})

test('status, cookies and body of the answer arrive, with what hooks have added', async () => {
  const app = makeApp()
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('x-frame-options', 'DENY')
  })
  const sent = vi.fn()
  app.addHook('onSend', async (_request, reply) => sent(reply.statusCode))
  const headers = new Headers([
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
    ['content-type', 'text/x-own'],
  ])
  app.all(
    '/',
    toFastifyHandler(() => Promise.resolve(new Response('héllo', { status: 418, headers }))),
  )
  const answer = await app.inject({ method: 'POST', url: '/' })
  expect(answer.statusCode).toBe(418)
  expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  expect(answer.headers['content-type']).toBe('text/x-own')
  expect(answer.headers['x-frame-options']).toBe('DENY')
  expect(answer.body).toBe('héllo')
  expect(sent).toHaveBeenCalledOnce()
})

test('a body that a parser of the app leaves unread is read', async () => {
  const app = makeApp()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.all('/', toFastifyHandler(echo))
  const payload = '{ "as": "it is" }'
  const answer = await app.inject({ method: 'POST', url: '/', headers: json, payload })
  expect(answer.json()).toMatchObject({ text: payload })
})

test('the origin can be named', async () => {
  const app = makeApp()
  app.all('/x', toFastifyHandler(echo, { origin: 'https://app.example.com' }))
  const answer = await app.inject({ url: '/x', headers: { host: 'internal:3000' } })
  expect(answer.json()).toMatchObject({ url: 'https://app.example.com/x' })
})

test('a Host that is none is a bad request', async () => {
  const app = makeApp()
  const handler = vi.fn(makeHandler())
  app.all('/', toFastifyHandler(handler))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.end('GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n')
  let text = ''
  for await (const chunk of socket.setEncoding('utf8')) text += String(chunk)
  expect(text).toMatch(/^HTTP\/1.1 400 /)
  expect(handler).not.toHaveBeenCalled()
})

test("a handler that fails is the app's affair", async () => {
  const app = makeApp()
  const failed = vi.fn()
  app.setErrorHandler(async (error, _request, reply) => {
    failed(error)
    return reply.code(503).send('later')
  })
  app.all(
    '/',
    toFastifyHandler(() => Promise.reject(new Error('secret'))),
  )
  const answer = await app.inject({ method: 'POST', url: '/' })
  expect(answer.statusCode).toBe(503)
  expect(failed).toHaveBeenCalledOnce()
})
