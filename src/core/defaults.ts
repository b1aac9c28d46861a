/** The one file of the core that names concrete adapters. */
import { xhrTransport } from './http/xhr.ts'
import { hasOpaqueOrigin } from './opaque-origin.ts'
import type { HttpTransport, UploadBackend } from './ports.ts'
import type { Line } from './recovery/index.ts'
import { databaseName } from './resume/database-name.ts'
import type { ResumeStore } from './resume/types.ts'
import type { Resumption } from './resumption.ts'
import type { UploaderSettings } from './settings.ts'
import { handleOf } from './sources/handles.ts'
import type { Scheduler } from './store.ts'
import type { Uploader } from './uploader-api.ts'
import { buildUploader } from './uploader.ts'

/** What `createUploader` takes. Only `backend` is needed. */
export interface UploaderOptions extends UploaderSettings {
  /** Who grants targets: `kit()`, `presignedPost()`, or your own. */
  backend: UploadBackend
  /** How requests are sent. Default: XMLHttpRequest. */
  transport?: HttpTransport
  /** When changes become visible. Default: once per animation frame. */
  schedule?: Scheduler
  /** What is known of the line. Default: `navigator.onLine` and its events. */
  line?: Line
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number
  /**
   * Where unfinished uploads in parts are remembered, for after a reload or a crash; false: nowhere. Default: IndexedDB
   * where the page may use it.
   */
  resume?: ResumeStore | false
}

/**
 * The engine without React.
 *
 * @example
 * const uploader = createUploader({ backend: kit({ endpoint: '/api/uploads' }), maxSize: 10_000_000 })
 * uploader.subscribe('totals', () => console.log(uploader.getTotals()))
 * uploader.add(input.files)
 */
export function createUploader(options: UploaderOptions): Uploader {
  const {
    backend,
    transport = xhrTransport(),
    schedule = perFrame,
    now = Date.now,
    line = browserLine,
    resume,
    ...settings
  } = options
  const parts = { backend, transport, schedule, now, line, random: Math.random, newId: createIds(), report }
  const hasMemory = resume ?? (typeof indexedDB === 'object' && !hasOpaqueOrigin())
  return buildUploader({ ...parts, resumption: remember, hasVisited }, settings)

  /** Is there anything to remember? Most pages are left with nothing unfinished, and need not load what reads it. */
  async function hasVisited(): Promise<boolean> {
    if (resume || !hasMemory) return Boolean(resume)
    try {
      return (await indexedDB.databases()).some(({ name }) => name === databaseName)
    } catch {
      return true // this browser does not tell
    }
  }

  async function remember({ signal }: { signal: AbortSignal }): Promise<Resumption> {
    const { createResumption, indexedDbResumeStore, noResumeStore } =
      await import('./transfers/parts-chunk.ts')
    // What goes in parts is compared with what it was at first, remembered or not.
    const store = resume || (hasMemory ? indexedDbResumeStore() : noResumeStore)
    return createResumption({ store, backend, now, signal, handleOf, report })
  }
}

/** `onLine` true means nothing, false means offline for sure (MDN). Outside of browsers there is always a line. */
const browserLine: Line = {
  // Node has a navigator that knows nothing of a line.
  isOnline: () => typeof navigator !== 'object' || !('onLine' in navigator) || navigator.onLine,
  onOnline(listener) {
    if (typeof addEventListener !== 'function') return () => undefined
    addEventListener('online', listener)
    return () => removeEventListener('online', listener)
  },
}

/** How long a flush may wait where frames do not come (a hidden tab), in milliseconds. */
const hiddenFlush = 250

/** Once per animation frame. Hidden tabs get no frames, so a timer stands behind each. */
const perFrame: Scheduler = (flush) => {
  const frame = typeof requestAnimationFrame === 'function' ? requestAnimationFrame(flush) : undefined
  const timer = setTimeout(flush, frame === undefined ? 16 : hiddenFlush)
  return () => {
    clearTimeout(timer)
    if (frame !== undefined) cancelAnimationFrame(frame)
  }
}

/**
 * Makes ids: random once, then counted, since 10,000 draws are a long task. (`crypto.randomUUID` is missing on pages
 * without a secure context, http on a LAN; these random bytes are not.)
 */
function createIds(): () => string {
  let prefix: string | undefined
  let count = 0
  return () => {
    prefix ??= hex(crypto.getRandomValues(new Uint8Array(12)))
    return prefix + (++count).toString(16).padStart(8, '0')
  }
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

function report(error: unknown): void {
  if (typeof reportError === 'function') reportError(error)
  else console.error(error)
}
