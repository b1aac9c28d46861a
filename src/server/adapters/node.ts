/** The signer on `node:http` and `node:http2`, and on what hands out Node's own objects: Express, Connect, Next.js. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'

import { checkOptions } from '../option-checks.ts'
import { checkAdapter, nodeChecks, requestChecks } from './adapter-checks.ts'
import { fixHost, isHost, isMethod, readHeaders } from './request-parts.ts'

/** Options of {@link toNodeHandler}. */
export interface NodeHandlerOptions {
  /**
   * Where the server is reached from, such as `https://app.example.com`. Default: taken from the Host header, `https`
   * on TLS sockets only; behind a proxy, that is the proxy's word.
   */
  readonly origin?: string
  /** Bytes of a request's body at most; what is longer breaks off. Default 1 MiB. */
  readonly bodyLimit?: number
}

/** Options of {@link toRequest}. */
export interface NodeRequestOptions extends NodeHandlerOptions {
  /** What a parser made of the body, where it has read it. Default: the message's own `body`. */
  readonly body?: unknown
}

/** A request as Node's servers hand it out. */
export type NodeIncoming = IncomingMessage | Http2ServerRequest
/** Its answer. */
export type NodeOutgoing = ServerResponse | Http2ServerResponse

/** What `http.createServer()`, `http2.createServer()`, `app.all()` of Express and API routes of Next.js take. */
export type NodeHandler = (request: NodeIncoming, response: NodeOutgoing) => Promise<void>

/**
 * Lets a function from Request to Response serve `node:http` or `node:http2`. The body is read as it is asked for; the Request's
 * signal aborts when the client goes away.
 *
 * Best without a body parser in front. What `express.json()` or Next.js has parsed is made JSON again, under the
 * parser's own limit: `express.json()` stops at 100 kB, which a call for 100 files with long names exceeds.
 * @example http.createServer(toNodeHandler(handler))
 * @example app.all('/api/uploads', toNodeHandler(handler))
 */
export function toNodeHandler(
  handler: (request: Request) => Promise<Response>,
  options: NodeHandlerOptions = {},
): NodeHandler {
  checkAdapter('toNodeHandler', handler, options, nodeChecks)
  return async (incoming, outgoing) => {
    try {
      const request = toRequest(incoming, outgoing, options)
      if (request) await send(await handler(request), outgoing)
      else refuse(outgoing, 400)
    } catch (error) {
      // The kit's handler never rejects; another one may, and must not hang the client for it. A client that has gone
      // is nobody's fault.
      if (!isGone(outgoing)) console.error('s3-upload-kit: the handler behind toNodeHandler() failed:', error)
      if (outgoing.headersSent) outgoing.end()
      else refuse(outgoing, 500)
    }
  }
}

/** An answer without a body. What is left of the request's body is not read. */
function refuse(outgoing: NodeOutgoing, status: number): void {
  if ('stream' in outgoing) dropConnectionHeaders(outgoing)
  else outgoing.setHeader('connection', 'close')
  outgoing.statusCode = status
  outgoing.end()
}

/**
 * Node's message as a Request, for servers that send a Response in a way of their own. Undefined if it cannot be one, as with
 * a Host that is none, or a body that the server could not parse.
 */
export function toRequest(
  incoming: NodeIncoming,
  outgoing: NodeOutgoing,
  options: NodeRequestOptions = {},
): Request | undefined {
  checkOptions(options, requestChecks, 'toRequest: ')
  const { origin, bodyLimit = 1024 * 1024 } = options
  const url = urlOf(incoming, origin)
  const method = incoming.method ?? 'GET'
  const headers = readHeaders(headersOf(incoming))
  if (!url || !headers || !isMethod(method)) return undefined
  if (origin !== undefined) fixHost(headers, url.host)
  const signal = goneSignal(outgoing)
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers, signal })
  if (!incoming.readableDidRead && !incoming.readableEnded) {
    // `duplex` is needed for streams and missing in the DOM's types.
    const init = { method, headers, signal, body: streamOf(incoming, bodyLimit), duplex: 'half' as const }
    return new Request(url, init)
  }
  const parsed = options.body === undefined ? bodyOf(incoming) : { body: options.body }
  if (!parsed) return undefined
  const text = incoming.readableDidRead ? unparse(parsed.body, headers.get('content-type')) : ''
  // These tell of the bytes that the parser got.
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) headers.delete(name)
  const request = new Request(url, { method, headers, signal, body: text ?? '' })
  // Read and not kept: whoever wants this body is to hear that it is used up, not that it is empty.
  if (text === undefined) request.body?.cancel().catch(() => {})
  return request
}

/** Some servers parse when they are asked, and throw (Vercel's helpers). */
function bodyOf(incoming: NodeIncoming): { body: unknown } | undefined {
  try {
    return { body: 'body' in incoming ? incoming.body : undefined }
  } catch {
    return undefined
  }
}

