/** What must hold in every snapshot that is published. */
import type { UploadStatus, Uploader } from '../../src/core/index.ts'

const uncounted: ReadonlySet<UploadStatus> = new Set(['canceled', 'rejected', 'remote'])

/** Looks at each snapshot from now on; `object` is told what is wrong with one. */
export function watchSnapshots(uploader: Uploader, object: (what: string) => void): void {
  let before = { files: '', loaded: 0 }

  const look = (): void => {
    const items = uploader.getItems()
    const { loaded, total } = uploader.getTotals()
    const files = items.flatMap(({ id, status }) => (uncounted.has(status) ? [] : [id])).join()
    if (files === before.files && loaded < before.loaded)
      object(`totals ran backwards, from ${before.loaded} to ${loaded}`)
    if (loaded > total) object(`totals say ${loaded} of ${total}`)
    before = { files, loaded }
    for (const item of items) {
      const progress = uploader.getProgress(item.id)
      if (progress.loaded > progress.total)
        object(`${item.name}: ${progress.loaded} of ${progress.total} bytes`)
      const isAnswered = 'stored' in item || item.status === 'canceled'
      if (item.size > 0 && progress.loaded === item.size && !isAnswered)
        object(`${item.name} is ${item.status} and at 100 % before S3 has answered`)
    }
  }
  uploader.subscribe('totals', look)
}
