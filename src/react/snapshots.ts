'use client'
import { useCallback, useSyncExternalStore } from 'react'

import type {
  UploadCounts,
  UploadItem,
  UploadProgress,
  UploadRules,
  UploadStatus,
  UploadTopic,
  UploadTotals,
  Uploader,
} from '../core/index.ts'
import { emptyIds, noCounts, noProgress, noTotals } from '../core/index.ts'
import { useUploader } from './context.ts'

/** `onServer` is what a server renders, and a browser before it hydrates: an empty list. */
function useTopic<T>(uploader: Uploader, topic: UploadTopic, read: () => T, onServer: T): T {
  const subscribe = useCallback(
    (listener: () => void) => uploader.subscribe(topic, listener),
    [uploader, topic],
  )
  return useSyncExternalStore(subscribe, read, () => onServer)
}

/** Ids in list order, all or those in one status. Renders again only when the list changes, not on progress. */
export function useUploadIds(status?: UploadStatus, uploader?: Uploader): readonly string[] {
  const found = useUploader(uploader)
  return useTopic(found, status ? `ids:${status}` : 'ids', () => found.getIds(status), emptyIds)
}

/** One item; undefined once it is off the list. Renders again only when this item's status changes. */
export function useUploadItem(id: string, uploader?: Uploader): UploadItem | undefined {
  const found = useUploader(uploader)
  return useTopic(found, `item:${id}`, () => found.getItem(id), undefined)
}

/** One item's bytes. Renders again at most once per animation frame. */
export function useUploadProgress(id: string, uploader?: Uploader): UploadProgress {
  const found = useUploader(uploader)
  return useTopic(found, `progress:${id}`, () => found.getProgress(id), noProgress)
}

/** Bytes and files of the whole list. Renders again at most once per animation frame. */
export function useUploadTotals(uploader?: Uploader): UploadTotals {
  const found = useUploader(uploader)
  return useTopic(found, 'totals', found.getTotals, noTotals)
}

/** The rules in force; renders again when the app's or the server's change. */
export function useUploadRules(uploader?: Uploader): UploadRules {
  const found = useUploader(uploader)
  return useTopic(found, 'rules', found.getRules, found.getRules())
}

/** How many items are in each status. */
export function useUploadCounts(uploader?: Uploader): UploadCounts {
  const found = useUploader(uploader)
  return useTopic(found, 'counts', found.getCounts, noCounts)
}
