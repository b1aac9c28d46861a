/** A bucket behind a proxy that sends the store its own Host, as CloudFront does, or keeps the browser's. */
import { createServer, request as requestTo } from 'node:http'

import { expect, onTestFinished, test } from 'vitest'

import type { StorageOptions } from '../../src/server/index.ts'
import { createUploadRouter, route } from '../../src/server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import {
  aRequest,
  authorize,
  backendFor,
  bytesOf,
  callTo,
  carryOut,
  granted,
  handlerFor,
} from '../server/store-suite.ts'
import { listen } from './listen.ts'

const bucket = 'uploads'

interface Proxy {
  /** Where it sends requests. */
  readonly target: string
  /** Does it send the browser's Host on? */
  readonly keepsHost: boolean
}

async function startProxy({ target, keepsHost }: Proxy): Promise<string> {
  const { hostname, port, host, pathname } = new URL(target)
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, ...(!keepsHost && { host }) }
    const path = pathname.replace(/\/$/, '') + incoming.url
    const onward = requestTo({ hostname, port, path, method: incoming.method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(onward)
  })
  const { url, close } = await listen(server)
  onTestFinished(close)
  return url
}

/** Uploads through the proxy, looks at the file through it, and tells where browsers were sent. */
async function live(
  way: 'post' | 'put' | 'multipart',
  keepsHost: boolean,
  options: Partial<StorageOptions>,
): Promise<{ size: unknown; addresses: readonly string[]; proxy: string }> {
  const server = await startS3Server()
  onTestFinished(() => server.close())
  await server.createBucket(bucket)
  const { endpoint, region, credentials } = server
  const target = options.publicEndpointIsBucket ? `${endpoint}/${bucket}` : endpoint
  const proxy = await startProxy({ target, keepsHost })
  const storage: StorageOptions = { bucket, endpoint, region, credentials, publicEndpoint: proxy, ...options }
  const files = route({
    authorize,
    transport: way,
    partSize: 5 * 1024 ** 2,
    view: () => true,
    onComplete: ({ size }) => size,
  })
  const asked = callTo(handlerFor({ storage, now: Date.now }, createUploadRouter({ files })))
  const backend = backendFor('files')
  const content = bytesOf(way === 'multipart' ? 6 * 1024 ** 2 : 1000)
  const file = aRequest(content, { accepts: [way] })
  const mine = granted((await backend.createUploads([file], asked))[0])
  await carryOut(mine, content, backend, asked)
  const size = await backend.confirm?.(mine.ref, { location: '' }, file, asked)
  const view = (await backend.view?.(mine.ref, asked))?.url ?? ''
  const shown = await fetch(view)
  expect(Buffer.from(await shown.arrayBuffer()).equals(content)).toBe(true)
  const sentTo = mine.target.type === 'put' ? [mine.target.request.url] : []
  return { size, addresses: [...sentTo, view], proxy }
}

const ways = ['post', 'put', 'multipart'] as const

test.each(ways)('%s through a CDN that sends its own Host', async (way) => {
  const { size, addresses, proxy } = await live(way, false, { publicEndpointIsBucket: true })
  expect(size).toBeGreaterThan(0)
  for (const address of addresses) expect(address).toMatch(new RegExp(`^${proxy}/[^/?]`))
})

test.each(ways)('%s through a proxy before the store that sends its own Host', async (way) => {
  const { size, addresses, proxy } = await live(way, false, { signedHost: 'own' })
  expect(size).toBeGreaterThan(0)
  for (const address of addresses) expect(address).toContain(`${proxy}/${bucket}/`)
})

test.each(ways)('%s through a proxy that keeps the Host', async (way) => {
  expect((await live(way, true, {})).size).toBeGreaterThan(0)
})

test('a proxy that keeps the Host of a bucket is told to the signer', async () => {
  const { size } = await live('put', true, { signedHost: 'public' })
  expect(size).toBeGreaterThan(0)
})

test.each([{ publicEndpointIsBucket: true, signedHost: 'public' } as const, {}])(
  'a wrong host is refused by the store: %j',
  async (options) => {
    await expect(live('put', false, options)).rejects.toThrow('SignatureDoesNotMatch')
  },
)
