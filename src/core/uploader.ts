/** Commands in, snapshots out. */
import type { Line } from './alarms.ts'
import { createAlarms } from './alarms.ts'
import { UploadError } from './errors.ts'
import { createGrants } from './grants.ts'
import type { UploadItemEvent } from './item-reducer.ts'
import { transition } from './item-reducer.ts'
import type { BackendCall, HttpTransport, UploadBackend } from './ports.ts'
import { createBudget, createQueue } from './queue.ts'
import { naturalSort } from './rules/natural-sort.ts'
import { rulesOf, sameRules } from './rules/rules-of.ts'
import { checkBatch } from './rules/validate.ts'
import { createSettlement, isOver } from './settlement.ts'
import { filesFrom, relativePathOf } from './sources/files.ts'
import type { Scheduler } from './store.ts'
import { createStore, isActive } from './store.ts'
import { createTries } from './tries.ts'
import type { FileError, UploadItem, UploadItemState, Uploader, UploaderSettings } from './types.ts'
import { resultOf } from './upload-result.ts'
import type { TaskContext } from './upload-task.ts'
import { runConfirm, runUpload } from './upload-task.ts'
import { sendWatched } from './watchdog.ts'

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
  /** Where a throwing callback is reported. */
  report: (error: unknown) => void
}

const defaultConcurrency = 6
/** Calls to the signer at a time. */
const signerBudget = 2
/** Milliseconds without a byte after which a request is given up. */
const defaultStallTimeout = 30_000
/** Milliseconds for an answer. */
const answerTimeout = 60_000

type Ids = string | readonly string[] | undefined

