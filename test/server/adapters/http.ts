/** Servers that end with their test, and requests of which nothing is tidied up. */
import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer, request as httpRequest } from 'node:http'

import { onTestFinished } from 'vitest'

import type { NodeHandlerOptions } from '../../../src/server/adapters/node.ts'
import { toNodeHandler } from '../../../src/server/adapters/node.ts'

/** Starts a server, which ends with the test; its port. */
export async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.')
  return address.port
}

/** Starts a server with this handler behind the adapter; its port. */
export function serve(
  handler: (request: Request) => Promise<Response>,
  options?: NodeHandlerOptions,
): Promise<number> {
  const nodeHandler = toNodeHandler(handler, options)
  return listen((incoming, outgoing) => void nodeHandler(incoming, outgoing))
}

/** A request by `node:http`, which sends paths and bodies as they are. */
export async function raw(
  port: number,
  options: object,
  ...parts: (string | Buffer)[]
): Promise<{ answer: IncomingMessage; text: string }> {
  const request = httpRequest({ host: '127.0.0.1', port, method: 'POST', ...options })
  // The server may answer and hang up before everything is sent.
  request.on('error', () => {})
  for (const part of parts) request.write(part)
  request.end()
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += String(chunk)
  return { answer, text }
}
