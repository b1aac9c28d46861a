/** The way of one request, leg by leg: what the page sees of it, and where it breaks off. */
import type { HttpResponse } from '../../src/core/index.ts'
import type { Trouble } from './model-s3-faults.ts'

/** What happens at the end of a leg. */
export type Stage = () => void

/** What a way can be made of. */
export interface WayParts {
  /** Half of the body goes. */
  half: readonly Stage[]
  /** All of it. */
  whole: readonly Stage[]
  /** The upload in parts that it is about ends on the server. */
  die: Stage
  /** What authorises it runs out. */
  expire: Stage
  /** The server carries it out. */
  arrive: Stage
  /** The line is cut. */
  lose: Stage
  /** The page is answered: with this, or with what the server said. */
  respond: (given?: HttpResponse) => Stage
}

/** The legs of a request that meets this trouble. */
export function stagesOf(
  trouble: Trouble | undefined,
  { half, whole, die, expire, arrive, lose, respond }: WayParts,
): readonly Stage[] {
  const refuse = (status: number, code: string, more: Partial<HttpResponse> = {}): readonly Stage[] => {
    const text = code && `<Error><Code>${code}</Code><Message></Message></Error>`
    return [...whole, respond({ status, headers: new Map(), text, ...more })]
  }
  switch (trouble) {
    case undefined:
      return [...whole, arrive, respond()]
    case 'cut':
      return [lose]
    case 'cut-midway':
      return [...half, lose]
    case 'answer-lost':
      return [...whole, arrive, lose]
    case 'answer-lost-unseen':
      return [...half, arrive, lose]
    case 'stall':
      return []
    case 'stall-midway':
      return half
    case '500':
      return refuse(500, 'InternalError')
    case 'slow-down':
      return refuse(503, 'SlowDown')
    case 'slow-down-retry-after':
      return refuse(503, 'SlowDown', { headers: new Map([['retry-after', '7']]) })
    case 'request-timeout':
      return refuse(400, 'RequestTimeout')
    case 'error-in-200':
      return refuse(200, 'InternalError')
    case 'gone':
      return [...whole, die, arrive, respond()]
    case 'expired':
      return [...whole, expire, arrive, respond()]
    case 'bad-digest':
      return refuse(400, 'BadDigest')
    case 'login':
      return refuse(401, '')
  }
}
