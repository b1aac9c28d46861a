/**
 * Gathers calls about single uploads into calls about many. A thousand small files end within seconds of each other:
 * told one by one, each would cost the signer a round trip, an `authorize` and a connection.
 */
import { UploadError } from '../core/errors.ts'
import type { BackendCall } from '../core/ports.ts'

/** What became of one of those that were asked together. */
export type Gathered<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: UploadError }

/** Asks about one receipt, together with others. */
export type Gatherer<T> = (receipt: string, call: BackendCall) => Promise<T>

interface Asking<T> {
  readonly receipt: string
  readonly call: BackendCall
  readonly settle: (outcome: Gathered<T>) => void
  readonly fail: (reason: unknown) => void
}

/**
 * What is asked in the same turn goes together; what is asked while an answer is awaited goes with the next. A call that
 * is full does not wait.
 * @param most receipts in one call
 * @param ask one call; its outcomes in the order of the receipts
 */
export function createGatherer<T>(
  most: number,
  ask: (receipts: readonly string[], call: BackendCall) => Promise<readonly Gathered<T>[]>,
): Gatherer<T> {
  let waiting: Asking<T>[] = []
  let underWay = 0
  let isDue = false

  function schedule(): void {
    if (isDue) return
    isDue = true
    queueMicrotask(() => {
      isDue = false
      while (waiting.length >= most || (waiting.length > 0 && underWay === 0))
        void send(waiting.splice(0, most))
    })
  }

  async function send(asked: readonly Asking<T>[]): Promise<void> {
    // The engine's `send` ends with the one who lent it, so that somebody has to carry the others along.
    const [carrier] = asked
    if (!carrier) return
    underWay += 1
    try {
      const outcomes = await ask(
        asked.map(({ receipt }) => receipt),
        carrier.call,
      )
      asked.forEach(({ settle, fail }, at) => {
        const outcome = outcomes[at]
        if (outcome) settle(outcome)
        else fail(new TypeError('An outcome is missing.'))
      })
    } catch (error) {
      // Its end is not theirs: they go with the next call. Asking twice is harmless, all these actions are idempotent.
      if (carrier.call.signal.aborted) waiting = [...asked.filter(isAlive), ...waiting]
      else for (const { fail } of asked) fail(error)
    } finally {
      underWay -= 1
      schedule()
    }
  }

  return (receipt, call) =>
    new Promise<T>((resolve, reject) => {
      const { signal } = call
      if (signal.aborted) return reject(abortOf(signal))
      const leave = (): void => {
        waiting = waiting.filter((one) => one !== asking)
        reject(abortOf(signal))
      }
      const end = (): void => signal.removeEventListener('abort', leave)
      const asking: Asking<T> = {
        receipt,
        call,
        settle(outcome) {
          end()
          if (outcome.ok) resolve(outcome.value)
          else reject(outcome.error)
        },
        fail(reason) {
          end()
          reject(reason)
        },
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.push(asking)
      schedule()
    })
}

const isAlive = ({ call }: { readonly call: BackendCall }): boolean => !call.signal.aborted

const abortOf = ({ reason }: AbortSignal): UploadError =>
  reason instanceof UploadError
    ? reason
    : new UploadError('aborted', 'never', 'A call to the signer was aborted by the kit.', { cause: reason })
