/** Unfinished uploads of earlier visits in the list, and their way on. */
import { toUploadError } from './errors.ts'
import type { Grants, HeldGrant } from './grants.ts'
import type { UploadItemEvent } from './item-reducer.ts'
import type { BackendCall, StoredPart, UploadBackend } from './ports.ts'
import type { UploadQueue } from './queue.ts'
import { fileOfHandle } from './resume/handles.ts'
import type { Restored, Resumption } from './resumption.ts'
import { changedError, goneError } from './resumption.ts'
import type { Settlement } from './settlement.ts'
import type { UploadStore } from './store.ts'
import type { UploadItem } from './types.ts'

/** What restoring needs of the engine. */
export interface RestoringContext {
  store: UploadStore
  queue: UploadQueue
  grants: Grants
  settlement: Settlement
  dispatch: (id: string, event: UploadItemEvent) => boolean
  /** Tells the app about bytes that are stored. */
  confirm: (item: UploadItem) => void
  checkSettled: (before: UploadItem, item: UploadItem | undefined) => void
  backend: UploadBackend
  memory: Resumption
  /** Tells the server that what `find` finds will not be used, as often as it takes. Never rejects. */
  giveBack: (id: string, find: () => Promise<HeldGrant>, memory: Resumption) => Promise<void>
  call: BackendCall
}

/** See {@link createRestoring}. */
export interface Restoring {
  /** Puts into the list what earlier visits left, and ends what they abandoned. */
  restore(): Promise<readonly UploadItem[]>
  /** The file of an item: goes on where it is the same one, else says why not, unless `quietly`. */
  attach(id: string, file: File, quietly?: boolean): Promise<boolean>
  /** Files that look like those for which items of an earlier visit wait, each with its item. */
  find(files: readonly File[]): Map<File, UploadItem>
  /** Lets go of what nobody has given a file for: others may take it up. */
  leave(): void
  /** Asks the user for the file that the browser remembers; to be called in a click. */
  open(id: string): Promise<void>
}

const comparing = 'comparing the file with the one whose upload was begun'

/** Makes the way back of one engine. */
export function createRestoring(context: RestoringContext): Restoring {
  const { store, queue, grants, settlement, dispatch, backend, memory, giveBack, call } = context

  const attach = async (id: string, file: File, quietly = false): Promise<boolean> => {
    // What cannot be compared now is not the same for now: the item says why, and the file can be given again.
    const isSame = await memory
      .isSame(id, file, call)
      .catch((cause: unknown) => toUploadError(cause, comparing))
    const item = store.current(id)
    // Meanwhile it may have been removed, or given its file by another.
    if (item?.status !== 'paused' || item.file || item.reason === 'other-tab') return false
    if (isSame !== true) {
      if (!quietly) dispatch(id, { type: 'hold', reason: 'needs-file', error: isSame || changedError() })
      store.flush()
      return false
    }
    dispatch(id, { type: 'attach', file })
    store.flush()
    queue.add([id])
    return true
  }

  const open = async (id: string, ask: boolean): Promise<void> => {
    const handle = memory.handle(id)
    const file = handle ? await fileOfHandle(handle, { ask }) : 'gone'
    if (file instanceof File) await attach(id, file)
    else dispatch(id, { type: 'hold', reason: file === 'gone' ? 'needs-file' : 'needs-permission' })
    store.flush()
  }

  const keep = (id: string, parts: readonly StoredPart[]): void =>
    store.keep(
      id,
      parts.reduce((sum, { size }) => sum + size, 0),
    )

  const take = async ({ record, ref }: Restored): Promise<void> => {
    const { id, partSize, parts } = record
    const stored = backend.multipart?.listParts ? 'ask' : parts
    grants.adopt(id, grantOf(ref, { type: 'multipart', partSize, stored }, record.record))
    keep(id, parts)
    if (record.stored) {
      dispatch(id, { type: 'recall', stored: record.stored })
      const item = store.current(id)
      if (item) context.confirm(item)
    } else if (record.isGenerated) {
      dispatch(id, { type: 'fail', step: 'transfer', error: goneError() })
      grants.abandon(id)
    } else {
      await open(id, false)
      if (stored === 'ask') void show(id, ref)
    }
  }

  /** What S3 has of it, while it waits for its file: nobody chooses a large one again for a row that says 0 bytes. */
  const show = async (id: string, ref: Restored['ref']): Promise<void> => {
    if (store.current(id)?.file) return
    const listed = await backend.multipart?.listParts?.(ref, call).catch(() => undefined) // the upload asks again
    const item = store.current(id)
    if (!listed || listed === 'gone' || item?.status !== 'paused' || item.file) return
    keep(id, listed)
  }

  const free = async (restored: Restored): Promise<void> => {
    const { id } = restored.record
    const left = await restored.freed
    const item = store.current(id)
    // Taken off the list, or given up here: it is somebody else's.
    if (item?.status !== 'paused') return memory.release(id)
    if (left) return take(left)
    // Another tab has finished it.
    store.delete(id)
    context.checkSettled(item, undefined)
    store.flush()
  }

  return {
    attach,
    find(files) {
      const found = new Map<File, UploadItem>()
      const lost = store
        .getIds('paused')
        .flatMap((id) => store.current(id) ?? [])
        .filter(isLost)
      for (const file of files) {
        const at = lost.findIndex(
          ({ name, size, lastModified }) =>
            size === file.size && (name === file.name || lastModified === file.lastModified),
        )
        const [item] = at < 0 ? [] : lost.splice(at, 1)
        if (item) found.set(file, item)
      }
      return found
    },
    leave() {
      for (const id of store.currentIds()) {
        const item = store.current(id)
        if (item?.status !== 'paused' || item.file) continue
        store.delete(id)
        grants.drop(id)
        settlement.note(item, true)
        if (item.reason !== 'other-tab') memory.release(id)
      }
      store.flush()
    },
    open: (id) => open(id, true),
    async restore() {
      const { open: found, abandoned } = await memory.restore()
      for (const { record, ref } of abandoned) {
        const grant = grantOf(ref, { type: 'multipart', partSize: record.partSize, stored: [] })
        void giveBack(record.id, async () => grant, memory)
      }
      const fresh = found.filter(({ record }) => !store.current(record.id))
      for (const restored of fresh) store.put(itemOf(restored))
      for (const restored of fresh) if (restored.freed) free(restored).catch(() => undefined) // only our own end stops the waiting
      const taken = Promise.all(fresh.filter(({ freed }) => !freed).map(take))
      // What is all sent must not be seen asking for its file, not even for a frame.
      store.flush()
      await taken
      return fresh.flatMap(({ record }) => store.current(record.id) ?? [])
    },
  }
}

/** Does it wait for its file, in this tab? */
const isLost = (item: UploadItem): boolean =>
  item.status === 'paused' && !item.file && item.reason !== 'other-tab'

function grantOf(ref: HeldGrant['ref'], target: HeldGrant['target'], record?: unknown): HeldGrant {
  return { ref, target, record, freshUntil: Infinity, unclear: false, parts: new Map() }
}

function itemOf({ record, freed }: Restored): UploadItem {
  const { id, name, size, type, lastModified, relativePath, options, record: made } = record
  return {
    id,
    file: undefined,
    name,
    size,
    type,
    lastModified,
    relativePath,
    options,
    record: made,
    canResume: true,
    status: 'paused',
    reason: freed ? 'other-tab' : 'needs-file',
  }
}
