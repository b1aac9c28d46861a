/** The signer over HTTP/2, whose requests have pseudo-headers in place of a Host. */
import { once } from 'node:events'
import type { Http2ServerResponse, IncomingHttpHeaders } from 'node:http2'
import { connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'

import fastify from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'

import { toFastifyHandler } from '../../../src/server/adapters/fastify.ts'
import { toNodeHandler } from '../../../src/server/adapters/node.ts'
import type { UploadHandler } from '../../../src/server/index.ts'
import { aFile, makeHandler } from '../support.ts'

const body = JSON.stringify({ v: 1, action: 'sign', files: [aFile({ name: '写真.png' })] })

async function nodeServer(handler: UploadHandler): Promise<string> {
  const listener = toNodeHandler(handler)
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${portOf(server.address())}`
}

async function fastifyServer(handler: UploadHandler): Promise<string> {
  const app = fastify({ http2: true })
  const respond = toFastifyHandler(handler)
  app.all('/*', (request, reply) => respond(request, reply))
  onTestFinished(() => app.close())
  return app.listen({ host: '127.0.0.1', port: 0 })
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0

async function ask(
  url: string,
  headers: Record<string, string>,
  content?: string,
): Promise<{ headers: IncomingHttpHeaders; status: number | undefined; text: string }> {
  const client = connect(url)
  onTestFinished(() => client.destroy())
  const request = client.request({ ':path': '/api/uploads', ...headers })
  request.end(content)
  const [answer] = (await once(request, 'response')) as [IncomingHttpHeaders & { ':status'?: number }]
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk)
  client.close()
  return { headers: answer, status: answer[':status'], text }
}

describe.each([
  ['node:http2', nodeServer],
  ['Fastify', fastifyServer],
] as const)('%s', (_name, serve) => {
  const json = { ':method': 'POST', 'content-type': 'application/json' }

  test('signs for a page of the own origin, which :authority names', async () => {
    const url = await serve(makeHandler())
    const answer = await ask(url, { ...json, origin: url }, body)
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text)).toMatchObject({ files: [{ ok: true }] })
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test('refuses a page of another origin', async () => {
    const url = await serve(makeHandler())
    expect((await ask(url, { ...json, origin: 'http://evil.example' }, body)).status).toBe(403)
  })

  test('publishes the limits', async () => {
    const url = await serve(makeHandler({ maxSize: 5 }))
    expect(JSON.parse((await ask(url, {})).text)).toMatchObject({ routes: { default: { maxSize: 5 } } })
  })
})

test.each([
  ['a middleware', (outgoing: Http2ServerResponse) => outgoing.setHeader('keep-alive', 'timeout=5'), {}],
  ['an answer from elsewhere', () => undefined, { 'transfer-encoding': 'chunked', connection: 'close' }],
] as const)(
  'headers of connections, which HTTP/2 has not, end no process: of %s',
  async (_whose, before, headers) => {
    const listener = toNodeHandler(() => Promise.resolve(new Response('whole', { headers })))
    const failures: unknown[] = []
    const server = createServer((incoming, outgoing) => {
      before(outgoing)
      listener(incoming, outgoing).catch((error: unknown) => failures.push(error))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const answer = await ask(`http://127.0.0.1:${portOf(server.address())}`, {})
    expect(answer).toMatchObject({ status: 200, text: 'whole' })
    expect(failures).toEqual([])
  },
)
