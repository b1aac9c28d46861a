/** The signer on `node:http`, and on what builds upon it: Express, Fastify's raw objects, Connect. */
import type { IncomingMessage, ServerResponse } from 'node:http'

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

/** What `http.createServer()` takes. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/**
 * Lets a function from Request to Response serve `node:http`. The body is read as it is asked for; the Request's
 * signal aborts when the client goes away. Put no body parser in front: the body must be unread.
 */
export function toNodeHandler(
  handler: (request: Request) => Promise<Response>,
  { origin, bodyLimit = 1024 * 1024 }: NodeHandlerOptions = {},
): NodeHandler {
  return async (incoming, outgoing) => {
    const gone = new AbortController()
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) gone.abort(new Error('The client closed the connection.'))
    })
    const url = urlOf(incoming, origin)
    if (!url) {
      outgoing.writeHead(400, { connection: 'close' }).end()
      return
    }
    try {
      const answer = await handler(toRequest(incoming, url, bodyLimit, gone.signal))
      await send(answer, outgoing)
    } catch (error) {
      // The kit's handler never rejects; another one may, and must not hang the client for it. A client that has gone
      // is nobody's fault.
      if (!gone.signal.aborted)
        console.error('s3-upload-kit: the handler behind toNodeHandler() failed:', error)
      if (!outgoing.headersSent) outgoing.writeHead(500)
      outgoing.end()
    }
  }
}

function urlOf(incoming: IncomingMessage, origin: string | undefined): URL | undefined {
  const isTls = 'encrypted' in incoming.socket
  const base = origin ?? `${isTls ? 'https' : 'http'}://${incoming.headers.host ?? 'localhost'}`
  // Express cuts the mount path off `url` and keeps it whole here.
  const path =
    'originalUrl' in incoming && typeof incoming.originalUrl === 'string'
      ? incoming.originalUrl
      : incoming.url
  // Glued, not resolved: as a relative reference, `//evil.example/x` would name another host.
  const text = `${base}${path?.startsWith('/') ? path : '/'}`
  return URL.canParse(text) ? new URL(text) : undefined
}

function toRequest(incoming: IncomingMessage, url: URL, bodyLimit: number, signal: AbortSignal): Request {
  const headers = new Headers()
  for (const [name, values] of Object.entries(incoming.headersDistinct))
    for (const value of values ?? []) headers.append(name, value)
  const method = incoming.method ?? 'GET'
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers, signal })
  // `duplex` is needed for streams and missing in the DOM's types.
  const init = { method, headers, signal, body: bodyOf(incoming, bodyLimit), duplex: 'half' as const }
  return new Request(url, init)
}

/**
 * Not Readable.toWeb(): cancelling that destroys the socket, and the answer with it. What nobody wants to read is let
 * run off, as Node itself does.
 */
function bodyOf(incoming: IncomingMessage, limit: number): ReadableStream<Uint8Array> {
  let length = 0
  let take: (chunk: Buffer) => void
  const letRunOff = (): void => {
    incoming.removeListener('data', take)
    incoming.resume()
  }
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
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
    // Before the listener, which would start the flow: nothing is read until somebody asks.
    incoming.pause()
    incoming.on('data', take)
    incoming.once('end', () => close(controller))
    incoming.once('close', () => {
      if (!incoming.readableEnded) controller.error(new Error('The client closed the connection.'))
    })
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

async function send(answer: Response, outgoing: ServerResponse): Promise<void> {
  const body = new Uint8Array(await answer.arrayBuffer())
  if (outgoing.destroyed) return
  outgoing.statusCode = answer.status
  for (const [name, value] of answer.headers) if (name !== 'set-cookie') outgoing.setHeader(name, value)
  const cookies = answer.headers.getSetCookie()
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies)
  outgoing.setHeader('content-length', body.byteLength)
  outgoing.end(body)
}
