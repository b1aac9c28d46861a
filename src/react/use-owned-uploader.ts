'use client'
import type { QueryClient } from '@tanstack/react-query'
import { QueryClientContext } from '@tanstack/react-query'
import { useContext, useEffect, useState } from 'react'

import type { Uploader } from '../core/index.ts'
import type { UseS3UploadOptions } from './create-hook-uploader.ts'
import { createHookUploader } from './create-hook-uploader.ts'
import { withMutations } from './mutations.ts'

/** The uploader of one component, and what follows its renders and its life. */
interface Owner {
  uploader: Uploader
  rendered: (options: UseS3UploadOptions, client: QueryClient | undefined) => void
  mounted: () => void
  unmounted: () => void
}

function createOwner(options: UseS3UploadOptions, firstClient: QueryClient | undefined): Owner {
  let client = firstClient
  let cancelOnUnmount = false
  let leaving: ReturnType<typeof setTimeout> | undefined
  const { uploader, update } = createHookUploader(options)
  return {
    uploader: withMutations(uploader, () => client),
    rendered(next, nextClient) {
      update(next)
      client = nextClient
      cancelOnUnmount = next.cancelOnUnmount ?? false
    },
    mounted: () => clearTimeout(leaving),
    unmounted() {
      // StrictMode unmounts and mounts again in the same task: only who stays away is gone.
      leaving = setTimeout(() => cancelOnUnmount && uploader.cancel())
    },
  }
}

export function useOwnedUploader(options: UseS3UploadOptions): Uploader
export function useOwnedUploader(options: UseS3UploadOptions | undefined): Uploader | undefined
/**
 * An uploader that belongs to the calling component: made once, its options follow the latest render. Unmounting
 * leaves uploads running unless `cancelOnUnmount`. Without options there is none.
 */
export function useOwnedUploader(options: UseS3UploadOptions | undefined): Uploader | undefined {
  const client = useContext(QueryClientContext)
  const [owner] = useState(() => options && createOwner(options, client))

  useEffect(() => {
    if (options) owner?.rendered(options, client)
  })

  useEffect(() => {
    owner?.mounted()
    return owner?.unmounted
  }, [owner])

  return owner?.uploader
}
