import { emptyIds, emptyItems, noCounts, noProgress, noTotals } from './empty-snapshots.ts'
import type { UploadItem, UploadProgress, UploadStatus, UploadTotals } from './types.ts'
import { uploadStatuses } from './types.ts'
import type { UploadSnapshots, UploadTopic } from './uploader-api.ts'

/** Runs a flush later: once per animation frame where there are frames. Returns the function that calls it off. */
export type Scheduler = (flush: () => void) => () => void

/** Statuses whose bytes are part of the totals. */
const counted: ReadonlySet<UploadStatus> = new Set<UploadStatus>([
  'queued',
  'preparing',
  'uploading',
  'waiting',
  'paused',
  'processing',
  'success',
  'error',
])
/** Statuses that go on by themselves. */
const active: ReadonlySet<UploadStatus> = new Set<UploadStatus>([
  'queued',
  'preparing',
  'uploading',
  'waiting',
  'processing',
])

/** 100 % is what S3 says of the whole, not what a socket has swallowed, nor that every part is there. */
const unanswered = ({ size }: UploadItem, bytes: number): number => Math.min(bytes, Math.max(0, size - 1))

/** Is the item still to go on by itself? Paused ones wait for the user and are not. */
export const isActive = (item: UploadItem): boolean => active.has(item.status)

/**
 * What the engine knows, and what readers see of it. The engine writes and reads at once (`current`); readers get
 * snapshots by topic, published once per frame and only where something changed. Measured on 2,000 rows and 1,000
 * progress events: one React state map 3.6 s of CPU, topics with frame batching 0.18 s.
 */
export interface UploadStore extends UploadSnapshots {
  /** The newest state, published or not. */
  readonly current: (id: string) => UploadItem | undefined
  /** Ids in order, published or not. */
  readonly currentIds: () => readonly string[]
  /** The newest sums, published or not. Its files and bytes are what counts against `maxFiles` and `maxTotalSize`. */
  readonly currentTotals: () => UploadTotals
  /** The newest bytes, published or not. */
  readonly currentProgress: (id: string) => UploadProgress
  /** Adds or replaces. */
  readonly put: (item: UploadItem) => void
  readonly delete: (id: string) => void
  /** Bytes of the file handed over so far. The last one counts only when S3 has answered. */
  readonly progress: (id: string, loaded: number) => void
  /** Bytes that S3 keeps whatever happens to the rest: what the item goes back to when it stops. */
  readonly keep: (id: string, bytes: number) => void
  /** Tells the topic's listeners at the next flush of something that is kept elsewhere. */
  readonly announce: (topic: UploadTopic) => void
  /** Publishes now what the next frame would. */
  readonly flush: () => void
  readonly destroy: () => void
}

/**
 * Makes an empty store; `schedule` decides when writes become visible.
 * @param onProgress told at each flush of the items whose bytes have changed
 * @param run calls a listener; what it throws must not keep the others from being called
 */
