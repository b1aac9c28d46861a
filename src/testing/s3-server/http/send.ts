/** Puts an answer onto the wire. */
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { Answer } from './answer.ts'
import { ConnectionLost } from './body.ts'

/**
 * Resolves when all is sent.
 * @param cut ends the connection after so many bytes of the body
 * @param onSent told of each piece that was handed over
 * @throws ConnectionLost after a cut; Node's errors if the other end has gone
 */
export async function send(
  response: ServerResponse,
  answer: Answer,
  options: {
    readonly method: string
    readonly cut?: number | undefined
    readonly onSent: (bytes: number) => void
  },
): Promise<void> {
  const { body } = answer
  const { method, cut, onSent } = options
  const text = typeof body === 'string' ? Buffer.from(body) : undefined
  const length = text ? text.length : body === undefined ? 0 : undefined
  const bodiless = method === 'HEAD' || answer.status === 204 || answer.status === 304
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(length !== undefined && !bodiless && { 'content-length': String(length) }),
  })
  if (method === 'HEAD' || body === undefined) {
    if (typeof body === 'object') await body[Symbol.asyncIterator]().return?.()
    response.end()
    return
  }
  const chunks = typeof body === 'object' ? body : [text ?? Buffer.alloc(0)]
  await pipeline(
    Readable.from(chunks),
    async function* passed(source: AsyncIterable<Uint8Array>) {
      let sent = 0
      for await (const chunk of source) {
        const piece = chunk.subarray(0, cut === undefined ? undefined : Math.max(0, cut - sent))
        sent += piece.length
        onSent(piece.length)
        yield piece
        if (cut !== undefined && sent >= cut) {
          // What was written must reach the wire before the connection ends.
          await new Promise<void>((resolve) => {
            response.write('', () => resolve())
          })
          throw new ConnectionLost('ended by a fault')
        }
      }
    },
    response,
  )
}
