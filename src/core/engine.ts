/** What runs behind the commands: the list, its queue, and the one place where an item changes. */
import type { Ahead } from './ahead.ts'
import { createAhead } from './ahead.ts'
import { createChunks } from './chunks.ts'
import { createDigests } from './digests.ts'
import type { Engine, UploaderParts } from './engine-parts.ts'
import { UploadError } from './errors.ts'
import { createGivingBack } from './giving-back.ts'
import { createGrants, factsOf } from './grants.ts'
import type { UploadItemEvent } from './item-reducer.ts'
import { transition } from './item-reducer.ts'
import { createNetwork } from './network.ts'
import type { UploadTarget } from './ports.ts'
import { createPreparation } from './preparation.ts'
import { createQueue } from './queue.ts'
import type { Restoring } from './restoring.ts'
import type { UploaderSettings } from './settings.ts'
import { createSettlement, isOver } from './settlement.ts'
import { createStore, isActive } from './store.ts'
import type { UploadItem } from './types.ts'
import type { TaskContext } from './upload-task.ts'
import { runConfirm, runUpload } from './upload-task.ts'

const defaultConcurrency = 6
/** Milliseconds without a byte after which a request is given up. */
const defaultStallTimeout = 30_000
/** How often what decides on failures may be missing. */
const patience = 50
/** Milliseconds for an answer. */
const answerTimeout = 60_000

