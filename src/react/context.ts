'use client'
import type { Context } from 'react'
import { createContext, useContext } from 'react'

import type { Uploader } from '../core/index.ts'

/** The nearest provider's uploader. */
export const UploaderContext: Context<Uploader | undefined> = createContext<Uploader | undefined>(undefined)

/**
 * The uploader given, else the nearest provider's.
 * @throws Error where there is neither
 */
export function useUploader(uploader?: Uploader): Uploader {
  const provided = useContext(UploaderContext)
  const found = uploader ?? provided
  if (!found)
    throw new Error(
      's3-upload-kit: there is no uploader here. Wrap the component in <S3UploadProvider> or <S3Uploader>, or ' +
        'hand it the `uploader` that useS3Upload() returns.',
    )
  return found
}
