'use client'
import type { ReactNode } from 'react'

import type { UploadStatus } from '../../core/index.ts'
import type { ItemAction } from '../../i18n/messages.ts'

/** What there is a picture for. */
export type IconName = UploadStatus | ItemAction | 'upload'

const ring = 'M10 3a7 7 0 1 1 0 14a7 7 0 1 1 0-14Z'
const arc = 'M17 10a7 7 0 1 1-5-6.7'
const cross = 'M6 6l8 8M14 6l-8 8'
const play = 'M7.5 5.5l7 4.5-7 4.5Z'
const circleArrow = 'M16 10a6 6 0 1 1-1.9-4.4M14.5 2.5v3.6h-3.6'

// On a 20 by 20 grid, drawn with a line. Each status differs in shape, never in colour alone (WCAG 1.4.1).
const lines: Readonly<Record<IconName, string>> = {
  queued: `${ring}M6.5 10h.01M10 10h.01M13.5 10h.01`,
  preparing: arc,
  uploading: `${ring}M10 13.4V6.8M7.2 9.4L10 6.6l2.8 2.8`,
  waiting: `${ring}M10 6.2V10l2.4 1.8`,
  paused: `${ring}M8.2 7.6v4.8M11.8 7.6v4.8`,
  processing: arc,
  success: `${ring}M6.9 10.3l2.1 2.1 4.1-4.6`,
  error: `${ring}M10 6.4v4.2M10 13.4h.01`,
  canceled: `${ring}M7.7 7.7l4.6 4.6M12.3 7.7l-4.6 4.6`,
  rejected: `${ring}M5.1 5.1l9.8 9.8`,
  remote: 'M6 15.5a3.5 3.5 0 0 1-.3-7a4.6 4.6 0 0 1 8.8 1a3 3 0 0 1-.5 6Z',
  pause: 'M7.5 5.5v9M12.5 5.5v9',
  resume: play,
  startOver: circleArrow,
  retry: circleArrow,
  cancel: cross,
  remove: cross,
  continue: play,
  chooseFile: 'M3.5 15.5v-11h4.2l1.8 2h7v9Z',
  upload: 'M10 13V4.5M6.6 7.7L10 4.3l3.4 3.4M4 12.5v2A1.5 1.5 0 0 0 5.5 16h9a1.5 1.5 0 0 0 1.5-1.5v-2',
}

/** A picture beside words that say the same: hidden from assistive technology. */
export function Icon({ name }: { name: IconName }): ReactNode {
  return (
    <svg
      className="s3u-icon"
      data-icon={name}
      viewBox="0 0 20 20"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={lines[name]} />
    </svg>
  )
}
