/** What can go wrong with one request, and which request it happens to. */

/** The requests that the model knows. */
export type Operation =
  | 'create'
  | 'sign'
  | 'tell'
  | 'list'
  | 'complete'
  | 'abort'
  | 'probe'
  | 'confirm'
  | 'release'
  | 'post'
  | 'put'
  | 'part'

/** What passes by itself. */
export type Trouble =
  /** No answer, and nothing has arrived. */
  | 'cut'
  | 'cut-midway'
  /** Carried out, and nobody hears of it. */
  | 'answer-lost'
  /** The same, while the page has seen only half of the body go. */
  | 'answer-lost-unseen'
  /** No answer, and no end either: nothing has arrived. */
  | 'stall'
  | 'stall-midway'
  | '500'
  | 'slow-down'
  | 'slow-down-retry-after'
  | 'request-timeout'
  | 'error-in-200'
  /** The next ones are worth one more try at once, and only one. */
  /** The upload in parts is dead on the server, as after a lifecycle rule. */
  | 'gone'
  | 'expired'
  | 'bad-digest'
  | 'login'

/** A point in the life of a request: sent, carried out but not answered yet, answered or failed. */
export type Moment = 'begins' | 'has arrived' | 'is over'

/** The `nth` request of its kind, counted from 0, meets the trouble. */
export interface Fault {
  /** `any`: counted over all requests. */
  readonly operation: Operation | 'any'
  readonly nth: number
  readonly trouble: Trouble
}

/** What does not pass: lasts until it is lifted. */
export interface Ban {
  /** {@link InstantFile.index} */
  readonly file: number
  /** The signer refuses the file; the store denies its bytes; the app does not take it in the end. */
  readonly at: 'create' | 'store' | 'confirm'
}

const everywhere = ['cut', 'answer-lost', 'stall', '500', 'slow-down', 'slow-down-retry-after'] as const
const bodies = [
  'cut-midway',
  'stall-midway',
  'answer-lost-unseen',
  'request-timeout',
  'expired',
  'bad-digest',
] as const

/** The troubles that each kind of request can meet. */
export const troublesOf: Readonly<Record<Operation | 'any', readonly Trouble[]>> = {
  any: everywhere,
  create: [...everywhere, 'login'],
  sign: [...everywhere, 'login', 'gone'],
  tell: [...everywhere, 'login'],
  list: [...everywhere, 'gone'],
  complete: [...everywhere, 'error-in-200', 'gone'],
  abort: everywhere,
  probe: everywhere,
  confirm: [...everywhere, 'login'],
  release: everywhere,
  post: [...everywhere, ...bodies, 'error-in-200'],
  put: [...everywhere, ...bodies, 'error-in-200'],
  part: [...everywhere, ...bodies, 'gone'],
}

/** Is one more try at once all that it is worth? Two of these in a row are an end. */
export const isOneShot = (trouble: Trouble): boolean =>
  trouble === 'gone' || trouble === 'expired' || trouble === 'bad-digest' || trouble === 'login'

/** Hands each request its trouble. */
export interface FaultBook {
  /** The trouble of the request that comes now. */
  draw(operation: Operation): Trouble | undefined
}

/** Makes the book. */
export function createFaultBook(faults: readonly Fault[]): FaultBook {
  const counts = new Map<Operation | 'any', number>()
  return {
    draw(operation) {
      const meets = (whose: Operation | 'any'): Trouble | undefined => {
        const nth = counts.get(whose) ?? 0
        counts.set(whose, nth + 1)
        return faults.find((fault) => fault.operation === whose && fault.nth === nth)?.trouble
      }
      const [own, any] = [meets(operation), meets('any')]
      return own ?? any
    },
  }
}
