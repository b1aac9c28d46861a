'use client'
import type { ForwardRefExoticComponent, HTMLAttributes, RefAttributes } from 'react'
import { forwardRef } from 'react'

import { classNames } from '../../shared/class-names.ts'
import { Icon } from '../../shared/icon.tsx'
import { useRow } from './context.ts'

/** The status as a picture, beside {@link Status} which says it. */
export const StatusIcon: ForwardRefExoticComponent<
  HTMLAttributes<HTMLSpanElement> & RefAttributes<HTMLSpanElement>
> = forwardRef(function UploadListItemStatusIcon(props, ref) {
  const { item } = useRow()
  return (
    <span {...props} ref={ref} className={classNames('s3u-item-icon', props.className)}>
      <Icon name={item.status} />
    </span>
  )
})
