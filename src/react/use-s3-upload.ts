'use client'
import { useMemo, useSyncExternalStore } from 'react'

import type { Uploader } from '../core/index.ts'
import { useUploader } from './context.ts'
import type { UseS3UploadOptions } from './create-hook-uploader.ts'
import type { UploadPropGetters } from './prop-getters.ts'
import { createPropGetters } from './prop-getters.ts'
import { useUploadRules } from './snapshots.ts'
import type { TrackedView, UploadView } from './tracked-view.ts'
import { createTrackedView } from './tracked-view.ts'
import { useOwnedUploader } from './use-owned-uploader.ts'

type Commands = Pick<
  Uploader,
  | 'add'
  | 'start'
  | 'pause'
  | 'resume'
  | 'cancel'
  | 'retry'
  | 'retryAll'
  | 'prioritize'
  | 'attach'
  | 'remove'
  | 'clear'
  | 'rename'
  | 'setItemOptions'
  | 'upload'
>

/** Everything for an own UI: the list, its sums, the commands, props for plain elements. */
export interface S3Upload extends UploadView, Commands, UploadPropGetters {
  /** The engine; hand it to `UploadList` and friends, or to `useUploadItem(id, uploader)`. */
  readonly uploader: Uploader
}

/**
 * Uploads without any UI of ours. With options it owns an uploader; without, it is the nearest provider's.
 * Only what is read (`items`, `totals`, …) renders the component again; for a long list map `ids` and call
 * `useUploadItem` and `useUploadProgress` in each row.
 *
 * @throws Error without options and without a provider
 * @example
 * const { items, add, cancel } = useS3Upload({ endpoint: '/api/uploads', maxSize: 10_000_000 })
 */
export function useS3Upload(options?: UseS3UploadOptions): S3Upload {
  const owned = useOwnedUploader(options)
  const uploader = useUploader(owned)
  // Another uploader (another provider) gets a view of its own.
  const view = useMemo(() => viewOf(uploader), [uploader])
  useUploadRules(uploader) // `getInputProps` tells the chooser of them, and the server's come later
  return useSyncExternalStore(view.subscribe, view.getSnapshot, view.getServerSnapshot)
}

function viewOf(uploader: Uploader): TrackedView<Omit<S3Upload, keyof UploadView>> {
  const { add, start, pause, resume, cancel, retry, retryAll, prioritize, attach } = uploader
  const { remove, clear, rename, setItemOptions, upload } = uploader
  const commands: Commands = {
    add,
    start,
    pause,
    resume,
    cancel,
    retry,
    retryAll,
    prioritize,
    attach,
    remove,
    clear,
    rename,
    setItemOptions,
    upload,
  }
  return createTrackedView(uploader, { uploader, ...commands, ...createPropGetters(uploader) })
}
