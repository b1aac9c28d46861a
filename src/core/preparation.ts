/** The app's last word on a file before it is asked for. */
import type { Grants } from './grants.ts'
import type { UploadItemEvent } from './item-reducer.ts'
import { objection } from './rules/objection.ts'
import type { UploaderSettings } from './settings.ts'
import type { UploadStore } from './store.ts'
import type { UploadItem } from './types.ts'

/** What preparing needs of the engine. */
export interface PreparationContext {
  store: UploadStore
  grants: () => Grants
  settings: () => UploaderSettings
  dispatch: (id: string, event: UploadItemEvent) => void
}

/** See {@link createPreparation}. */
export interface Preparation {
  /** Runs the app's `beforeUpload`, once. Resolves with the item as it is then; undefined: vetoed. */
  readonly before: (item: UploadItem, signal: AbortSignal) => Promise<UploadItem | undefined>
  /** The next run asks again. */
  readonly forget: (id: string) => void
}

/** Makes the preparation of one engine's files. */
export function createPreparation({ store, grants, settings, dispatch }: PreparationContext): Preparation {
  /** Files that `beforeUpload` has seen. */
  const prepared = new Set<string>()

  return {
    async before(item, signal) {
      const { id } = item
      const { beforeUpload } = settings()
      if (!beforeUpload || prepared.has(id) || grants().held(id)) return store.current(id)
      dispatch(id, { type: 'prepare' })
      signal.throwIfAborted() // by a callback
      const said = await beforeUpload(item, { signal })
      signal.throwIfAborted()
      prepared.add(id)
      if (said && 'veto' in said) {
        dispatch(id, { type: 'reject', errors: [objection(item, 'vetoed', said.veto)] })
        return undefined
      }
      if (said) {
        // No more than these two: what it gives may be the whole item, changed.
        const { name = item.name, options = item.options } = said
        dispatch(id, { type: 'change', name, options })
      }
      return store.current(id)
    },
    forget: (id) => void prepared.delete(id),
  }
}
