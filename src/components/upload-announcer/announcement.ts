/** What is worth reading out, from what the list was to what it is. Pure; the pace is UploadAnnouncer's. */
import type { UploadItem, Uploader } from '../../core/index.ts'
import type { Messages, NamedReason } from '../../i18n/messages.ts'
import { errorText, rejectionText } from '../../i18n/messages.ts'

/** What was read out so far, as far as it matters for what comes next. */
export interface Announced {
  /** Status of each file at that time. */
  readonly statuses: ReadonlyMap<string, UploadItem['status']>
  /** Quarters of the bytes, 0 to 3. */
  readonly quarter: number
  readonly active: boolean
}

/** Nothing was read out yet. */
export const nothingAnnounced: Announced = { statuses: new Map(), quarter: 0, active: false }

/** Where the list is now; what is in it already when a page is opened is no news. */
export function announcedNow(uploader: Uploader): Announced {
  const { active, loaded, total } = uploader.getTotals()
  return {
    statuses: new Map(uploader.getItems().map(({ id, status }) => [id, status])),
    // The last quarter is the end, and that has a sentence of its own.
    quarter: total > 0 ? Math.min(3, Math.floor((loaded / total) * 4)) : 0,
    active: active > 0,
  }
}

/** The sentence for everything that happened since `before`; empty where nothing is worth one. */
export function announcement(before: Announced, uploader: Uploader, messages: Messages): string {
  const now = announcedNow(uploader)
  const items = uploader.getItems()
  const fresh = items.filter(({ id }) => !before.statuses.has(id))
  const became = items.filter(({ id, status }) => before.statuses.get(id) !== status)

  const added = fresh.filter(({ status }) => status !== 'rejected' && status !== 'remote').length
  const rejected = became.flatMap((item): NamedReason[] =>
    item.status === 'rejected' ? [{ name: item.name, reason: rejectionText(messages, item.errors) }] : [],
  )
  const failed = became.flatMap((item): NamedReason[] =>
    item.status === 'error' ? [{ name: item.name, reason: errorText(messages, item) }] : [],
  )
  const arrived = became.filter(({ status }) => status === 'success').length
  const done = !now.active && arrived + failed.length > 0
  const { succeeded, failed: failures, loaded, total } = uploader.getTotals()

  return [
    added > 0 && messages.announceAdded(added),
    rejected.length > 0 && messages.announceRejected(rejected),
    failed.length > 0 && messages.announceFailed(failed),
    done && messages.announceDone({ succeeded, failed: failures }),
    now.active &&
      before.active &&
      now.quarter > before.quarter &&
      messages.announceProgress(total > 0 ? loaded / total : 0),
  ]
    .filter(Boolean)
    .join(' ')
}
