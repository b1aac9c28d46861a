/** A store that forgets with the page: for tests, and where nothing more is wanted or to be had. */
import { currentRecords } from './age.ts'
import { pageLocks } from './page-locks.ts'
import type { ResumeRecord, ResumeStore } from './types.ts'

/** What {@link memoryResumeStore} takes. */
export interface MemoryResumeOptions {
  /** Where the records are. A second store over the same map is the page after a reload: same records, no locks. */
  records?: Map<string, ResumeRecord>
  /** Milliseconds after which a record is too old to go on with. Default 7 days. */
  maxAge?: number
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number
}

/** Makes the store. Two engines with one store are two tabs: they share the records and the locks. */
export function memoryResumeStore(options: MemoryResumeOptions = {}): ResumeStore {
  const { records = new Map<string, ResumeRecord>() } = options
  const { lock } = pageLocks()
  return {
    lock,
    async load(backend) {
      const mine = [...records.values()].filter((record) => record.backend === backend)
      const current = currentRecords(mine, options)
      const ids = new Set(current.map(({ id }) => id))
      for (const { id } of mine) if (!ids.has(id)) records.delete(id)
      return current.map(copyOf)
    },
    async save(record) {
      records.set(record.id, copyOf(record))
    },
    async delete(id) {
      records.delete(id)
    },
  }
}

/** As a database would: later changes to the original do not show. A handle stays itself. */
function copyOf({ handle, ...plain }: ResumeRecord): ResumeRecord {
  return { ...structuredClone(plain), ...(handle && { handle }) }
}
