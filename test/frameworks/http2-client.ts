/** Requests over HTTP/2 without TLS, which fetch does not speak. */
import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http2'
import { connect } from 'node:http2'

/** Sends one request over a connection of its own. Its Host becomes `:authority`. */
export async function sendOverHttp2(request: Request): Promise<Response> {
  const { origin, host, pathname, search } = new URL(request.url)
  const client = connect(origin)
  const { host: named = host, ...headers } = Object.fromEntries(request.headers)
  const stream = client.request({
    ...headers,
    ':method': request.method,
    ':path': pathname + search,
    ':authority': named,
  })
  const hangUp = (): void => client.destroy()
  request.signal.addEventListener('abort', hangUp)
  // GET has ended by itself.
  if (!stream.writableEnded) stream.end(Buffer.from(await request.arrayBuffer()))
  try {
    const [answer] = (await once(stream, 'response', { signal: request.signal })) as [
      IncomingHttpHeaders & { ':status'?: number },
    ]
    const chunks: Uint8Array[] = []
    for await (const chunk of stream) chunks.push(chunk as Uint8Array)
    const status = answer[':status'] ?? 0
    const list = Object.entries(answer).flatMap(([name, value = []]) =>
      name.startsWith(':') ? [] : [value].flat().map((one): [string, string] => [name, one]),
    )
    return new Response(status === 204 ? null : Buffer.concat(chunks), { status, headers: list })
  } finally {
    client.close()
  }
}
