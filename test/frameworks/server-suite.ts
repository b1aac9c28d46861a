/** What every server must pass: the way of a file, and what a browser or an attacker may do besides. */
import { createHash } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'

import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { KitTypes } from '../../src/backends/kit-types.ts'
import { kit } from '../../src/backends/kit.ts'
import type { BackendCall, UploadRequest } from '../../src/core/ports.ts'
import type { S3Server } from '../../src/testing/s3-server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import { listen } from './listen.ts'
import type { StoreAddress } from './signer.ts'
import { annsCookies, bucket, namedOrigin } from './signer.ts'

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
const content = Uint8Array.from({ length: 70_001 }, (_, at) => at % 251)
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

    const call: BackendCall = {
      signal: new AbortController().signal,
      now: Date.now,
      async send({ method, headers = [], body }) {
        if (body?.kind !== 'text') throw new Error('The kit calls with text.')
        const list = headers.map(([header, value]): [string, string] => [header, value])
        const answer = await send({ method, headers: list, body: body.text })
        return { status: answer.status, headers: new Map(answer.headers), text: await answer.text() }
      },
    }

    test('a file goes its whole way: signed, stored, confirmed, the same', async () => {
      const backend = kit({ endpoint: server.url, headers: { cookie: annsCookies } })
      const file: UploadRequest<KitTypes> = {
        id: 'item-1',
        source: new Blob([content]),
        name: '写真 #1 100%.png',
        size: content.byteLength,
        type: 'image/png',
        lastModified: 1_700_000_000_000,
        options: undefined,
        reason: 'first',
        accepts: ['post'],
      }
      const [grant] = await backend.createUploads([file], call)
      if (!grant?.ok || grant.target.type !== 'post') throw new Error(`Refused: ${JSON.stringify(grant)}`)
      const form = new FormData()
      for (const [field, value] of grant.target.fields) form.append(field, value)
      form.append('file', file.source)
      const stored = await fetch(grant.target.urls[0], { method: 'POST', body: form })
      expect(stored.status).toBe(201)
      const key = grant.target.fields.find(([field]) => field === 'key')?.[1]
      const place = { location: stored.headers.get('location') ?? '' }
      const result = await backend.confirm?.(grant.ref, place, file, call)
      expect(result).toEqual({ key, size: content.byteLength, user: 'ann' })
      const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      expect(object.ContentType).toBe('image/png')
      expect(sha256((await object.Body?.transformToByteArray()) ?? new Uint8Array())).toBe(sha256(content))
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
