'use client'
import { QueryClient, QueryClientContext, skipToken, useQuery } from '@tanstack/react-query'
import { useContext, useEffect, useState } from 'react'

import type { Uploader } from '../core/index.ts'
import type { HookUploader, UseS3UploadOptions } from './create-hook-uploader.ts'
import { createHookUploader } from './create-hook-uploader.ts'
import { withMutations } from './mutations.ts'

/** The uploader of one component, and what follows its renders and its life. */
interface Owner extends Omit<HookUploader, 'update'> {
  rendered: (options: UseS3UploadOptions, client: QueryClient) => void
  mounted: () => void
  unmounted: () => void
}

function createOwner(options: UseS3UploadOptions, firstClient: QueryClient): Owner {
  let client = firstClient
  let cancelOnUnmount = false
  let leaving: ReturnType<typeof setTimeout> | undefined
  const { uploader, update, ...limits } = createHookUploader(options)
  return {
    ...limits,
    uploader: withMutations(uploader, () => client),
    rendered(next, nextClient) {
      update(next)
      client = nextClient
      cancelOnUnmount = next.cancelOnUnmount ?? false
    },
    mounted: () => clearTimeout(leaving),
    unmounted() {
      // StrictMode unmounts and mounts again in the same task: only who stays away is gone.
      leaving = setTimeout(() => {
        if (cancelOnUnmount) uploader.cancel()
        // The component may come back with an uploader of its own, and offers them then.
        uploader.leave()
      })
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
  const provided = useContext(QueryClientContext)
  const [own] = useState(() => provided ?? new QueryClient())
  const client = provided ?? own
  const [owner] = useState(() => options && createOwner(options, client))

  useEffect(() => {
    if (options) owner?.rendered(options, client)
  })

  useEffect(() => {
    owner?.mounted()
    return owner?.unmounted
  }, [owner])

  const uploader = owner?.uploader
  // What an earlier visit left unfinished.
  useEffect(() => void uploader?.restore(), [uploader])

  const fetchLimits = owner?.fetchLimits
  // What the server takes, so that nobody waits for an upload that it will refuse. Not to know it harms nothing: the
  // server looks again.
  const { data: limits } = useQuery(
    {
      queryKey: owner?.limitsKey ?? [],
      queryFn: fetchLimits ? ({ signal }) => fetchLimits(signal) : skipToken,
      staleTime: 5 * 60_000,
      networkMode: 'always',
      throwOnError: false, // whatever the app's defaults say: it must not take the page down
    },
    client,
  )
  useEffect(() => uploader?.setOptions({ limits }), [uploader, limits])

  return uploader
}
