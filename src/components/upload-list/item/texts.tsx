'use client'
import type { ForwardRefExoticComponent, HTMLAttributes, ReactNode, RefAttributes } from 'react'
import { forwardRef } from 'react'

import { isUploadError } from '../../../core/index.ts'
import type { UploadItem } from '../../../core/index.ts'
import type { Messages } from '../../../i18n/messages.ts'
import { errorText, rejectionText } from '../../../i18n/messages.ts'
import { useUploadProgress } from '../../../react/index.ts'
import { classNames } from '../../shared/class-names.ts'
import { ratioOf } from '../../shared/ratio.ts'
import { useSecondsUntil } from '../../shared/use-seconds-until.ts'
import { useRow } from './context.ts'

// Each text stands in a <bdi>: the words may be of another direction than the page, and would be shuffled by it.
type TextPart = ForwardRefExoticComponent<HTMLAttributes<HTMLElement> & RefAttributes<HTMLElement>>

/** The file's size; while it is on its way, how much of it. */
export const Size: TextPart = forwardRef(function UploadListItemSize(props, ref) {
  const { item, uploader, messages } = useRow()
  const progress = useUploadProgress(item.id, uploader)
  return (
    <span {...props} ref={ref} className={classNames('s3u-item-size', props.className)}>
      <bdi>{item.status === 'uploading' ? messages.progress(progress) : messages.size(item.size)}</bdi>
    </span>
  )
})

/** The status in a word or two. */
export const Status: TextPart = forwardRef(function UploadListItemStatus(props, ref) {
  const { item, uploader, messages } = useRow()
  const progress = useUploadProgress(item.id, uploader)
  return (
    <span {...props} ref={ref} className={classNames('s3u-item-status', props.className)}>
      <bdi>{statusText(item, ratioOf(progress), messages)}</bdi>
    </span>
  )
})

function statusText(item: UploadItem, ratio: number, messages: Messages): string {
  if (item.status === 'uploading') return messages.uploading(ratio)
  if ('removal' in item && item.removal === 'pending') return messages.deleting
  return messages.status[item.status]
}

/** Why it failed, was refused or waits, and what to do; nothing where all is well. */
export const Reason: TextPart = forwardRef(function UploadListItemReason(props, ref): ReactNode {
  const { item, messages } = useRow()
  const seconds = useSecondsUntil(item.status === 'waiting' ? item.until : undefined)
  const text = reasonText(item, seconds, messages)
  if (!text) return null
  return (
    <span {...props} ref={ref} className={classNames('s3u-item-reason', props.className)}>
      <bdi>{text}</bdi>
    </span>
  )
})

function reasonText(item: UploadItem, seconds: number | undefined, messages: Messages): string | undefined {
  switch (item.status) {
    case 'error':
      return errorText(messages, item)
    case 'rejected':
      return rejectionText(messages, item.errors)
    case 'waiting':
      return messages.waiting[item.stored && item.reason === 'backoff' ? 'stored' : item.reason](seconds)
    case 'paused':
      if (item.error) return errorText(messages, { error: item.error })
      return item.reason === 'user' ? undefined : messages.paused[item.reason]
    case 'success':
    case 'remote':
      return isUploadError(item.removal) ? errorText(messages, { error: item.removal }) : undefined
    default:
      return undefined
  }
}