export function createStore(
  schedule: Scheduler,
  onProgress?: (id: string) => void,
  run: (listener: () => void) => void = (listener) => listener(),
): UploadStore {
  const items = new Map<string, UploadItem>()
  const loadedBytes = new Map<string, number>()
  /** The most that was ever handed over: bytes that are sent again count once in the sums. */
  const furthest = new Map<string, number>()
  const kept = new Map<string, number>()
  const counts: Record<UploadStatus, number> = { ...noCounts }
  const totals = { ...noTotals }

  const listeners = new Map<UploadTopic, Set<() => void>>()
  const touched = new Set<UploadTopic>()
  // By id, not by topic: making and reading 20,000 texts is a long task of its own.
  const touchedItems = new Set<string>()
  const touchedProgress = new Set<string>()
  const seen = {
    items: new Map<string, UploadItem>(),
    progress: new Map<string, UploadProgress>(),
    ids: emptyIds,
    list: emptyItems as readonly UploadItem[] | undefined,
    idsByStatus: new Map<UploadStatus, readonly string[]>(),
    counts: noCounts,
    totals: noTotals,
  }
  let calledOff: (() => void) | undefined
  /** Does anybody listen to single items? */
  let hasRows = false

  const touch = (...topics: UploadTopic[]): void => {
    for (const topic of topics) touched.add(topic)
    calledOff ??= schedule(flush)
  }

  /** Takes an item's share out of the sums (`sign` -1) or puts it in (+1): no recount, however long the list. */
  const account = (item: UploadItem, sign: 1 | -1): void => {
    counts[item.status] += sign
    if (!counted.has(item.status)) return
    totals.files += sign
    totals.total += sign * item.size
    totals.loaded += sign * (furthest.get(item.id) ?? 0)
    if (item.status === 'success') totals.succeeded += sign
    if (item.status === 'error') totals.failed += sign
    if (active.has(item.status)) totals.active += sign
  }

  const setLoaded = (item: UploadItem, loaded: number): void => {
    const before = loadedBytes.get(item.id) ?? 0
    if (before === loaded) return
    loadedBytes.set(item.id, loaded)
    const mark = furthest.get(item.id) ?? 0
    if (loaded > mark) {
      furthest.set(item.id, loaded)
      if (counted.has(item.status)) totals.loaded += loaded - mark
    }
    touchedProgress.add(item.id)
    touch('totals')
  }

  function put(item: UploadItem): void {
    const before = items.get(item.id)
    if (before === item) return
    if (before) account(before, -1)
    items.set(item.id, item)
    if (item.status === 'canceled') {
      kept.delete(item.id)
      furthest.delete(item.id)
    }
    account(item, 1)
    // A file is at 100 % when S3 has answered, and at what S3 keeps of it when it stops: never a stale bar.
    if ('stored' in item) setLoaded(item, item.size)
    else if (item.status !== 'uploading') setLoaded(item, unanswered(item, kept.get(item.id) ?? 0))
    touchedItems.add(item.id)
    touch('items', 'totals')
    if (!before) touch('ids')
    if (before?.status !== item.status) touch('counts', `ids:${item.status}`)
    if (before && before.status !== item.status) touch(`ids:${before.status}`)
  }

  function remove(id: string): void {
    const item = items.get(id)
    if (!item) return
    account(item, -1)
    for (const map of [items, loadedBytes, furthest, kept]) map.delete(id)
    touchedItems.add(id)
    touchedProgress.add(id)
    touch('ids', 'items', 'counts', 'totals', `ids:${item.status}`)
  }

  function progress(id: string, loaded: number): void {
    const item = items.get(id)
    if (item?.status === 'uploading') setLoaded(item, unanswered(item, loaded))
  }

  function publish(topic: UploadTopic): void {
    if (topic === 'ids') seen.ids = items.size ? Object.freeze([...items.keys()]) : emptyIds
    else if (topic === 'items') seen.list = undefined
    else if (topic === 'counts') seen.counts = Object.freeze({ ...counts })
    else if (topic === 'totals') seen.totals = Object.freeze({ ...totals })
    else publishIdsByStatus(topic)
  }

  function publishItem(id: string): void {
    const item = items.get(id)
    if (item) seen.items.set(id, item)
    else seen.items.delete(id)
  }

  function publishProgress(id: string): void {
    const item = items.get(id)
    if (item) seen.progress.set(id, Object.freeze({ loaded: loadedBytes.get(id) ?? 0, total: item.size }))
    else seen.progress.delete(id)
    if (item?.status === 'uploading') onProgress?.(id)
  }

  function publishIdsByStatus(topic: UploadTopic): void {
    const status = uploadStatuses.find((one) => topic === `ids:${one}`)
    if (!status) return
    // Computed when asked for: most lists never are, and a scan per change would be quadratic.
    seen.idsByStatus.delete(status)
  }

  function flush(): void {
    calledOff?.()
    calledOff = undefined
    const topics = [...touched]
    const [itemIds, progressIds] = [[...touchedItems], [...touchedProgress]]
    for (const set of [touched, touchedItems, touchedProgress]) set.clear()
    for (const topic of topics) publish(topic)
    itemIds.forEach(publishItem)
    progressIds.forEach(publishProgress)
    // What a listener writes goes into the next flush.
    topics.forEach(tell)
    if (!hasRows) return
    for (const id of itemIds) tell(`item:${id}`)
    for (const id of progressIds) tell(`progress:${id}`)
  }

  function tell(topic: UploadTopic): void {
    for (const listener of listeners.get(topic) ?? []) run(listener)
  }

  return {
    current: (id) => items.get(id),
    currentIds: () => [...items.keys()],
    currentTotals: () => totals,
    currentProgress: (id) => ({ loaded: loadedBytes.get(id) ?? 0, total: items.get(id)?.size ?? 0 }),
    put,
    delete: remove,
    progress,
    keep(id, bytes) {
      const item = items.get(id)
      if (!item) return
      kept.set(id, bytes)
      if (item.status === 'paused') setLoaded(item, unanswered(item, bytes))
    },
    announce: (topic) => touch(topic),
    flush,
    subscribe(topic, listener) {
      hasRows ||= topic.includes(':')
      const set = listeners.get(topic) ?? new Set()
      listeners.set(topic, set)
      const entry = (): void => listener() // the same function may be subscribed twice
      set.add(entry)
      return () => {
        set.delete(entry)
        if (set.size === 0 && listeners.get(topic) === set) listeners.delete(topic)
      }
    },
    getIds(status) {
      if (status === undefined) return seen.ids
      let ids = seen.idsByStatus.get(status)
      if (!ids) {
        ids = Object.freeze(seen.ids.filter((id) => seen.items.get(id)?.status === status))
        seen.idsByStatus.set(status, ids)
      }
      return ids
    },
    getItem: (id) => seen.items.get(id),
    // Made when read: a list of rows never reads it, and a copy per frame would cost what topics save.
    getItems: () => (seen.list ??= Object.freeze(seen.ids.flatMap((id) => seen.items.get(id) ?? []))),
    getProgress(id) {
      const item = seen.items.get(id)
      // Made when read, for those that have not begun.
      if (item && !seen.progress.has(id))
        seen.progress.set(id, Object.freeze({ loaded: 0, total: item.size }))
      return seen.progress.get(id) ?? noProgress
    },
    getCounts: () => seen.counts,
    getTotals: () => seen.totals,
    destroy() {
      calledOff?.()
      calledOff = undefined
      listeners.clear()
    },
  }
}
