/** The signer, its client and a store, over HTTP: every way of sending, every attack on it. Run against more than one store. */
import { createServer } from 'node:http'

import { onTestFinished } from 'vitest'

import type { KitRef, KitTypes } from '../../src/backends/kit-types.ts'
import { kit } from '../../src/backends/kit.ts'
import type {
  BackendCall,
  Checksum,
  ChecksumAlgorithm,
  Entries,
  Grant,
  HttpRequest,
  HttpResponse,
  UploadBackend,
  UploadRequest,
  UploadTarget,
} from '../../src/core/ports.ts'
import { toNodeHandler } from '../../src/server/adapters/node.ts'
import type { AnyRouter, HandlerOptions, UploadHandler } from '../../src/server/index.ts'
import { createUploadHandler } from '../../src/server/index.ts'
import { createDigest } from '../../src/testing/s3-server/checksums/digest.ts'
import { listen } from '../frameworks/listen.ts'
import type { Store } from './witness.ts'
import { openWitness } from './witness.ts'

export { openWitness }
export type { Store }

export type Bytes = Uint8Array<ArrayBuffer>
export const bytesOf = (size: number): Bytes => Uint8Array.from({ length: size }, (_, at) => (at * 7) % 251)

const origin = 'https://app.example.com'

export function handlerFor(
  store: Store,
  router: AnyRouter,
  options: Partial<HandlerOptions> = {},
): UploadHandler {
  return createUploadHandler(router, {
    storage: store.storage,
    now: store.now,
    onError(error) {
      throw error
    },
    ...options,
  })
}

/** Lets the client call the handler without a network in between. */
export function callTo(handler: UploadHandler, headers: Record<string, string> = {}): BackendCall {
  return {
    signal: new AbortController().signal,
    now: Date.now,
    async send({ method, url, headers: own = [], body }: HttpRequest): Promise<HttpResponse> {
      const request = new Request(new URL(url, origin), {
        method,
        headers: [...own.map(([name, value]): [string, string] => [name, value]), ...Object.entries(headers)],
        ...(body?.kind === 'text' && { body: body.text }),
      })
      const answer = await handler(request)
      return { status: answer.status, headers: new Map(answer.headers), text: await answer.text() }
    },
  }
}

/** The same over HTTP, through the Node adapter, until the test has finished. */
export function callOver(handler: UploadHandler, headers: Record<string, string> = {}): BackendCall {
  const served = serve(handler)
  return {
    signal: new AbortController().signal,
    now: Date.now,
    async send({ method, url, headers: own = [], body }: HttpRequest): Promise<HttpResponse> {
      const answer = await fetch(new URL(url, await served), {
        method,
        headers: [...own.map(([name, value]): [string, string] => [name, value]), ...Object.entries(headers)],
        ...(body?.kind === 'text' && { body: body.text }),
      })
      return { status: answer.status, headers: new Map(answer.headers), text: await answer.text() }
    },
  }
}

/** The address of a handler behind Node's server on this machine, until the test has finished. */
export async function serve(handler: UploadHandler): Promise<string> {
  // Longer than any pause of a test: what is closed while it is used anew is reset.
  const listening = listen(createServer({ keepAliveTimeout: 300_000 }, toNodeHandler(handler)))
  onTestFinished(async () => (await listening).close())
  return (await listening).url
}

export function backendFor(route: string): UploadBackend<KitTypes> {
  return kit({ endpoint: '/api/uploads', route })
}

let made = 0
export function aRequest(
  content: Bytes,
  facts: Partial<UploadRequest<KitTypes>> = {},
): UploadRequest<KitTypes> {
  const source = new Blob([content])
  return {
    id: `item-${++made}`,
    source,
    name: 'photo.png',
    size: source.size,
    type: 'image/png',
    lastModified: 1_700_000_000_000,
    options: undefined,
    reason: 'first',
    accepts: ['post', 'put', 'multipart'],
    ...facts,
  }
}

export interface Granted {
  readonly ref: KitRef
  readonly target: UploadTarget
  readonly record: unknown
}

