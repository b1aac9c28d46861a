'use client'
import type { ReactNode } from 'react'
import { useEffect, useRef, useState } from 'react'

import type { Uploader } from '../../core/index.ts'
import type { Messages } from '../../i18n/messages.ts'
import { useUploader } from '../../react/index.ts'
import { useMessages } from '../messages-provider.tsx'
import { visuallyHidden } from '../shared/visually-hidden.ts'
import { announcedNow, announcement, nothingAnnounced } from './announcement.ts'

/** Props of {@link UploadAnnouncer}. */
export interface UploadAnnouncerProps {
  /** Default: the nearest provider's. */
  uploader?: Uploader | undefined
  /** Texts that differ. */
  messages?: Partial<Messages> | undefined
}

/** What happens within this time is one sentence: files dropped together are added together. Milliseconds. */
const gathering = 500
/** Between two sentences, so that the first can be heard to its end. Milliseconds. */
const pause = 4000

/**
 * Reads out what happens, for those who do not see it: files added, a quarter, half, three quarters of the bytes,
 * what failed and why, the end. `S3Uploader` has one; around parts of your own, place one per uploader.
 */
export function UploadAnnouncer(props: UploadAnnouncerProps): ReactNode {
  const uploader = useUploader(props.uploader)
  const messages = useMessages(props.messages)
  const [text, setText] = useState('')
  const latest = useRef(messages)
  useEffect(() => {
    latest.current = messages
  }, [messages])

  useEffect(() => {
    // A list that was there before is no news.
    let announced = uploader.getIds().length ? announcedNow(uploader) : nothingAnnounced
    let timer: ReturnType<typeof setTimeout> | undefined
    let quietUntil = 0

    const speak = (): void => {
      timer = undefined
      const next = announcement(announced, uploader, latest.current)
      announced = announcedNow(uploader)
      if (!next) return
      quietUntil = Date.now() + pause
      // The same words again ("1 file added.") have to be another text: what does not change is not read out.
      setText((last) => (last === next ? `${next}\u00A0` : next))
    }
    const schedule = (): void => {
      timer ??= setTimeout(speak, Math.max(gathering, quietUntil - Date.now()))
    }
    const ends = (['ids', 'counts', 'totals'] as const).map((topic) => uploader.subscribe(topic, schedule))
    return () => {
      clearTimeout(timer)
      ends.forEach((end) => end())
    }
  }, [uploader])

  // In the page from the start: a live region that arrives with its text is often not read (ARIA22). Atomic: of
  // "5 files added" and "7 files added", a reader would else say only "7".
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- <output> belongs to forms, and would take part in them
    <div style={visuallyHidden} role="status" aria-live="polite" aria-atomic="true">
      {text}
    </div>
  )
}
