/** What the faults of one request do to it, step by step. */
import { S3Error } from '../errors.ts'
import type { Answer } from '../http/answer.ts'
import { ConnectionLost, type BodyTap } from '../http/body.ts'
import type { S3Operation } from '../operation.ts'
import type { Fault } from './fault.ts'

/** Waits; gives up when the signal says so. Tests put their own time here. */
export type Delay = (milliseconds: number, signal: AbortSignal) => Promise<void>

/** The connection is to be reset, by a fault. */
export class ConnectionReset extends ConnectionLost {
  override readonly name: string = 'ConnectionReset'
}

type FaultOf<Type extends Fault['type']> = Extract<Fault, { readonly type: Type }>

/** See the head of this file. */
export class FaultPlan {
  readonly #faults: readonly Fault[]
  readonly #delay: (milliseconds: number) => Promise<void>

  constructor(faults: readonly Fault[], delay: Delay, signal: AbortSignal) {
    this.#faults = faults
    this.#delay = (milliseconds) => delay(milliseconds, signal)
  }

  /** For the log. */
  get types(): Fault['type'][] {
    return this.#faults.map(({ type }) => type)
  }

  has(type: Fault['type']): boolean {
    return this.#faults.some((fault) => fault.type === type)
  }

  /** How far S3's clock is off. */
  get clockSeconds(): number {
    return this.#of('clock').reduce((sum, { seconds }) => sum + seconds, 0)
  }

  /** Before the request is looked at. @throws ConnectionReset, S3Error */
  async before(operation: S3Operation): Promise<void> {
    for (const { milliseconds } of this.#of('latency')) await this.#delay(milliseconds)
    for (const { afterBytes, milliseconds } of this.#of('stall')) {
      if (afterBytes === 0) await this.#delay(milliseconds ?? Number.POSITIVE_INFINITY)
    }
    if (this.#of('reset').some(({ afterBytes }) => afterBytes === 0))
      throw new ConnectionReset('reset by a fault')
    for (const { code } of this.#of('early-refusal')) throw new S3Error(code)
    for (const { code, status, retryAfter } of this.#of('error')) {
      throw new S3Error(code, {
        ...(status !== undefined && { status }),
        ...(retryAfter !== undefined && { headers: { 'retry-after': String(retryAfter) } }),
      })
    }
    if (this.has('expired')) {
      throw new S3Error('AccessDenied', {
        message:
          operation === 'PostObject' ? 'Invalid according to Policy: Policy expired.' : 'Request has expired',
      })
    }
    for (const { code } of this.#of('error-under-200')) throw new S3Error(code, { status: 200 })
  }

  /** What stands in the way of the body's bytes, if anything. */
  get tap(): BodyTap | undefined {
    const [resets, stalls, limits] = [this.#of('reset'), this.#of('stall'), this.#of('bandwidth')]
    if (resets.length + stalls.length + limits.length === 0) return undefined
    return async (chunk, before) => {
      const after = before + chunk.length
      for (const { afterBytes } of resets)
        if (after >= afterBytes) throw new ConnectionReset('reset by a fault')
      for (const { afterBytes, milliseconds } of stalls) {
        if (before < afterBytes && after >= afterBytes)
          await this.#delay(milliseconds ?? Number.POSITIVE_INFINITY)
      }
      for (const { bytesPerSecond } of limits) await this.#delay((chunk.length / bytesPerSecond) * 1_000)
    }
  }

  /** What is stored instead of what came, if anything. */
  get alter(): ((chunk: Uint8Array, before: number) => Uint8Array) | undefined {
    const places = this.#of('corrupt-byte').map(({ at }) => at)
    if (places.length === 0) return undefined
    return (chunk, before) => {
      const altered = Uint8Array.from(chunk)
      for (const at of places) {
        const byte = altered[at - before]
        if (byte !== undefined) altered[at - before] = byte ^ 1
      }
      return altered
    }
  }

  /** The answer as it goes out. */
  alterAnswer(answer: Answer): Answer {
    const headers = { ...answer.headers }
    if (this.has('hidden-etag')) {
      const exposed = (headers['access-control-expose-headers'] ?? '')
        .split(', ')
        .filter((name) => name !== '' && name.toLowerCase() !== 'etag')
      delete headers['access-control-expose-headers']
      if (exposed.length > 0) headers['access-control-expose-headers'] = exposed.join(', ')
    }
    if (this.has('no-cors-on-errors') && answer.status >= 400) {
      for (const name of Object.keys(headers)) if (name.startsWith('access-control-')) delete headers[name]
    }
    const [limit] = this.#of('bandwidth')
    return {
      ...answer,
      headers,
      ...(limit && answer.body !== undefined && { body: this.#slowly(answer.body, limit) }),
    }
  }

  /** After how many bytes the answer's body ends, if before its end. */
  get cut(): number | undefined {
    return this.#of('truncated-answer')[0]?.bytes
  }

  async *#slowly(
    body: string | AsyncIterable<Uint8Array>,
    { bytesPerSecond }: FaultOf<'bandwidth'>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of typeof body === 'string' ? [Buffer.from(body)] : body) {
      await this.#delay((chunk.length / bytesPerSecond) * 1_000)
      yield chunk
    }
  }

  #of<Type extends Fault['type']>(type: Type): FaultOf<Type>[] {
    return this.#faults.filter((fault): fault is FaultOf<Type> => fault.type === type)
  }
}
