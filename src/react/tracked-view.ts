import type { UploadCounts, UploadItem, UploadTopic, UploadTotals, Uploader } from '../core/index.ts'

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
}

/**
 * Follows which properties a component reads, as TanStack Query does: one that shows no totals is not rendered with
 * each frame of progress. `base` is what each view has besides.
 */
export function createTrackedView<Base extends object>(uploader: Uploader, base: Base): TrackedView<Base> {
  const read = new Set<ViewTopic>()
  const reading = <T>(topic: ViewTopic, value: T): T => {
    read.add(topic)
    return value
  }
  const makeView = (): Base & UploadView => ({
    ...base,
    get ids() {
      return reading('ids', uploader.getIds())
    },
    get items() {
      return reading('items', uploader.getItems())
    },
    get counts() {
      return reading('counts', uploader.getCounts())
    },
    get totals() {
      return reading('totals', uploader.getTotals())
    },
  })
  let view = makeView()
  const topics: readonly ViewTopic[] = ['ids', 'items', 'counts', 'totals']

  return {
    getSnapshot: () => view,
    subscribe(listener) {
      const ends = topics.map((topic) =>
        uploader.subscribe(topic, () => {
          if (!read.has(topic)) return
          view = makeView()
          listener()
        }),
      )
      return () => ends.forEach((end) => end())
    },
  }
}