/** Builds the engine. Inert until the first item: no listener, timer, request or database. */
export function createEngine(parts: UploaderParts, settings: UploaderSettings): Engine {
  const { backend, now, report } = parts
  const life = new AbortController()
  const running = new Map<string, AbortController>()
  let accepts: readonly UploadTarget['type'][] = ['post', 'put', 'multipart']
  let hosts = 1
  let misses = 0

  const concurrency = (): number => engine.settings.concurrency ?? defaultConcurrency
  const network = createNetwork({
    transport: parts.transport,
    now,
    concurrency,
    patience: () => ({ stall: engine.settings.stallTimeout ?? defaultStallTimeout, answer: answerTimeout }),
    credentialsExpiring: (at) => notify(() => engine.settings.onCredentialsExpiring?.(at)),
  })
  const call = network.callFor(life.signal, true)
  const onProgress = (id: string): void => {
    const item = store.getItem(id)
    if (item) notify(() => engine.settings.onProgress?.(item, store.getProgress(id)))
  }
  const store = createStore(parts.schedule, onProgress, notify)
  const settlement = createSettlement()
  const preparation = createPreparation({
    store,
    grants: () => grants,
    settings: () => engine.settings,
    dispatch,
  })
  const queue = createQueue(settings.concurrency ?? defaultConcurrency, begin)

  const chunks = createChunks({
    backend,
    line: parts.line,
    now,
    random: parts.random,
    settings: () => engine.settings,
    report,
    resumption: parts.resumption && (() => Promise.resolve(parts.resumption?.(life))),
  })
  const { recovery, memory: resumption, trouble } = chunks
  const isPatient = (): boolean => misses++ < patience
  const giveBack = createGivingBack({ recovery, call, isPatient, report })

  let way: Promise<Restoring | undefined> | undefined
  let restored: Restoring | undefined
  const restoring = (): Promise<Restoring | undefined> =>
    (way ??= resumption()
      .then(async (memory) => {
        if (!memory) return (way = undefined)
        const { createRestoring } = await import('./transfers/parts-chunk.ts')
        return (restored = createRestoring({ ...engine, backend, memory, giveBack, call }))
      })
      .catch((error: unknown) => {
        way = undefined // a later call tries again: the line may have been down
        throw error
      }))

  const grants = createGrants({
    backend,
    call: network.callFor(life.signal),
    accepts: () => accepts,
    onGrant(_id, { target }) {
      if (target.type !== 'post' || target.urls.length <= hosts) return
      hosts = target.urls.length
      refresh()
    },
    async giveBack(id, find) {
      // Written down first: what this page does not live to end, the next one does.
      const memory = await chunks.remembered()
      await memory?.abandon(id)
      await giveBack(id, find, memory)
    },
  })

  const ahead: Ahead = createAhead({
    batchSize: backend.batchSize,
    grants,
    now,
    mayAsk: (item) =>
      !engine.settings.beforeUpload && !engine.settings.checksum && backend.signsAhead(factsOf(item)),
    *waiting() {
      for (const id of queue.waiting()) {
        const item = store.current(id)
        if (item) yield item
      }
    },
  })

  const context: TaskContext = {
    backend,
    grants,
    recovery,
    send: network.send,
    callFor: network.callFor,
    pick: network.pick,
    concurrency,
    dispatch,
    progress: store.progress,
    loaded: (id) => store.currentProgress(id).loaded,
    keep: store.keep,
    partDone(id, part) {
      const [item, grant] = [store.current(id), grants.held(id)]
      if (item) notify(() => engine.settings.onPartDone?.(item, part))
      if (grant) void resumption().then((memory) => memory?.partDone(id, grant))
    },
    before: preparation.before,
    ...createDigests(backend, () => engine.settings),
    refusePost() {
      accepts = accepts.filter((type) => type !== 'post')
    },
    async beginParts(item, grant, signal) {
      await (await resumption())?.begin(item, grant, signal)
    },
    async endParts(item, taskCall) {
      const memory = await resumption()
      if (!memory || !item.file || (await memory.isSame(item.id, item.file, taskCall))) return
      const { changedError } = await import('./transfers/parts-chunk.ts')
      throw changedError()
    },
    isPatient,
    putOff(id, { reason, delay }, error) {
      stop(id) // also what it has left under way
      if (life.signal.aborted) return
      const isOffline = reason === 'offline'
      dispatch(id, { type: 'wait', reason, error, ...(!isOffline && { until: now() + delay }) })
      const ring = (): void => {
        if (!dispatch(id, { type: 'continue' })) return
        const item = store.current(id)
        if (item?.status === 'processing') engine.confirm(item)
        else queue.addFirst(id)
      }
      const alarms = trouble()?.alarms
      if (alarms) alarms.set(id, delay, isOffline, ring)
      else {
        const timer = setTimeout(ring, delay)
        life.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
      }
    },
  }

  function notify(run: () => void): void {
    try {
      run()
    } catch (error) {
      report(error)
    }
  }

  function dispatch(id: string, event: UploadItemEvent): boolean {
    const last = store.current(id)
    if (!last) return false
    const item = transition(last, event)
    if (item === last) return false
    store.put(item)
    // Now: what callbacks do ends or begins work of its own.
    const mayEnd = store.currentTotals().active === 0
    // A slot is for bytes under way: it is free once they are in S3, or not under way any more.
    if (!['queued', 'preparing', 'uploading'].includes(item.status)) queue.delete(id)
    if (item.status === last.status) return true
    if (isActive(item) && !isActive(last)) guardPage() // also where it needs no slot
    if (last.status === 'waiting') trouble()?.alarms.clear(id)
    if (isOver(item)) {
      stop(id) // also what it has left under way
      trouble()?.forget(id)
    }
    const { onStatus, onSuccess, onError, onRejected } = engine.settings
    notify(() => onStatus?.(item, last.status))
    if (item.status === 'processing' && !('stored' in last)) {
      const { stored } = item
      void chunks.remembered()?.then((memory) => memory?.stored(id, stored))
    }
    if (item.status === 'success') {
      forget(id)
      notify(() => onSuccess?.(item))
    }
    if (item.status === 'error') notify(() => onError?.(item.error, item))
    if (item.status === 'rejected') notify(() => onRejected?.([item]))
    if (item.status === 'canceled') preparation.forget(id)
    settlement.note(item)
    if (mayEnd) checkSettled(last, item)
    return true
  }

  function forget(id: string): void {
    preparation.forget(id)
    grants.drop(id)
    void chunks.remembered()?.then((memory) => memory?.forget(id))
  }

  function checkSettled(last: UploadItem, item: UploadItem | undefined): void {
    if (!isActive(last) || (item && isActive(item))) return
    if (store.currentTotals().active > 0) return
    guardPage()
    store.flush()
    notify(() => engine.settings.onSettled?.(store.getItems()))
  }

  /** Follows whether anything is under way. */
  function guardPage(): void {
    chunks.guard(store.currentTotals().active > 0 && !life.signal.aborted)
  }

  function begin(ids: readonly string[]): void {
    // Fetched beside the first bytes, not when the line is down.
    recovery().catch(() => undefined)
    guardPage()
    for (const id of ids) {
      const item = store.current(id)
      if (item?.status !== 'queued') {
        // A callback has stopped it, or begun it already.
        if (!running.has(id)) queue.delete(id)
        continue
      }
      ahead.began(item)
      // Its chunk, and what remembers it, beside the call that creates it.
      if (backend.multipart && !backend.signsAhead(factsOf(item))) {
        void import('./transfers/parts-chunk.ts').catch(() => undefined)
        void resumption()
      }
      void runUpload(item, abortable(id), context)
    }
    ahead.look()
  }

  function abortable(id: string): AbortSignal {
    const controller = new AbortController()
    // What was still on its way when the engine ended begins nothing any more.
    if (life.signal.aborted) controller.abort(life.signal.reason)
    running.set(id, controller)
    return controller.signal
  }

  function stop(id: string): void {
    const reason = new UploadError('aborted', 'never', 'The upload was paused, canceled or removed.')
    running.get(id)?.abort(reason)
    running.delete(id)
  }

  function refresh(): void {
    network.refresh()
    chunks.guard()
    queue.setLimit(concurrency() * hosts)
  }

  const engine: Engine = {
    store,
    queue,
    grants,
    settlement,
    life,
    settings,
    dispatch,
    notify,
    stop,
    confirm: (item) => {
      if (item.status === 'processing') void runConfirm(item, item.stored, abortable(item.id), context)
    },
    abandon(id) {
      preparation.forget(id)
      trouble()?.forget(id)
      trouble()?.alarms.clear(id)
      // Dead on the server already: it is not to come back with the next visit.
      if (!grants.abandon(id)) forget(id)
    },
    forget,
    checkSettled,
    refresh,
    restoring,
    restored: () => restored,
    warm: () => void recovery().catch(() => undefined),
  }
  life.signal.addEventListener('abort', () => {
    for (const id of running.keys()) stop(id)
    trouble()?.alarms.clearAll()
    guardPage()
    settlement.end()
    store.destroy()
  })
  return engine
}
