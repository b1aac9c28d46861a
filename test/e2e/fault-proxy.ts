/** A loopback proxy in front of any store, for faults that a real one does not have on offer. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What goes wrong with a part: its bytes are cut off, nothing moves any more, S3 is overloaded, its answer is lost. */
export type PartFault = 'reset' | 'stall' | 'slow-down' | 'lost-answer'

/** See {@link startFaultProxy}. */
export interface FaultProxy {
  endpoint: string
  /** Parts that came so far, and what was read of their bytes. */
  parts: () => { count: number; bytes: number }
  close: () => Promise<void>
}

/**
 * Starts it. Requests keep their Host, which is part of what was signed: the signer must be given this address.
 * @param faultOf what goes wrong with the n-th part that comes, counted from 1
 */
export async function startFaultProxy(
  target: string,
  faultOf: (count: number) => PartFault | undefined,
): Promise<FaultProxy> {
  let count = 0
  let bytes = 0
  const { hostname, port } = new URL(target)

  const pass = (message: IncomingMessage, response: ServerResponse, loseAnswer: boolean): void => {
    const { method, url: path, headers } = message
    const onward = send({ hostname, port, method, path, headers }, (answer) => {
      if (loseAnswer) return void answer.resume().once('end', () => response.destroy())
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    message.on('close', () => message.complete || onward.destroy())
    message.pipe(onward)
  }

  const server: Server = createServer((message, response) => {
    const isPart = message.method === 'PUT' && (message.url ?? '').includes('partNumber=')
    const fault = isPart ? faultOf(++count) : undefined
    if (isPart) message.on('data', (chunk: Buffer) => (bytes += chunk.length))
    if (fault === 'stall') return void message.once('data', () => message.pause())
    if (fault === 'reset')
      return void message.once('data', () => {
        message.socket.resetAndDestroy()
      })
    if (fault === 'slow-down')
      return void message.resume().once('end', () => {
        const origin = message.headers.origin ?? '*'
        response.writeHead(503, { 'Access-Control-Allow-Origin': origin, 'Content-Type': 'application/xml' })
        response.end('<Error><Code>SlowDown</Code></Error>')
      })
    pass(message, response, fault === 'lost-answer')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on TCP has such an address.
  const { port: own } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${own}`,
    parts: () => ({ count, bytes }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
