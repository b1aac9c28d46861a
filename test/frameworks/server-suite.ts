/** What every server must pass: the way of a file, and what a browser or an attacker may do besides. */
import { createHash } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer, request as requestTo } from 'node:http'

import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { kit } from '../../src/backends/kit.ts'
import { createUploader } from '../../src/core/index.ts'
import type { HttpTransport } from '../../src/core/index.ts'
import type { S3Server } from '../../src/testing/s3-server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import { nodeTransport } from '../support/node-transport.ts'
import { listen } from './listen.ts'
import type { StoreAddress } from './signer.ts'
import { annsCookies, bucket, namedOrigin, routes } from './signer.ts'

/** A server with the signer of `signer.ts` behind `url`. */
export interface Started {
  readonly url: string
  /** How calls reach it. Default: the global fetch. */
  readonly send?: (request: Request) => Promise<Response>
  readonly close: () => Promise<void>
}

/** What a server does by itself, before or instead of the signer. */
export interface Habits {
  /** Its own parser refuses large bodies, in words of its own. */
  readonly ownLimit?: boolean
  /** There is no connection that could end. */
  readonly noConnection?: boolean
}

const json = { 'content-type': 'application/json' }
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const codeOf = async (answer: Response): Promise<unknown> =>
  ((await answer.json()) as { code?: unknown }).code

