'use client'
import type { ReactNode } from 'react'

import type { Uploader } from '../core/index.ts'
import { UploaderContext } from './context.ts'
import type { UseS3UploadOptions } from './create-hook-uploader.ts'
import { useOwnedUploader } from './use-owned-uploader.ts'

/** Either an uploader of yours, or the options of one to make. */
export type S3UploadProviderProps = { children: ReactNode } & (
  | { uploader: Uploader; options?: never }
  | { uploader?: never; options: UseS3UploadOptions }
)

/**
 * Gives one uploader to all components and hooks below it. Above the routes of an app it outlives them, and so do
 * its uploads.
 */
export function S3UploadProvider(props: S3UploadProviderProps): ReactNode {
  const { children } = props
  if (props.uploader)
    return <UploaderContext.Provider value={props.uploader}>{children}</UploaderContext.Provider>
  return <OwningProvider options={props.options}>{children}</OwningProvider>
}

function OwningProvider(props: { options: UseS3UploadOptions; children: ReactNode }): ReactNode {
  const uploader = useOwnedUploader(props.options)
  return <UploaderContext.Provider value={uploader}>{props.children}</UploaderContext.Provider>
}
