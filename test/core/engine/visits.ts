/** Visits of one browser: pages and tabs that share S3 and what is remembered. */
import type { UploaderOptions } from '../../../src/core/index.ts'
import { memoryResumeStore } from '../../../src/core/resume/memory.ts'
import type { ResumeRecord } from '../../../src/core/resume/types.ts'
import { first, quiet } from '../../support/engine.ts'
import type { PartBench, PartStoreOptions, PartWorld } from './part-store.ts'
import { emptyWorld, partBench } from './part-store.ts'

/** See {@link visits}. */
export interface Visits {
  readonly world: PartWorld
  readonly records: Map<string, ResumeRecord>
  /** The page after a reload: same records, and all locks gone. */
  readonly page: (options?: Partial<UploaderOptions>, store?: PartStoreOptions) => PartBench
  /** Another tab beside the last page: same records, same locks. */
  readonly tab: (options?: Partial<UploaderOptions>, store?: PartStoreOptions) => PartBench
}

/** A browser that was never here before. */
export function visits(): Visits {
  const world = emptyWorld()
  const records = new Map<string, ResumeRecord>()
  const open = (): ReturnType<typeof memoryResumeStore> =>
    memoryResumeStore({ records, now: () => 1_700_000_000_000 })
  let store = open()
  const tab: Visits['tab'] = (options, parts) => partBench({ resume: store, ...options }, parts, world)
  return {
    world,
    records,
    tab,
    page(options, parts) {
      store = open()
      return tab(options, parts)
    },
  }
}

/** Adds the file, lets so many of its parts arrive, and kills the page. Resolves with the item's id. */
export async function interrupt(it: PartBench, file: File | Blob, parts: number): Promise<string> {
  const { id } = first(it.uploader.add(file))
  for (let at = 0; at < parts; at++) it.take(await it.transport.next())
  await it.transport.next()
  await quiet()
  it.uploader.destroy()
  return id
}
