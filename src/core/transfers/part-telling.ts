import { toUploadError } from '../errors.ts'
import type { StoredPart } from '../ports.ts'
import type { TransferContext } from './context.ts'
import { GivenUp } from './put-off.ts'

/** Tells the app's server of stored parts, one at a time, as often as it takes: the part is stored, whoever heard of it. */
export interface PartTelling {
  /** In the line behind the others. */
  tell(part: StoredPart): void
  /**
   * Resolves when the server has heard of all of `grant.parts`.
   * @throws GivenUp when it does not listen; UploadError when it knows the upload no more
   */
  finish(): Promise<void>
  /** The run is over: what is not told yet is told by the next one. */
  end(): void
}

/** Makes the telling of one run; what an earlier run did not come to is told too. */
export function createPartTelling(context: TransferContext): PartTelling {
  const { item, grant, signal, call, recovery, backend } = context
  const { multipart } = backend
  const told = (grant.told ??= new Set())
  const lined = new Set<number>()
  const ended = new AbortController()
  const either = AbortSignal.any([signal, ended.signal])
  // A call of an earlier run may still be on its way.
  let line: Promise<unknown> = grant.telling ?? Promise.resolve()

  const say = async (part: StoredPart): Promise<void> => {
    for (;;) {
      either.throwIfAborted()
      try {
        const heard = multipart?.partStored?.(grant.ref, part, call)
        grant.telling = heard?.catch(() => undefined)
        await heard
        return void told.add(part.number)
      } catch (cause) {
        either.throwIfAborted()
        const error = toUploadError(cause, `telling the server of part ${part.number}`)
        if (error.retry === 'restart') throw error // told or not, that upload is at its end
        const { judge, alarms } = await recovery()
        const decision = await judge(`${item.id}#told`, error, 0)
        if (decision.do === 'fail') throw new GivenUp(error)
        if (decision.do === 'wait') await alarms.sleep(decision.delay, decision.reason === 'offline', either)
      }
    }
  }

  const tell = (part: StoredPart): void => {
    if (!multipart?.partStored) return
    told.delete(part.number) // what was told is no more, where it is sent again
    lined.add(part.number)
    line = line.then(() => say(part))
    line.catch(() => undefined) // `finish` has it
  }

  return {
    tell,
    finish() {
      for (const part of grant.parts.values())
        if (!told.has(part.number) && !lined.has(part.number)) tell(part)
      return line.then(() => undefined)
    },
    end: () => ended.abort(),
  }
}
