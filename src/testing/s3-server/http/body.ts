/** A request's body as chunks, one reader at a time, with the rest drained before a refusal. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { S3Error } from '../errors.ts'

/** Called with each chunk before anyone else sees it; may take its time, or throw. Faults stand here. */
export type BodyTap = (chunk: Uint8Array, receivedBefore: number) => Promise<void>

/** The other end went away; there is nobody to answer. */
export class ConnectionLost extends Error {
  override readonly name: string = 'ConnectionLost'
}

/** Read once, from front to back. */
export class RequestBody {
  /** Bytes that arrived so far, framing included. */
  received = 0
  /** Who stands in the bytes' way, if anybody. */
  tap: BodyTap | undefined
  readonly #chunks: AsyncIterator<Uint8Array>
  #invite: (() => void) | undefined
  #giveUp: ((error: S3Error) => void) | undefined
  #ended = false
  #stuck = false

  /** @param response where `100 Continue` goes, if the client waits for one */
  constructor(message: IncomingMessage, response: ServerResponse) {
    this.#chunks = message.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]()
    if (/^100-continue$/i.test(message.headers.expect ?? '')) this.#invite = () => response.writeContinue()
    // Without a listener Node would close the connection in silence.
    message.on('timeout', () => this.#giveUp?.(new S3Error('RequestTimeout')))
  }

  /** The next chunk, `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#ended) return undefined
    this.#invite?.()
    this.#invite = undefined
    const step = await this.#step()
    if (step.done) {
      this.#ended = true
      return undefined
    }
    await this.tap?.(step.value, this.received)
    this.received += step.value.length
    return step.value
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (let chunk = await this.next(); chunk; chunk = await this.next()) yield chunk
  }

  /** All of it, as text. @throws S3Error MaxMessageLengthExceeded beyond `limit` bytes */
  async text(limit: number): Promise<string> {
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of this) {
      length += chunk.length
      if (length > limit) throw new S3Error('MaxMessageLengthExceeded')
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString()
  }

  /**
   * Takes what is left and drops it. A browser that is still sending when the answer comes reports a network error
   * and shows nobody the answer, so refusals wait for the end of the body.
   * @returns false where nothing more is to be waited for: the client waits for `100 Continue`, which it will not get,
   * or has sent nothing for too long
   */
  async drain(): Promise<boolean> {
    if (this.#invite || this.#stuck) return false
    while ((await this.next()) !== undefined);
    return true
  }

  async #step(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await new Promise((resolve, reject) => {
        this.#giveUp = reject
        this.#chunks.next().then(resolve, reject)
      })
    } catch (cause) {
      if (cause instanceof S3Error) {
        this.#stuck = true
        throw cause
      }
      throw new ConnectionLost('The connection broke while the body was on its way.', { cause })
    } finally {
      this.#giveUp = undefined
    }
  }
}
