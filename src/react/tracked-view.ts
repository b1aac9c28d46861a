import type { UploadCounts, UploadItem, UploadTopic, UploadTotals, Uploader } from '../core/index.ts'
import { emptyIds, emptyItems, noCounts, noTotals } from '../core/index.ts'

/** What the hook returns of the list; reading a property is what subscribes to it. */
export interface UploadView {
  readonly ids: readonly string[]
  readonly items: readonly UploadItem[]
  readonly counts: UploadCounts
  readonly totals: UploadTotals
}

type ViewTopic = keyof UploadView & UploadTopic

/** A store for `useSyncExternalStore`, whose snapshot is a new view each time something changed that was read. */
export interface TrackedView<Base> {
  subscribe: (listener: () => void) => () => void
  getSnapshot: () => Base & UploadView
  /** What a server renders, and a browser before it hydrates: an empty list. */
  getServerSnapshot: () => Base & UploadView
}

/**
 * Follows which properties a component reads, as TanStack Query does: one that shows no totals is not rendered with
 * each frame of progress. `base` is what each view has besides.
 */
export function createTrackedView<Base extends object>(uploader: Uploader, base: Base): TrackedView<Base> {
  const now: { readonly [Topic in ViewTopic]: () => UploadView[Topic] } = {
    ids: () => uploader.getIds(),
    items: () => uploader.getItems(),
    counts: () => uploader.getCounts(),
    totals: () => uploader.getTotals(),
  }
  /** What was read of the view first. */
  const seen = new Map<ViewTopic, unknown>()
  const reading = <Topic extends ViewTopic>(topic: Topic): UploadView[Topic] => {
    const value = now[topic]()
    if (!seen.has(topic)) seen.set(topic, value)
    return value
  }
  const makeView = (): Base & UploadView => ({
    ...base,
    get ids() {
      return reading('ids')
    },
    get items() {
      return reading('items')
    },
    get counts() {
      return reading('counts')
    },
    get totals() {
      return reading('totals')
    },
  })
  let view = makeView()
  const empty = { ...base, ids: emptyIds, items: emptyItems, counts: noCounts, totals: noTotals }
  const topics: readonly ViewTopic[] = ['ids', 'items', 'counts', 'totals']

  return {
    // Compared, not told: before it has subscribed, or while React keeps it hidden, a component hears of nothing.
    getSnapshot() {
      if (topics.every((topic) => !seen.has(topic) || seen.get(topic) === now[topic]())) return view
      seen.clear()
      return (view = makeView())
    },
    getServerSnapshot: () => empty,
    subscribe(listener) {
      const ends = topics.map((topic) => uploader.subscribe(topic, listener))
      return () => ends.forEach((end) => end())
    },
  }
}
