/**
 * TanStack Query's view of uploads: one mutation per `add()` batch (one per file was measured quadratic), so that
 * devtools, `useIsMutating` and the mutation cache's callbacks work as everywhere. The engine owns retry, offline
 * and cancel; the mutation only waits.
 */
import type { QueryClient } from '@tanstack/react-query'

import type { StoredObject, UploadBatchOutcome, UploadError, UploadItem, Uploader } from '../core/index.ts'

/** The `mutationKey` of every upload batch. */
export const uploadMutationKey = ['s3-upload'] as const

/** How one file of a batch ended. No File inside: the mutation cache would keep it alive. */
export interface UploadOutcome {
  readonly id: string
  readonly name: string
  readonly status: 'success' | 'error' | 'canceled'
  readonly stored?: StoredObject
  readonly result?: unknown
  readonly error?: UploadError
}

/** The uploader with a mutation for each `add()` and each manual `retry()`. */
export function withMutations(uploader: Uploader, client: () => QueryClient): Uploader {
  const mutate = (items: readonly UploadItem[]): void => {
    if (items.length === 0) return
    const ids = items.map(({ id }) => id)
    const settled = uploader.whenSettled(ids)
    const cache = client().getMutationCache()
    const mutation = cache.build<readonly UploadOutcome[], Error, readonly string[], unknown>(client(), {
      mutationKey: uploadMutationKey,
      mutationFn: async () => outcomesOf(await settled),
      retry: 0,
      networkMode: 'always',
    })
    // A failure is in the items and in the mutation's state: nobody awaits this promise.
    mutation.execute(ids).catch(() => undefined)
  }

  return {
    ...uploader,
    add(files, options) {
      const items = uploader.add(files, options)
      mutate(items.filter(({ status }) => status === 'queued'))
      return items
    },
    async addFrom(source, options) {
      const items = await uploader.addFrom(source, options)
      mutate(items.filter(({ status }) => status !== 'rejected' && status !== 'error'))
      return items
    },
    retryAll() {
      const failed = uploader.getItems().filter(({ status }) => status === 'error')
      uploader.retryAll()
      mutate(failed)
    },
    async attach(id, file) {
      const isSame = await uploader.attach(id, file)
      const item = uploader.getItem(id)
      if (isSame && item) mutate([item])
      return isSame
    },
    retry(ids) {
      const named = ids === undefined ? uploader.getIds() : typeof ids === 'string' ? [ids] : ids
      const over = named.flatMap((id) => uploader.getItem(id) ?? []).filter(isRetried)
      uploader.retry(ids)
      mutate(over)
    },
  }
}

const isRetried = ({ status }: UploadItem): boolean => status === 'error' || status === 'canceled'

/** Each file's outcome; throws only if every file failed. Cancelling is no failure. */
function outcomesOf({ succeeded, failed, canceled }: UploadBatchOutcome): readonly UploadOutcome[] {
  const [first] = failed
  if (first?.status === 'error' && succeeded.length === 0 && canceled.length === 0) throw first.error
  return [...succeeded, ...failed, ...canceled].map((item) => {
    const { id, name } = item
    if (item.status === 'success')
      return { id, name, status: item.status, stored: item.stored, result: item.result }
    if (item.status === 'error') return { id, name, status: item.status, error: item.error }
    return { id, name, status: 'canceled' }
  })
}
