/** Bodies that a framework has read before the handler gets its turn. */
import { gzipSync } from 'node:zlib'

import express from 'express'
import { expect, test, vi } from 'vitest'

import { toNodeHandler } from '../../../src/server/adapters/node.ts'
import { makeHandler } from '../support.ts'
import { listen, raw } from './http.ts'

const json = { 'content-type': 'application/json' }

const echo = async (request: Request): Promise<Response> => {
  const names = ['content-encoding', 'content-length', 'transfer-encoding', 'content-type']
  const headers = names.filter((name) => request.headers.has(name))
  return new Response(JSON.stringify({ headers, used: request.bodyUsed, text: await request.text() }))
}
const heard = (text: string) => ({ headers: ['content-type'], used: false, text })

/** The echo behind a parser of Express. */
function behind(parser: express.RequestHandler, handler = echo): Promise<number> {
  const app = express()
  app.use(parser)
  app.all('/', toNodeHandler(handler))
  return listen(app)
}
const asked = async (port: number, headers: object, body: string | Buffer): Promise<unknown> =>
  JSON.parse((await raw(port, { path: '/', headers }, body)).text)

test.each<[string, express.RequestHandler, type: string, body: string]>([
  ['JSON', express.json(), 'application/json', '{"a":[1,"ü",null,{"b":true}]}'],
  ['JSON of an own type', express.json({ type: '*/*' }), 'application/vnd.api+json; v=1', '[1]'],
  ['a single value', express.json({ strict: false }), 'application/json', '0'],
  ['nothing at all, made null', express.json({ strict: false }), 'application/json', 'null'],
  ['text', express.text(), 'text/plain', '{"as": "it is" }'],
  ['text that is JSON', express.text({ type: '*/*' }), 'application/json', '{"as": "it is" }'],
  ['bytes', express.raw({ type: '*/*' }), 'application/json', '{"as": "it is" }'],
])('a body read as %s is made whole again', async (_, parser, type, body) => {
  expect(await asked(await behind(parser), { 'content-type': type }, body)).toEqual(heard(body))
})

test('a compressed body is no more compressed', async () => {
  const headers = { ...json, 'content-encoding': 'gzip' }
  expect(await asked(await behind(express.json()), headers, gzipSync('{"a":1}'))).toEqual(heard('{"a":1}'))
})

test('an empty body stays empty', async () => {
  const { text } = await raw(await behind(express.json()), {
    path: '/',
    headers: { ...json, 'content-length': 0 },
  })
  expect(JSON.parse(text)).toEqual(heard(''))
})

test('where the parser has left the stream alone, what it says is not the body', async () => {
  const parser: express.RequestHandler = (request, _response, next) => {
    request.body = { not: 'sent' }
    next()
  }
  const answer = await asked(await behind(parser), { ...json, 'content-length': 7 }, '{"a":1}')
  expect(answer).toMatchObject({ headers: ['content-length', 'content-type'], text: '{"a":1}' })
})

test('a body that cannot be made again counts as used up', async () => {
  const used = vi.fn()
  const port = await behind(express.urlencoded(), async (request) => {
    used(request.bodyUsed, await request.text().catch((error: unknown) => error))
    return new Response()
  })
  await raw(port, { path: '/', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 'a=1')
  expect(used).toHaveBeenCalledExactlyOnceWith(true, expect.any(TypeError))
})

test('that a body is lost is said to the app, not to the browser', async () => {
  const onError = vi.fn()
  const drain: express.RequestHandler = (request, _response, next) => {
    request.resume().on('end', next)
  }
  const { answer, text } = await raw(
    await behind(drain, makeHandler({ onError })),
    { path: '/', headers: json },
    '{}',
  )
  expect(answer.statusCode).toBe(500)
  expect(text).not.toContain('read before')
  expect(String(onError.mock.calls[0]?.[0])).toContain('read before')
})

test('a body that the server cannot parse when it is asked is a bad request (Vercel)', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const handler = vi.fn(echo)
  const app = express()
  app.use(express.text({ type: '*/*' }), (request, _response, next) => {
    Object.defineProperty(request, 'body', {
      get() {
        throw Object.assign(new Error('Invalid JSON'), { statusCode: 400 })
      },
    })
    next()
  })
  app.all('/', toNodeHandler(handler))
  const { answer } = await raw(await listen(app), { path: '/', headers: json }, '{')
  expect(answer.statusCode).toBe(400)
  expect(handler).not.toHaveBeenCalled()
  expect(logged).not.toHaveBeenCalled()
})
