/** What was granted and is not wanted any more: the server is told, as often as it takes. */
import type { HeldGrant } from './grants.ts'
import type { BackendCall } from './ports.ts'
import type { Recovery } from './recovery/index.ts'
import type { Resumption } from './resumption.ts'
import { chunkDelay } from './upload-task.ts'

/** What giving back needs of the engine. */
export interface GivingBackContext {
  recovery: () => Promise<Recovery>
  /** Ends with the engine. */
  call: BackendCall
  /** May one wait for what cannot be fetched? Not for ever. */
  isPatient: () => boolean
  /** Told of what could not be given back. */
  report: (error: unknown) => void
}

/** Tells the server of what `find` finds, and forgets what it has heard of. Never rejects. */
export type GiveBack = (
  id: string,
  find: () => Promise<HeldGrant | undefined>,
  memory: Resumption | undefined,
) => Promise<void>

/** Makes the giving back of one engine. */
export function createGivingBack({ recovery, call, isPatient, report }: GivingBackContext): GiveBack {
  let insisting: Promise<Recovery> | undefined

  /** What the server has to be told waits where the words cannot be fetched. */
  const insist = async (): Promise<Recovery> => {
    for (;;)
      try {
        return await recovery()
      } catch (error) {
        if (call.signal.aborted || !isPatient()) throw error
        await new Promise((resolve) => setTimeout(resolve, chunkDelay))
      }
  }

  return async (id, find, memory) => {
    try {
      // Thousands may have to be told: they are patient as one.
      const words = await (insisting ??= insist().finally(() => (insisting = undefined)))
      if (await words.giveBack(find, call)) await memory?.forget(id)
    } catch (error) {
      if (!call.signal.aborted) report(error)
    }
  }
}
