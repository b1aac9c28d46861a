/** An uploader frozen in a state: for stories, screenshots, and tests of an app's own rows. */
import type { UploadItem, UploadProgress, UploadRules, Uploader } from '../core/index.ts'
import { createStore } from '../core/store.ts'

/** The commands that change a real uploader's list. */
export type StillCommand =
  | 'add'
  | 'start'
  | 'pause'
  | 'resume'
  | 'cancel'
  | 'retry'
  | 'retryAll'
  | 'prioritize'
  | 'attach'
  | 'remove'
  | 'clear'

/** What {@link stillUploader} shows. */
export interface StillUploaderOptions {
  items: readonly UploadItem[]
  /** Bytes sent, by item id, for items in `uploading`. Default 0. */
  progress?: Readonly<Record<string, UploadProgress['loaded']>>
  /** What `getRules()` answers. Default: none. */
  rules?: UploadRules
  /** Told of each command instead of carrying it out; `what` is what was handed to it. */
  onCommand?: (command: StillCommand, what: unknown) => void
}

/** An uploader that shows these items and never changes. Sums and counts are the engine's own. */
export function stillUploader(options: StillUploaderOptions): Uploader {
  const { items, progress = {}, rules = {}, onCommand } = options
  const store = createStore(() => () => undefined)
  for (const item of items) store.put(item)
  for (const [id, loaded] of Object.entries(progress)) store.progress(id, loaded)
  store.flush()

  const told =
    (command: StillCommand) =>
    (what?: unknown): void =>
      onCommand?.(command, what)

  return {
    subscribe: store.subscribe,
    getIds: store.getIds,
    getItem: store.getItem,
    getItems: store.getItems,
    getProgress: store.getProgress,
    getCounts: store.getCounts,
    getTotals: store.getTotals,
    getRules: () => rules,
    add(files) {
      told('add')(files)
      return []
    },
    async addFrom(source) {
      if (!(Symbol.asyncIterator in source)) told('add')(source)
      else for await (const batch of source) told('add')(batch.files)
      return []
    },
    start: told('start'),
    pause: told('pause'),
    resume: told('resume'),
    cancel: told('cancel'),
    retry: told('retry'),
    remove: told('remove'),
    clear: told('clear'),
    retryAll: told('retryAll'),
    prioritize: told('prioritize'),
    async attach(_id, file) {
      told('attach')(file)
      return false
    },
    restore: async () => [],
    leave: () => undefined,
    rename: () => false,
    setItemOptions: () => false,
    whenSettled: async () => ({ succeeded: [], failed: [], canceled: [], rejected: [] }),
    upload: () => Promise.reject(new Error('A still uploader sends nothing.')),
    setOptions: () => undefined,
    destroy: store.destroy,
  }
}
