/** What loads when it is needed for the first time, and stays. */
import { noChunk } from './errors.ts'
import type { createPageGuard } from './page-guard.ts'
import type { Recovery, RecoveryContext } from './recovery/index.ts'
import type { Resumption } from './resumption.ts'

/** What the chunks are made with. */
export interface ChunksContext extends RecoveryContext {
  /** The memory of unfinished uploads; undefined: there is none. */
  resumption: (() => Promise<Resumption | undefined>) | undefined
}

/** See {@link createChunks}. */
export interface Chunks {
  /** Rejects where the chunk cannot be had; a later call tries again: the line may have been down. */
  readonly recovery: () => Promise<Recovery>
  /** The recovery, where something has gone wrong already. */
  readonly trouble: () => Recovery | undefined
  /**
   * The memory of unfinished uploads, made now; undefined where there is none. Where its code cannot be had, that is
   * reported once; a later call tries again.
   */
  readonly memory: () => Promise<Resumption | undefined>
  /** The same, where it was made already. */
  readonly remembered: () => Promise<Resumption | undefined> | undefined
  /** Tells the page what it has to do while files are under way; without `isActive`: what is wanted of it has changed. */
  readonly guard: (isActive?: boolean) => void
}

/** Makes the chunks of one engine; nothing is fetched yet. */
export function createChunks(context: ChunksContext): Chunks {
  const { settings, report } = context
  let recovered: Promise<Recovery> | undefined
  let trouble: Recovery | undefined
  let remembered: Promise<Resumption | undefined> | undefined
  let isMissed = false
  let guard: Promise<ReturnType<typeof createPageGuard>> | undefined
  let isGuarded = false

  return {
    recovery() {
      recovered ??= import('./recovery/index.ts').then(
        ({ createRecovery }) => (trouble = createRecovery(context)),
        noChunk,
      )
      recovered.catch(() => (recovered = undefined))
      return recovered
    },
    trouble: () => trouble,
    memory: () =>
      (remembered ??= Promise.resolve(context.resumption?.()).catch((error: unknown) => {
        remembered = undefined
        if (!isMissed) report(error)
        isMissed = true
        return undefined
      })),
    remembered: () => remembered,
    guard(isActive = isGuarded) {
      if (!isActive && !isGuarded) return
      isGuarded = isActive
      guard ??= import('./page-guard.ts').then((chunk) => chunk.createPageGuard())
      const apply = async (): Promise<void> => {
        const setNeeds = await guard
        const { warnBeforeLeave = true, wakeLock = false } = settings()
        setNeeds?.({ warn: isGuarded && warnBeforeLeave, wakeLock: isGuarded && wakeLock })
      }
      apply().catch(() => (guard = undefined)) // the upload goes on without
    },
  }
}
