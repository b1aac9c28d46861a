/** What an engine is built from, and what the commands see of it. Types only. */
import type { Grants } from './grants.ts'
import type { UploadItemEvent } from './item-reducer.ts'
import type { HttpTransport, UploadBackend } from './ports.ts'
import type { UploadQueue } from './queue.ts'
import type { Line } from './recovery/index.ts'
import type { Restoring } from './restoring.ts'
import type { Resumption } from './resumption.ts'
import type { UploaderSettings } from './settings.ts'
import type { Settlement } from './settlement.ts'
import type { Scheduler, UploadStore } from './store.ts'
import type { UploadItem } from './types.ts'

/** What the engine is built from; `defaults.ts` fills it in. */
export interface UploaderParts {
  backend: UploadBackend
  transport: HttpTransport
  schedule: Scheduler
  /** Milliseconds since 1970. */
  now: () => number
  newId: () => string
  line: Line
  /** 0 to 1, by chance. */
  random: () => number
  /** Where a throwing callback is reported, and what could not be cleaned up. */
  report: (error: unknown) => void
  /** The memory of unfinished uploads; undefined: there is none. */
  resumption: ((context: { signal: AbortSignal }) => Promise<Resumption>) | undefined
  /** May earlier visits have left anything? Asked before that memory is loaded. */
  hasVisited: () => Promise<boolean>
}

/** See {@link createEngine}. */
export interface Engine {
  readonly store: UploadStore
  readonly queue: UploadQueue
  readonly grants: Grants
  readonly settlement: Settlement
  /** Aborts when the engine is destroyed. */
  readonly life: AbortController
  settings: UploaderSettings
  /** The one place where an item changes. Returns whether it did. */
  dispatch: (id: string, event: UploadItemEvent) => boolean
  /** A callback's fault is the app's: reported, and nothing here stops for it. */
  notify: (call: () => void) => void
  /** Ends what runs for the item; its status is the caller's to set. */
  stop: (id: string) => void
  /** Tells the app once more about bytes that are stored. */
  confirm: (item: UploadItem) => void
  /** Nobody wants its upload any more: ended on the server, if anything was begun there. */
  abandon: (id: string) => void
  /** It is over, or not ours to end: nothing of it is remembered. */
  forget: (id: string) => void
  /** After an item went off the list: does it end the list's work? */
  checkSettled: (before: UploadItem, item: UploadItem | undefined) => void
  /** Budgets and the page follow the settings. */
  refresh: () => void
  /** Fetches what a failure needs, while the line is up. */
  warm: () => void
  /** The way back of what earlier visits left; undefined where nothing is remembered. */
  restoring: () => Promise<Restoring | undefined>
  /** The same, where it was made already. */
  restored: () => Restoring | undefined
}
