/** Signing ahead of need: far enough that the signer's latency disappears, and no further than a target lives. */
import type { Grants } from './grants.ts'
import type { UploadItem } from './types.ts'

/** What looking ahead needs of the engine. */
export interface AheadContext {
  /** Files in one call; with 1 nothing is gained by asking early. */
  batchSize: number
  grants: Grants
  /** May this file be asked for before its turn? */
  mayAsk: (item: UploadItem) => boolean
  /** Items that wait for their turn, in order. */
  waiting: () => Iterable<UploadItem>
  /** Milliseconds. */
  now: () => number
}

/** See {@link createAhead}. */
export interface Ahead {
  /** An item's turn has come: how often that happens is the pace. It is asked for before those that are signed ahead. */
  began(item: UploadItem): void
  /** Asks for what will be needed soon. */
  look(): void
}

/** Bytes per millisecond that a line is believed to carry before it has shown: 1 MiB/s. */
const believedSpeed = 1049
/** Milliseconds of work that are signed ahead at most: half of a minute, the shortest life that policies have. */
const horizon = 30_000

/** Makes the look-out. */
export function createAhead({ batchSize, grants, mayAsk, waiting, now }: AheadContext): Ahead {
  let last: number | undefined
  let begun = 0
  let isStocked = false
  let pace: number | undefined

  const ask = (item: UploadItem): void => {
    grants.ask(item).catch(() => undefined) // asked again when its turn comes
  }

  return {
    began(item) {
      begun++
      if (!grants.isReady(item.id) && mayAsk(item)) ask(item)
      const at = now()
      if (last !== undefined) pace = pace === undefined ? at - last : pace * 0.9 + (at - last) * 0.1
      last = at
    },
    look() {
      // A look goes through all that is ahead: with enough of it, not for each file.
      if (batchSize < 2 || (isStocked && begun < batchSize / 4)) return
      begun = 0
      // What will be begun while two answers are on their way, and at least two calls' worth.
      const soon = Math.ceil((grants.latency() * 2 + 50) / (pace || 1))
      const wanted = Math.min(Math.max(soon, batchSize * 2), batchSize * 8)
      const unsigned: UploadItem[] = []
      let seen = 0
      let time = 0
      for (const item of waiting()) {
        time += Math.max(pace ?? 0, item.size / believedSpeed / 6)
        if (++seen > wanted || time > horizon) break
        if (!grants.isReady(item.id) && mayAsk(item)) unsigned.push(item)
      }
      // In whole batches, but for the end: each call costs the signer the same.
      const ready = seen - unsigned.length
      isStocked = ready >= batchSize
      const isEnough = unsigned.length < batchSize && ready >= batchSize && seen > wanted
      if (isEnough) return
      unsigned.forEach(ask)
    },
  }
}
