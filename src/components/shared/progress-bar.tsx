'use client'
import type { ForwardRefExoticComponent, ProgressHTMLAttributes, RefAttributes } from 'react'
import { forwardRef } from 'react'

import type { UploadProgress } from '../../core/index.ts'
import { classNames } from './class-names.ts'
import { percentOf } from './ratio.ts'

/** Props of {@link ProgressBar}. */
export interface ProgressBarProps extends Omit<ProgressHTMLAttributes<HTMLProgressElement>, 'value' | 'max'> {
  /** Undefined: it goes on, and nobody knows how far it is. */
  progress: UploadProgress | undefined
  /** All bytes are stored, and the bar stands still. */
  full?: boolean | undefined
}

/**
 * A bar from 0 to 99 %, or full. Screen readers do not read its changes out by themselves (it is no live region, ARIA25);
 * UploadAnnouncer does, at a bearable pace.
 */
export const ProgressBar: ForwardRefExoticComponent<ProgressBarProps & RefAttributes<HTMLProgressElement>> =
  forwardRef(function ProgressBar({ progress, full, ...rest }, ref) {
    return (
      <progress
        {...rest}
        ref={ref}
        className={classNames('s3u-progress', rest.className)}
        max={100}
        // Without a value it is indeterminate, to the eye and to assistive technology.
        {...(progress && { value: full ? 100 : percentOf(progress) })}
      />
    )
  })