/** Declares the tests for one server. */
export function describeServer(
  name: string,
  start: (store: StoreAddress) => Promise<Started>,
  { ownLimit = false, noConnection = false }: Habits = {},
): void {
  describe(`the signer in ${name}`, () => {
    let store: S3Server
    let client: S3Client
    let server: Started

    beforeAll(async () => {
      store = await startS3Server()
      await store.createBucket(bucket)
      const { endpoint, region, credentials } = store
      client = new S3Client({ endpoint, region, credentials: { ...credentials }, forcePathStyle: true })
      const { accessKeyId, secretAccessKey } = credentials
      server = await start({ endpoint, region, accessKeyId, secretAccessKey })
    }, 60_000)

    afterAll(async () => {
      await server?.close()
      client?.destroy()
      await store?.close()
    })

    function send(init: RequestInit & { duplex?: 'half' }): Promise<Response> {
      const request = new Request(server.url, { method: 'POST', ...init })
      return (server.send ?? fetch)(request)
    }

    /** With a Host of its own, which fetch does not send. */
    async function statusFor(headers: Record<string, string>, body: string): Promise<number | undefined> {
      if (server.send)
        return (await server.send(new Request(server.url, { method: 'POST', headers, body }))).status
      const asking = requestTo(server.url, { method: 'POST', headers }).end(body)
      const [answer] = (await once(asking, 'response')) as [IncomingMessage]
      answer.resume()
      return answer.statusCode
    }

    /** As a page of the same origin sends: calls to the server, bytes straight to S3. */
    const network = nodeTransport()
    const transport: HttpTransport = {
      async send(request, options) {
        const { method, url, headers = [], body } = request
        if (!url.startsWith(server.url)) return network.send(request, options)
        const list = headers.map(([header, value]): [string, string] => [header, value])
        const text = body?.kind === 'text' ? { body: body.text } : {}
        const asked = new Request(url, { method, headers: list, signal: options.signal, ...text })
        const answer = await (server.send ?? fetch)(asked)
        return { status: answer.status, headers: new Map(answer.headers), text: await answer.text() }
      },
    }

    test.each([
      ['a form', 'default', 70_001, 'POST'],
      ['PUT', 'put', 70_001, 'PUT'],
      ['parts', 'parts', 6 * 1024 ** 2, 'PUT'],
    ] as const)('a file goes its whole way as %s, by the real engine', async (_way, route, size, method) => {
      const sent: string[] = []
      const spy: HttpTransport = {
        send(request, options) {
          if (!request.url.startsWith(server.url)) sent.push(request.method)
          return transport.send(request, options)
        },
      }
      const backend = kit({ endpoint: server.url, route, headers: { cookie: annsCookies } })
      const uploader = createUploader({ backend, transport: spy })
      const content = Uint8Array.from({ length: size }, (_, at) => at % 251)
      const file = new File([content], '写真 #1 100%.png', { type: 'image/png' })
      const { succeeded, failed } = await uploader.whenSettled(uploader.add([file]).map(({ id }) => id))
      expect(failed).toEqual([])
      const [item] = succeeded
      expect(item).toMatchObject({ status: 'success', result: { size, user: 'ann' } })
      expect(new Set(sent)).toEqual(new Set([method]))
      const { key: Key } = (item?.status === 'success' ? item.result : {}) as { key?: string }
      const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key }))
      expect(object.ContentType).toBe('image/png')
      const stored = (await object.Body?.transformToByteArray()) ?? new Uint8Array()
      expect(sha256(stored)).toBe(sha256(content))
    })

    test('the limits of its routes are published', async () => {
      const answer = await (server.send ?? fetch)(new Request(server.url))
      expect(answer.status).toBe(200)
      const { routes: published } = (await answer.json()) as { routes: object }
      expect(Object.keys(published)).toEqual(routes)
    })

    const preflight = (origin: string): Promise<Response> =>
      send({
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type, x-token',
        },
      })
    const fromPage = (origin: string): Promise<Response> =>
      send({
        headers: { ...json, origin, 'sec-fetch-site': 'cross-site', cookie: annsCookies },
        body: JSON.stringify({ v: 1, action: 'sign', files: [] }),
      })

    test('a page of a named origin may ask, call with cookies, and read the answer', async () => {
      const asked = await preflight(namedOrigin)
      expect(asked.status).toBe(204)
      expect(await asked.text()).toBe('')
      expect(asked.headers.get('access-control-allow-origin')).toBe(namedOrigin)
      expect(asked.headers.get('access-control-allow-credentials')).toBe('true')
      expect(asked.headers.get('access-control-allow-methods')).toContain('POST')
      expect(asked.headers.get('access-control-allow-headers')).toMatch(/content-type, ?x-token/)
      const called = await fromPage(namedOrigin)
      // No files to sign is a bad request, of a caller who was let in.
      expect(called.status).toBe(400)
      expect(called.headers.get('access-control-allow-origin')).toBe(namedOrigin)
      expect(called.headers.get('access-control-allow-credentials')).toBe('true')
      expect(await codeOf(called)).toBe('bad-request')
    })

    test('a page of another origin may not', async () => {
      const asked = await preflight('https://evil.example')
      expect(asked.headers.get('access-control-allow-origin')).toBeNull()
      await asked.text()
      const called = await fromPage('https://evil.example')
      expect(called.status).toBe(403)
      expect(called.headers.get('access-control-allow-origin')).toBeNull()
      expect(await codeOf(called)).toBe('cross-origin')
    })

    test('who is not logged in is told so, as problem details', async () => {
      const answer = await send({ headers: json, body: JSON.stringify({ v: 1, action: 'sign', files: [] }) })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(await codeOf(answer)).toBe('unauthorized')
    })

    test.each(['at once', 'in chunks'])('a body that is too large, sent %s, is refused', async (way) => {
      const text = JSON.stringify({ v: 1, action: 'sign', files: [], padding: 'x'.repeat(1_020_000) })
      const body = way === 'at once' ? text : new Blob([text]).stream()
      const answer = await send({ headers: { ...json, cookie: annsCookies }, body, duplex: 'half' })
      expect(answer.status).toBe(413)
      expect((await answer.text()).includes('body-too-large')).toBe(!ownLimit)
    })

    if (noConnection) return

    test('a page on a LAN name over plain http is no foreign one, and another page is', async () => {
      // Chromium sends no Sec-Fetch-Site there.
      const host = 'nas.lan:3000'
      const headers = { ...json, host, cookie: annsCookies }
      const body = JSON.stringify({ v: 1, action: 'sign', files: [] })
      expect(await statusFor({ ...headers, origin: `http://${host}` }, body)).not.toBe(403)
      expect(await statusFor({ ...headers, origin: 'http://evil.lan:3000' }, body)).toBe(403)
    })

    test('a client that hangs up ends the call', async () => {
      const words = new EventEmitter()
      const witness = await listen(
        createServer((incoming, outgoing) => {
          incoming.on('data', (word) => outgoing.on('close', () => words.emit(String(word))))
          incoming.on('end', () => outgoing.setHeader('connection', 'close').end())
        }),
      )
      const [arrived, gone] = [once(words, 'arrived'), once(words, 'gone')]
      const browser = new AbortController()
      const headers = { ...json, 'x-witness': witness.url }
      const body = JSON.stringify({ v: 1, action: 'sign', files: [] })
      const calling = send({ headers, body, signal: browser.signal })
      await arrived
      browser.abort()
      await expect(calling).rejects.toThrow('aborted')
      await gone
      await witness.close()
    })
  })
}
