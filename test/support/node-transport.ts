/** The transport over `node:http`, for engines in tests without a browser: every request on a connection of its own. */
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'

import type { HttpBody, HttpRequest, HttpResponse, HttpTransport } from '../../src/core/index.ts'
import { UploadError } from '../../src/core/index.ts'

interface Payload {
  bytes: Uint8Array
  /** What a browser would say of it, where the request does not. */
  type?: string
}

/** Makes the transport; `onSend` sees every request before it goes out. */
export function nodeTransport(onSend: (request: HttpRequest) => void = () => undefined): HttpTransport {
  return {
    async send(request, { signal, onProgress }) {
      onSend(request)
      const payload = await payloadOf(request.body)
      const size = request.body ? sizeOf(request.body) : 0
      const answer = await exchange(request, payload, signal)
      onProgress?.(size)
      return answer
    },
  }
}

function exchange(
  { method, url, headers = [] }: HttpRequest,
  { bytes, type }: Payload,
  signal: AbortSignal,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      reject(
        signal.aborted
          ? new UploadError('aborted', 'never', 'The request was aborted.', { cause: signal.reason })
          : new UploadError('network', 'later', `No answer to ${method}.`, { cause }),
      )
    }
    if (signal.aborted) return fail(undefined)
    const named = new Set(headers.map(([name]) => name.toLowerCase()))
    const sent: Record<string, string> = Object.fromEntries(headers)
    if (type !== undefined && !named.has('content-type')) sent['content-type'] = type
    if (bytes.byteLength > 0 || method === 'POST' || method === 'PUT')
      sent['content-length'] = String(bytes.byteLength)
    const outgoing = httpRequest(url, { method, headers: sent, agent: false, signal }, (incoming) => {
      read(incoming).then(resolve, fail)
    })
    outgoing.on('error', fail)
    outgoing.end(bytes)
  })
}

async function read(incoming: IncomingMessage): Promise<HttpResponse> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  const headers = Object.entries(incoming.headers).map(
    ([name, value]) => [name, [value ?? ''].flat().join(', ')] as const,
  )
  return {
    status: incoming.statusCode ?? 0,
    headers: new Map(headers),
    text: Buffer.concat(chunks).toString(),
  }
}

async function payloadOf(body: HttpBody | undefined): Promise<Payload> {
  if (!body) return { bytes: new Uint8Array() }
  if (body.kind === 'text')
    return { bytes: new TextEncoder().encode(body.text), type: 'text/plain;charset=UTF-8' }
  if (body.kind === 'blob') {
    const { blob } = body
    return { bytes: await blob.bytes(), ...(blob.type !== '' && { type: blob.type }) }
  }
  const form = new FormData()
  for (const [name, value] of body.fields) form.append(name, value)
  form.append('file', body.file, body.fileName)
  const encoded = new Response(form)
  const type = encoded.headers.get('content-type')
  return { bytes: await encoded.bytes(), ...(type !== null && { type }) }
}

function sizeOf(body: HttpBody): number {
  if (body.kind === 'form') return body.file.size
  return body.kind === 'blob' ? body.blob.size : 0
}
