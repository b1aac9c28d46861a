'use client'
import type { ForwardRefExoticComponent, HTMLAttributes, RefAttributes } from 'react'
import { forwardRef } from 'react'

import type { UploadStatus } from '../../../core/index.ts'
import { useUploadProgress } from '../../../react/index.ts'
import { ProgressBar } from '../../shared/progress-bar.tsx'
import { useRow } from './context.ts'

const underWay: ReadonlySet<UploadStatus> = new Set<UploadStatus>([
  'preparing',
  'uploading',
  'waiting',
  'paused',
  'processing',
])

/** The bar of a file that is under way. Nothing before and after: the status says it in a word. */
export const Progress: ForwardRefExoticComponent<
  HTMLAttributes<HTMLProgressElement> & RefAttributes<HTMLProgressElement>
> = forwardRef(function UploadListItemProgress(props, ref) {
  const { item, uploader, messages } = useRow()
  const progress = useUploadProgress(item.id, uploader)
  if (!underWay.has(item.status)) return null
  const full = item.status === 'waiting' && item.stored !== undefined
  // A value is claimed only while bytes are counted; else the bar says that it does not know.
  const known = full || item.status === 'uploading' || item.status === 'paused'
  return (
    <ProgressBar
      {...props}
      ref={ref}
      aria-label={item.name}
      progress={known ? progress : undefined}
      full={full}
      aria-valuetext={known ? messages.progress(progress) : messages.status[item.status]}
    />
  )
})
