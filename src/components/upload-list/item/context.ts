'use client'
import type { Context } from 'react'
import { createContext, useContext } from 'react'

import type { UploadItem, Uploader } from '../../../core/index.ts'
import type { Messages } from '../../../i18n/messages.ts'

/** What a row's parts share. */
export interface RowContext {
  readonly item: UploadItem
  readonly uploader: Uploader
  readonly messages: Messages
}

/** Filled by `UploadListItem.Root`. */
export const UploadRowContext: Context<RowContext | undefined> = createContext<RowContext | undefined>(
  undefined,
)

/** The row around this part. */
export function useRow(): RowContext {
  const row = useContext(UploadRowContext)
  if (!row)
    throw new Error(
      's3-upload-kit: a part of UploadListItem stands outside of a row. Put it into <UploadListItem.Root id={id}>.',
    )
  return row
}