function urlOf(incoming: NodeIncoming, origin: string | undefined): URL | undefined {
  const isTls = 'encrypted' in incoming.socket
  const host = hostOf(incoming)
  // An empty one would make a host of the path.
  if (!isHost(host)) return undefined
  const base = origin ?? `${isTls ? 'https' : 'http'}://${host}`
  // Express cuts the mount path off `url` and keeps it whole here.
  const path =
    'originalUrl' in incoming && typeof incoming.originalUrl === 'string'
      ? incoming.originalUrl
      : incoming.url
  // Glued, not resolved: as a relative reference, `//evil.example/x` would name another host.
  const text = `${base}${path?.startsWith('/') ? path : '/'}`
  return URL.canParse(text) ? new URL(text) : undefined
}

/** HTTP/2 names the host in a pseudo-header (RFC 9113, section 8.3.1). */
function hostOf({ headers }: NodeIncoming): string {
  const { host, ':authority': authority } = headers
  return typeof authority === 'string' ? authority : (host ?? 'localhost')
}

/** Not the raw headers: what a middleware has set or taken away, such as a user's id, must arrive so. */
function headersOf({ headers }: NodeIncoming): [name: string, value: string][] {
  return Object.entries(headers).flatMap(([name, value = []]) =>
    name.startsWith(':') ? [] : [value].flat().map((one): [string, string] => [name, one]),
  )
}

/** Has the connection, or the stream of HTTP/2, ended before its answer? */
const isGone = (outgoing: NodeOutgoing): boolean =>
  'stream' in outgoing ? outgoing.stream.destroyed : outgoing.destroyed

function goneSignal(outgoing: NodeOutgoing): AbortSignal {
  const gone = new AbortController()
  const leave = (): void => {
    // A stream of HTTP/2 that was cut calls itself finished.
    const isAnswered = 'stream' in outgoing ? outgoing.writableEnded : outgoing.writableFinished
    if (!isAnswered) gone.abort(new Error('The client closed the connection.'))
  }
  // A middleware may have taken its time.
  if (isGone(outgoing)) leave()
  else outgoing.once('close', leave)
  return gone.signal
}

/** The body that a parser made this of; undefined if nobody knows. */
function unparse(parsed: unknown, type: string | null): string | Uint8Array<ArrayBuffer> | undefined {
  if (typeof parsed === 'string') return parsed
  if (parsed instanceof Uint8Array) return new Uint8Array(parsed)
  return /[/+]json\s*(;|$)/i.test(type ?? '') ? JSON.stringify(parsed) : undefined
}

/**
 * Not Readable.toWeb(): cancelling that destroys the socket, and the answer with it. What nobody wants to read is let
 * run off, as Node itself does.
 */
function streamOf(incoming: NodeIncoming, limit: number): ReadableStream<Uint8Array> {
  let length = 0
  let take: (chunk: Buffer) => void
  const letRunOff = (): void => {
    incoming.removeListener('data', take)
    incoming.resume()
  }
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    // After the end there is nothing to break off, and this does nothing.
    const breakOff = (): void => controller.error(new Error('The client closed the connection.'))
    take = (chunk) => {
      length += chunk.byteLength
      incoming.pause()
      if (length <= limit) {
        controller.enqueue(new Uint8Array(chunk))
        return
      }
      controller.error(new Error(`The body has more than ${limit} bytes.`))
      letRunOff()
    }
    // Then it has closed already, and says so no more.
    if (incoming.destroyed) breakOff()
    // Before the listener, which would start the flow: nothing is read until somebody asks.
    incoming.pause()
    incoming.on('data', take)
    incoming.once('end', () => close(controller))
    incoming.once('close', breakOff)
  }
  return new ReadableStream<Uint8Array>(
    { start, pull: () => void incoming.resume(), cancel: letRunOff },
    { highWaterMark: 0 },
  )
}

function close(controller: ReadableStreamDefaultController<Uint8Array>): void {
  try {
    controller.close()
  } catch {
    // Cancelled or failed before.
  }
}

/** Headers that HTTP/2 has not (RFC 9113, section 8.2.2). */
const ofConnection = /^(connection|keep-alive|proxy-connection|transfer-encoding|upgrade)$/i

/** A middleware may have set some. Node throws for them when the answer is sent. */
function dropConnectionHeaders(outgoing: Http2ServerResponse): void {
  for (const name of outgoing.getHeaderNames()) if (ofConnection.test(name)) outgoing.removeHeader(name)
}

async function send(answer: Response, outgoing: NodeOutgoing): Promise<void> {
  const body = new Uint8Array(await answer.arrayBuffer())
  outgoing.statusCode = answer.status
  const isHttp2 = 'stream' in outgoing
  for (const [name, value] of answer.headers)
    if (!isHttp2 || !ofConnection.test(name)) outgoing.setHeader(name, value)
  if (isHttp2) dropConnectionHeaders(outgoing)
  // Each by itself: set in turn, above, the last would be left.
  const cookies = answer.headers.getSetCookie()
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies)
  // Node adds Content-Length where one may stand: not with 204.
  outgoing.end(body)
}
