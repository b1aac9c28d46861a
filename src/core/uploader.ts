/** Commands in, snapshots out. */
import { createAdmission } from './admission.ts'
import type { UploaderParts } from './engine-parts.ts'
import { createEngine } from './engine.ts'
import { UploadError } from './errors.ts'
import type { UploadItemEvent } from './item-reducer.ts'
import { isConfirming, transition } from './item-reducer.ts'
import { rulesOf, sameRules } from './rules/rules-of.ts'
import type { UploaderSettings } from './settings.ts'
import { isOver } from './settlement.ts'
import { filesFrom } from './sources/files.ts'
import type { UploadItem } from './types.ts'
import { canceledError, resultOf } from './upload-result.ts'
import type { Uploader } from './uploader-api.ts'

type Ids = string | readonly string[] | undefined

/** Builds the uploader. Inert until the first command. */
export function buildUploader(parts: UploaderParts, initial: UploaderSettings): Uploader {
  const engine = createEngine(parts, initial)
  const { store, queue, grants, settlement, life, dispatch, stop } = engine
  let rules = rulesOf(initial)
  const admission = createAdmission({ engine, rules: () => rules, newId: parts.newId, report: parts.report })
  let restored: Promise<readonly UploadItem[]> | undefined
  let leaving: Promise<void> | undefined
  /** The items that a command names, in list order; all of them where it names none. */
  function named(ids: Ids): UploadItem[] {
    admission.drain()
    const wanted = ids === undefined ? store.currentIds() : typeof ids === 'string' ? [ids] : ids
    return wanted.flatMap((id) => store.current(id) ?? [])
  }

  /** Runs a command on each item, then publishes at once: the user is waiting to see it. */
  function command(ids: Ids, run: (item: UploadItem) => void): void {
    if (life.signal.aborted) return
    queue.hold(() => {
      for (const { id } of named(ids)) {
        const item = store.current(id) // as it is now: a callback may have changed it, or taken it off the list
        if (item) run(item)
      }
    })
    store.flush()
  }

  function halt(ids: Ids, event: UploadItemEvent): void {
    command(ids, (item) => {
      if (transition(item, event) === item) return
      // Stopped first: the task must not see the new status as its own end.
      stop(item.id)
      dispatch(item.id, event)
      if (event.type === 'cancel') giveUp(item)
    })
  }

  /** Nobody wants it any more. What is stored the app's server may have taken: then it is not ours to end. */
  function giveUp(item: UploadItem): void {
    if ('stored' in item) engine.forget(item.id)
    else engine.abandon(item.id)
  }

  function requeue(ids: Ids, event: UploadItemEvent): void {
    const queued: UploadItem[] = []
    command(ids, (item) => {
      if (!dispatch(item.id, event)) return
      grants.held(item.id)?.resting?.clear() // now means now, also for its parts
      const after = store.current(item.id)
      if (!after) return
      queued.push(after)
      engine.confirm(after)
    })
    if (!life.signal.aborted) admission.start(queued)
  }

  /** The item goes on with the file, unless it turns out to be another one: that is added. Resolves with its item. */
  async function claim(file: File, item: UploadItem, options: unknown): Promise<UploadItem | undefined> {
    const isSame = await engine
      .restoring()
      .then((way) => way?.attach(item.id, file, true))
      .catch(() => false) // it cannot be read: adding it will say so
    return isSame ? item : admission.add([file], options)[0]
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
      if (life.signal.aborted) return []
      const files = filesFrom(input)
      const found = engine.restored()?.find(files)
      if (!found?.size) return admission.add(files, options)
      for (const [file, item] of found) void claim(file, item, options)
      return [
        ...found.values(),
        ...admission.add(
          files.filter((file) => !found.has(file)),
          options,
        ),
      ]
    },

    async addFrom(source, options) {
      const items: UploadItem[] = []
      if (!(Symbol.asyncIterator in source)) {
        const { fileFromCanvas } = await import('./sources/canvas.ts')
        return uploader.add(await fileFromCanvas(source), options)
      }
      for await (const { files, unreadable } of source) {
        if (life.signal.aborted) break
        items.push(...uploader.add(files, options))
        const lost = unreadable.map(({ path, error }) => {
          const item = { ...admission.itemOf(new File([], path), options?.options), file: undefined }
          store.put(item)
          items.push(item)
          return { id: item.id, error }
        })
        for (const { id, error } of lost) dispatch(id, { type: 'fail', step: 'prepare', error })
      }
      return items.flatMap(({ id }) => store.current(id) ?? [])
    },

    start(ids) {
      if (!life.signal.aborted) admission.start(named(ids))
    },

    pause: (ids) => halt(ids, { type: 'pause', reason: 'user' }),
    resume(ids) {
      const locked = named(ids).filter(
        (item) => item.status === 'paused' && item.reason === 'needs-permission',
      )
      // In the same turn as the click: only then may the browser ask.
      for (const { id } of locked)
        engine
          .restoring()
          .then((way) => way?.open(id))
          .catch(parts.report)
      requeue(ids, { type: 'resume' })
    },
    cancel: (ids) => halt(ids, { type: 'cancel' }),
    retry: (ids) => requeue(ids, { type: 'retry' }),
    retryAll: () =>
      uploader.retry(named(undefined).flatMap(({ id, status }) => (status === 'error' ? [id] : []))),

    prioritize(ids, { preempt = false } = {}) {
      const next = named(ids).flatMap(({ id, status }) =>
        status === 'queued' && admission.isStarted(id) ? [id] : [],
      )
      const wanted = next.filter((id) => !queue.running().includes(id))
      queue.advance(wanted)
      if (!preempt) return
      const waiting = new Set(queue.waiting())
      const short = wanted.filter((id) => waiting.has(id)).length
      // The latest have got least far.
      const favoured = new Set(named(ids).map(({ id }) => id))
      const victims = queue
        .running()
        .filter((id) => !favoured.has(id))
        .slice(-short || Infinity)
      command(victims, ({ id }) => {
        stop(id)
        dispatch(id, { type: 'yield' })
      })
      for (const id of victims) queue.delete(id)
      for (const id of victims) queue.addFirst(id)
    },

    remove(ids) {
      command(ids, (item) => {
        const { id } = item
        if (isConfirming(item)) return
        stop(id)
        queue.delete(id)
        giveUp(item)
        store.delete(id)
        settlement.note(item, true)
        engine.checkSettled(item, undefined)
      })
    },

    clear() {
      uploader.remove(
        named(undefined).flatMap((item) => (isOver(item) && item.status !== 'remote' ? [item.id] : [])),
      )
    },

    rename(id, name) {
      const before = store.current(id)
      // Begun already: the server knows the old name, and a resumed upload would end under it.
      if (before && (before.status === 'paused' || before.canResume) && grants.held(id)) return false
      command(id, () => dispatch(id, { type: 'rename', name }))
      const isRenamed = store.current(id) !== before
      // What an earlier try was granted is for the old name too: the next one asks anew.
      if (isRenamed) engine.abandon(id)
      return isRenamed
    },

    setItemOptions(ids, options) {
      const items = named(ids)
      const free = items.filter(
        ({ id, status, canResume }) =>
          // What was only signed ahead of its turn is asked for anew.
          (!grants.held(id) || (status === 'queued' && !canResume)) &&
          (status === 'queued' || status === 'canceled' || status === 'paused' || status === 'error'),
      )
      command(
        free.map(({ id }) => id),
        ({ id }) => {
          dispatch(id, { type: 'change', options })
          engine.abandon(id) // what is being asked for says the old ones
        },
      )
      return free.length === items.length
    },

    attach: async (id, file) => (await engine.restoring())?.attach(id, file) ?? false,

    restore() {
      if (life.signal.aborted) return Promise.resolve([])
      const run = async (): Promise<readonly UploadItem[]> => {
        await leaving
        if (!(await parts.hasVisited())) return []
        const way = await engine.restoring()
        if (!way) restored = undefined // where its code could not be had, a later call may find it
        return way?.restore() ?? []
      }
      engine.warm() // the first file may meet an outage
      restored ??= run().catch((error: unknown) => {
        parts.report(error)
        return []
      })
      return restored
    },

    leave() {
      // What is on its way into the list as well.
      leaving = restored?.then(() => engine.restored()?.leave())
      restored = undefined
    },

    whenSettled(ids) {
      if (!ids) return settlement.wait(named(undefined))
      const soon = new Map(admission.upcoming().map((item) => [item.id, item]))
      return settlement.wait(ids.flatMap((id) => store.current(id) ?? soon.get(id) ?? []))
    },

    async upload(file, { signal, ...options } = {}) {
      if (signal?.aborted) throw canceledError(signal)
      const files = life.signal.aborted ? [] : filesFrom(file)
      const [lost] = engine.restored()?.find(files) ?? []
      const item = lost ? await claim(...lost, options.options) : admission.add(files, options.options)[0]
      if (!item) throw new UploadError('internal', 'never', 'The uploader was destroyed; make a new one.')
      const cancel = (): void => uploader.cancel(item.id)
      if (signal?.aborted) cancel()
      signal?.addEventListener('abort', cancel, { once: true })
      uploader.start(item.id)
      const outcome = await settlement.wait(named(item.id))
      signal?.removeEventListener('abort', cancel)
      return resultOf(outcome, signal)
    },

    getRules: () => rules,

    setOptions(options) {
      engine.settings = { ...engine.settings, ...options }
      const next = rulesOf(engine.settings)
      if (!sameRules(rules, next)) {
        rules = next
        admission.warm()
        store.announce('rules')
        store.flush()
      }
      engine.refresh()
    },

    destroy() {
      admission.end()
      life.abort(new UploadError('aborted', 'never', 'The uploader was destroyed.'))
    },
  }
  return uploader
}