export function granted(grant: Grant<KitTypes> | undefined): Granted {
  if (grant?.ok) return { ref: grant.ref, target: grant.target, record: grant.record }
  throw new Error(`Refused: ${grant?.error.code} ${grant?.error.message}`)
}

export interface Sent {
  readonly status: number
  readonly text: string
  readonly etag: string | undefined
}

/** Sends to S3 as a browser does: of the headers, just what was granted. */
export async function put(url: string, headers: Entries, content: Bytes): Promise<Sent> {
  const answer = await fetch(url, {
    method: 'PUT',
    headers: Object.fromEntries(headers),
    body: new Blob([content]),
  })
  return { status: answer.status, text: await answer.text(), etag: answer.headers.get('etag') ?? undefined }
}

export async function postForm(url: string, fields: Entries, content: Bytes): Promise<Sent> {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  form.append('file', new File([content], 'whatever.bin', { type: 'text/html' }))
  const answer = await fetch(url, { method: 'POST', body: form })
  return { status: answer.status, text: await answer.text(), etag: undefined }
}

/** A digest as S3 is told it. */
export function checksumOf(algorithm: ChecksumAlgorithm, content: Uint8Array): Checksum {
  const digest = createDigest(names[algorithm])
  digest.update(content)
  return { algorithm, value: digest.digest().toString('base64') }
}
const names = { crc32: 'CRC32', crc32c: 'CRC32C', crc64nvme: 'CRC64NVME', sha256: 'SHA256' } as const

/** What is otherwise than a careful engine would have it. */
export interface Carrying {
  /** Digests of parts. */
  readonly partChecksum?: ChecksumAlgorithm
  /** The bytes that are really sent; their digests are those of the right ones. */
  readonly instead?: Bytes
}

/** Carries out a target, whatever its kind; parts one after the other. */
export async function carryOut(
  { ref, target }: Granted,
  content: Bytes,
  backend: UploadBackend<KitTypes>,
  call: BackendCall,
  { partChecksum, instead = content }: Carrying = {},
): Promise<void> {
  if (target.type === 'post') return expectSuccess(await postForm(target.urls[0], target.fields, instead))
  if (target.type === 'put')
    return expectSuccess(await put(target.request.url, target.request.headers, instead))
  const parts = []
  for (let number = 1, at = 0; at < content.length; number++, at += target.partSize) {
    const slice = content.slice(at, at + target.partSize)
    const digest = partChecksum && { checksum: checksumOf(partChecksum, slice) }
    const part = { number, size: slice.length, ...digest }
    const signed = await backend.multipart?.signParts(ref, [part], call)
    const request = signed?.parts[0]?.request
    if (!request) throw new Error(`Part ${number} was not signed.`)
    const sent = await put(request.url, request.headers, instead.slice(at, at + target.partSize))
    expectSuccess(sent)
    parts.push({ ...part, ...(sent.etag !== undefined && { etag: sent.etag }) })
  }
  await backend.multipart?.complete(ref, parts, call)
}

function expectSuccess({ status, text }: Sent): void {
  if (status < 200 || status > 299) throw new Error(`The store answered ${status}: ${text}`)
}

/** What a store cannot do, or does otherwise than AWS. */
export interface StoreHabits {
  /** It takes `x-amz-meta-*` headers that nobody signed, which only confirm sees. */
  readonly takesUnsignedMetadata?: boolean
  /** It looks at no digest. */
  readonly ignoresDigests?: boolean
  /** Of the headers in a form it keeps Content-Type alone. */
  readonly losesFormHeaders?: boolean
  /** It looks at `If-None-Match` of a PUT, but not of a copy or of a completion. */
  readonly conditionsOnPutOnly?: boolean
}

/** A signer of these routes over a store, a witness of its bucket, and a way to call. */
export function openSigner(store: Store, router: AnyRouter, options: Partial<HandlerOptions> = {}) {
  const handler = handlerFor(store, router, options)
  const witness = openWitness(store)
  onTestFinished(() => witness.client.destroy())
  return { handler, witness, call: callOver(handler) }
}

/** Who sends the `x-user` header; `ann` where nobody says. */
export const authorize = (request: Request): { id: string } => ({
  id: request.headers.get('x-user') ?? 'ann',
})
