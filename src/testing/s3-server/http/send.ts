/** Puts an answer onto the wire. */
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { Answer } from './answer.ts'

/** Resolves when all is sent or the other end has gone. @returns bytes of the body that were handed over */
export async function send(response: ServerResponse, answer: Answer, method: string): Promise<number> {
  const { body } = answer
  const text = typeof body === 'string' ? Buffer.from(body) : undefined
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(text && { 'content-length': String(text.length) }),
    // Node would promise an endless body where there is none.
    ...(body === undefined &&
      method !== 'HEAD' &&
      answer.status >= 200 &&
      answer.status !== 204 &&
      answer.status !== 304 && { 'content-length': '0' }),
  })
  if (method === 'HEAD' || body === undefined) {
    if (typeof body === 'object') await body[Symbol.asyncIterator]().return?.()
    response.end()
    return 0
  }
  if (text) {
    response.end(text)
    return text.length
  }
  if (typeof body === 'string') return 0
  let sent = 0
  await pipeline(
    Readable.from(body),
    async function* count(source: AsyncIterable<Uint8Array>) {
      for await (const chunk of source) {
        sent += chunk.length
        yield chunk
      }
    },
    response,
  )
  return sent
}
