/** The way into the list: what the rules and the app take, in slices. */
import type { Engine } from './engine-parts.ts'
import { transition } from './item-reducer.ts'
import { naturalSort } from './natural-sort.ts'
import type { Occupancy } from './rules/validate.ts'
import { loadScreening, screening } from './screening-chunk.ts'
import type { screenFiles } from './screening.ts'
import type { UploadRules } from './settings.ts'
import { relativePathOf } from './sources/files.ts'
import type { UploadItem } from './types.ts'

/** Items that are taken into the list in one task. */
const slice = 1000

type Screening = { screenFiles: typeof screenFiles }

/** What admission needs besides the engine. */
export interface AdmissionContext {
  engine: Engine
  /** The rules in force. */
  rules: () => UploadRules
  newId: () => string
  report: (error: unknown) => void
}

/** See {@link createAdmission}. */
export interface Admission {
  /** An item of this file, queued, not in the list. */
  readonly itemOf: (file: File, options: unknown) => UploadItem
  /** Files become items, sorted; returns them, refused ones too. Thousands come into the list slice by slice. */
  readonly add: (files: readonly File[], options: unknown) => readonly UploadItem[]
  /** Starts those that are queued; those whose verdict is still to come start with it. */
  readonly start: (items: readonly UploadItem[]) => void
  /** May it start now? If its verdict is still to come, it starts then. */
  readonly isStarted: (id: string) => boolean
  /** Nothing is on its way into the list any more. */
  readonly drain: () => void
  /** Items that are on their way into the list. */
  readonly upcoming: () => readonly UploadItem[]
  /** Fetches what judges, where there is anything to judge by. */
  readonly warm: () => void
  readonly end: () => void
}

/** Makes the way into one engine's list. */
export function createAdmission({ engine, rules, newId, report }: AdmissionContext): Admission {
  const { store, queue, dispatch, notify } = engine
  /** Items that are not in the list yet. */
  const upcoming: UploadItem[] = []
  let nextSlice: ReturnType<typeof setTimeout> | undefined
  /** Files of which so many verdicts are still to come, and whether they are to start then. */
  const checking = new Map<string, { open: number; start: boolean }>()

  function drain(): void {
    if (upcoming.length) admit(upcoming.length)
  }

  function current(): UploadItem[] {
    drain()
    return store.currentIds().flatMap((id) => store.current(id) ?? [])
  }

  function itemOf(file: File, options: unknown): UploadItem {
    return {
      id: newId(),
      file,
      name: file.name,
      size: file.size,
      type: file.type,
      lastModified: file.lastModified,
      relativePath: relativePathOf(file),
      options,
      record: undefined,
      canResume: false,
      status: 'queued',
    }
  }

  /** Is anything refused at all? */
  function isScreened(): boolean {
    const { validator, validateBatch, duplicates = 'keep' } = engine.settings
    const { overflow: _overflow, ...limits } = rules()
    return (
      Boolean(validator ?? validateBatch) ||
      duplicates !== 'keep' ||
      Object.values(limits).some((limit) => limit !== undefined)
    )
  }

  /** Puts the verdicts into the items; those that come late hold theirs back. */
  function screen(items: UploadItem[], { screenFiles }: Screening, occupied: Occupancy): void {
    const own = new Set(items.map(({ id }) => id))
    const verdicts = screenFiles({
      items,
      files: items.flatMap(({ file }) => file ?? []),
      rules: rules(),
      checks: engine.settings,
      occupied,
      existing: () => current().filter(({ id }) => !own.has(id)),
      isSameContent,
    })
    for (const [index, item] of items.entries()) {
      const verdict = verdicts[index] ?? []
      if (verdict instanceof Promise)
        holdBack(
          [item],
          verdict.then((errors) => errors.length && dispatch(item.id, { type: 'reject', errors })),
        )
      else if (verdict.length) items[index] = transition(item, { type: 'reject', errors: verdict })
    }
  }

  /** Starts them, if they are to be started, when `verdict` is there. */
  function holdBack(items: readonly UploadItem[], verdict: Promise<unknown>): void {
    for (const { id } of items) {
      const { open = 0, start = false } = checking.get(id) ?? {}
      checking.set(id, { open: open + 1, start })
    }
    const late = (): void => {
      const ready = items.flatMap(({ id }) => {
        const held = checking.get(id)
        if (!held || --held.open > 0) return []
        checking.delete(id)
        return held.start ? [id] : []
      })
      startNow(ready.flatMap((id) => store.current(id) ?? []))
    }
    verdict.then(late, (error: unknown) => {
      report(error)
      late()
    })
  }

  /** What judges is still on its way: these files wait for it, and are judged as if it had been there. */
  function screenLate(items: readonly UploadItem[]): void {
    const judge = (chunk: Screening): void => {
      drain()
      // Also what was paused meanwhile: it goes on later.
      const judged = items
        .flatMap(({ id }) => store.current(id) ?? [])
        .filter(({ status }) => status === 'queued' || status === 'paused')
      const { files, total } = store.currentTotals()
      const bytes = judged.reduce((sum, { size }) => sum + size, 0)
      screen(judged, chunk, { files: files - judged.length, bytes: total - bytes })
      for (const item of judged)
        if (item.status === 'rejected') dispatch(item.id, { type: 'reject', errors: item.errors })
    }
    // Where it cannot be had: the server knows the rules as well.
    holdBack(items, loadScreening().then(judge))
  }

  function isStarted(id: string): boolean {
    const held = checking.get(id)
    if (held) held.start = true
    return !held
  }

  function addNew(given: readonly File[], options: unknown): readonly UploadItem[] {
    drain()
    const files = naturalSort(given, (file) => relativePathOf(file) ?? file.name)
    const { files: count, total: bytes } = store.currentTotals()
    const items = files.map((file) => itemOf(file, options))
    const chunk = screening()
    if (isScreened())
      if (chunk) screen(items, chunk, { files: count, bytes })
      else screenLate(items)
    upcoming.push(...items)
    admit()
    return items
  }

  /** Takes a slice into the list, and the next one in another task: thousands of files at once would be a long one. */
  function admit(size = slice): void {
    clearTimeout(nextSlice)
    const items = upcoming.splice(0, size)
    for (const item of items) store.put(item)
    store.flush()
    const admitted = items.filter(({ status }) => status === 'queued')
    const rejected = items.filter(({ status }) => status === 'rejected')
    if (admitted.length) notify(() => engine.settings.onAdded?.(admitted))
    if (rejected.length) notify(() => engine.settings.onRejected?.(rejected))
    if (engine.settings.autoStart ?? true) startNow(admitted)
    if (upcoming.length) nextSlice = setTimeout(admit)
  }

  function startNow(items: readonly UploadItem[]): void {
    // As they are now: a callback may have stopped some of them.
    queue.add(
      items.flatMap(({ id }) => (store.current(id)?.status === 'queued' && isStarted(id) ? [id] : [])),
    )
  }

  return {
    itemOf,
    add: addNew,
    start: startNow,
    isStarted,
    drain,
    upcoming: () => upcoming,
    warm() {
      if (isScreened()) loadScreening().catch(() => undefined) // asked for again when it is needed
    },
    end: () => clearTimeout(nextSlice),
  }
}

async function isSameContent(one: File, other: File): Promise<boolean> {
  const { fingerprintOf } = await import('./transfers/parts-chunk.ts')
  const { signal } = new AbortController()
  const [a, b] = await Promise.all([fingerprintOf(one, signal), fingerprintOf(other, signal)])
  return a.content === b.content
}