/** Builds the engine. Inert until the first command: no listener, timer, request or database. */
export function buildUploader(parts: UploaderParts, initial: UploaderSettings): Uploader {
  const { backend, transport, now } = parts
  let settings: UploaderSettings = initial
  let rules = rulesOf(initial)
  let destroyed = false
  const store = createStore(parts.schedule)
  const settlement = createSettlement()
  const running = new Map<string, AbortController>()
  const signer = createBudget(signerBudget)
  const queue = createQueue(initial.concurrency ?? defaultConcurrency, (ids) => ids.forEach(begin))

  const alarms = createAlarms(parts.line)
  const tries = createTries(parts.line, parts.random)

  const send: HttpTransport['send'] = (request, options) => {
    const patience = { stall: settings.stallTimeout ?? defaultStallTimeout, answer: answerTimeout }
    return sendWatched(transport, request, options, patience)
  }

  const callFor = (signal: AbortSignal): BackendCall => ({
    signal,
    now,
    async send(request) {
      const release = await signer.acquire(signal)
      try {
        return await send(request, { signal })
      } finally {
        release()
      }
    },
  })

  const context: TaskContext = {
    backend,
    send,
    callFor,
    grants: createGrants(backend, callFor),
    held: new Map(),
    dispatch,
    progress(id, loaded) {
      store.progress(id, loaded)
      tries.advance(id, loaded)
    },
    judge: (id, error) => tries.judge(id, error, store.currentProgress(id).loaded, settings),
    putOff(id, { reason, delay }, error) {
      running.delete(id)
      const isOffline = reason === 'offline'
      dispatch(id, { type: 'wait', reason, error, ...(!isOffline && { until: now() + delay }) })
      alarms.set(id, delay, isOffline, () => {
        dispatch(id, { type: 'continue' })
        queue.addFirst(id)
      })
    },
    sleep: ({ delay, reason }, signal) => alarms.sleep(delay, reason === 'offline', signal),
  }

  /** A callback's fault is the app's: reported, and nothing here stops for it. */
  function notify(call: () => void): void {
    try {
      call()
    } catch (error) {
      parts.report(error)
    }
  }

  /** The one place where an item changes. */
  function dispatch(id: string, event: UploadItemEvent): void {
    const before = store.current(id)
    if (!before) return
    const item = transition(before, event)
    if (item === before) return
    store.put(item)
    // A slot is for bytes under way: it is free once they are in S3, or not under way any more.
    if (!['queued', 'preparing', 'uploading'].includes(item.status)) queue.delete(id)
    if (item.status === before.status) return
    if (before.status === 'waiting') alarms.clear(id)
    if (isOver(item)) {
      running.delete(id)
      tries.forget(id)
    }
    if (item.status === 'success') notify(() => settings.onSuccess?.(item))
    if (item.status === 'error') notify(() => settings.onError?.(item.error, item))
    settlement.note(item)
    checkSettled(before, item)
  }

  function checkSettled(before: UploadItem, item: UploadItem | undefined): void {
    if (!isActive(before) || (item && isActive(item))) return
    if (store.currentTotals().active > 0) return
    store.flush()
    notify(() => settings.onSettled?.(store.getItems()))
  }

  function begin(id: string): void {
    const item = store.current(id)
    if (item) void runUpload(item, abortable(id), context)
  }

  function abortable(id: string): AbortSignal {
    const controller = new AbortController()
    running.set(id, controller)
    return controller.signal
  }

  function stop(id: string): void {
    const reason = new UploadError('aborted', 'never', 'The upload was paused, canceled or removed.')
    running.get(id)?.abort(reason)
    running.delete(id)
  }

  /** The items that a command names, in list order; all of them where it names none. */
  function named(ids: Ids): UploadItem[] {
    const wanted = ids === undefined ? store.currentIds() : typeof ids === 'string' ? [ids] : ids
    return wanted.flatMap((id) => store.current(id) ?? [])
  }

  /** Runs a command on each item, then publishes at once: the user is waiting to see it. */
  function command(ids: Ids, run: (item: UploadItem) => void): void {
    if (destroyed) return
    for (const item of named(ids)) run(item)
    store.flush()
  }

  function halt(ids: Ids, event: UploadItemEvent): void {
    command(ids, ({ id }) => {
      // Stopped first: the task must not see the new status as its own end.
      const before = store.current(id)
      if (before && transition(before, event) !== before) stop(id)
      dispatch(id, event)
    })
  }

  function requeue(ids: Ids, event: UploadItemEvent): void {
    const queued: string[] = []
    command(ids, (item) => {
      if (item.status === 'canceled') context.held.delete(item.id) // begins anew, maybe under a new name
      dispatch(item.id, event)
      const after = store.current(item.id)
      if (after === item) return
      if (after?.status === 'queued') queued.push(item.id)
      if (after?.status === 'processing') void runConfirm(after, after.stored, abortable(item.id), context)
    })
    if (!destroyed) queue.add(queued)
  }

  function itemOf(file: File, options: unknown, errors: readonly FileError[]): UploadItem {
    const state: UploadItemState = errors.length ? { status: 'rejected', errors } : { status: 'queued' }
    return {
      id: parts.newId(),
      file,
      name: file.name,
      size: file.size,
      type: file.type,
      lastModified: file.lastModified,
      relativePath: relativePathOf(file),
      options,
      record: undefined,
      canResume: false,
      ...state,
    }
  }

  const uploader: Uploader = {
    subscribe: store.subscribe,
    getIds: store.getIds,
    getItem: store.getItem,
    getItems: store.getItems,
    getProgress: store.getProgress,
    getCounts: store.getCounts,
    getTotals: store.getTotals,

    add(input, { options } = {}) {
      if (destroyed) return []
      const files = naturalSort(filesFrom(input), (file) => relativePathOf(file) ?? file.name)
      const { files: count, total: bytes } = store.currentTotals()
      const verdicts = checkBatch(files, rules, { files: count, bytes })
      const items = files.map((file, index) => itemOf(file, options, verdicts[index] ?? []))
      for (const item of items) store.put(item)
      store.flush()
      const admitted = items.filter(({ status }) => status === 'queued')
      const rejected = items.filter(({ status }) => status === 'rejected')
      if (admitted.length) notify(() => settings.onAdded?.(admitted))
      if (rejected.length) notify(() => settings.onRejected?.(rejected))
      if (settings.autoStart ?? true) uploader.start(admitted.map(({ id }) => id))
      return items
    },

    start(ids) {
      if (destroyed) return
      queue.add(named(ids).flatMap(({ id, status }) => (status === 'queued' ? [id] : [])))
    },

    pause: (ids) => halt(ids, { type: 'pause', reason: 'user' }),
    resume: (ids) => requeue(ids, { type: 'resume' }),
    cancel: (ids) => halt(ids, { type: 'cancel' }),
    retry: (ids) => requeue(ids, { type: 'retry' }),

    remove(ids) {
      command(ids, (item) => {
        if (item.status === 'processing') return
        stop(item.id)
        queue.delete(item.id)
        context.held.delete(item.id)
        tries.forget(item.id)
        alarms.clear(item.id)
        store.delete(item.id)
        settlement.note(item, true)
        checkSettled(item, undefined)
      })
    },

    clear() {
      uploader.remove(
        named(undefined).flatMap((item) => (isOver(item) && item.status !== 'remote' ? [item.id] : [])),
      )
    },

    rename(id, name) {
      const before = store.current(id)
      // Granted already: the server knows the old name, and a resumed upload would end under it.
      if (before?.status === 'paused' && context.held.has(id)) return false
      command(id, () => dispatch(id, { type: 'rename', name }))
      const isRenamed = store.current(id) !== before
      // What an earlier try was granted is for the old name too: the next one asks anew.
      if (isRenamed) context.held.delete(id)
      return isRenamed
    },

    whenSettled: (ids) => settlement.wait(named(ids)),

    async upload(file, { signal, ...options } = {}) {
      signal?.throwIfAborted()
      const [item] = uploader.add([file], options)
      if (!item) throw new UploadError('internal', 'never', 'The uploader was destroyed; make a new one.')
      const cancel = (): void => uploader.cancel(item.id)
      signal?.addEventListener('abort', cancel, { once: true })
      uploader.start(item.id)
      const outcome = await settlement.wait(named(item.id))
      signal?.removeEventListener('abort', cancel)
      return resultOf(outcome, signal)
    },

    getRules: () => rules,

    setOptions(options) {
      settings = { ...settings, ...options }
      const next = rulesOf(settings)
      if (!sameRules(rules, next)) {
        rules = next
        store.announce('rules')
        store.flush()
      }
      if ('concurrency' in options) queue.setLimit(options.concurrency ?? defaultConcurrency)
    },

    destroy() {
      if (destroyed) return
      destroyed = true
      for (const id of running.keys()) stop(id)
      alarms.clearAll()
      settlement.end()
      store.destroy()
    },
  }
  return uploader
}
