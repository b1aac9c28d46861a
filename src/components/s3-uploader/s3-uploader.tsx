'use client'
import type { ForwardRefExoticComponent, RefAttributes } from 'react'
import { forwardRef } from 'react'

import type { Uploader } from '../../core/index.ts'
import type { Messages } from '../../i18n/messages.ts'
import { S3UploadProvider } from '../../react/index.ts'
import type { UseS3UploadOptions } from '../../react/index.ts'
import { Dropzone } from '../dropzone/dropzone.tsx'
import { MessagesProvider, useMessages } from '../messages-provider.tsx'
import { PasteTarget } from '../paste-target/paste-target.tsx'
import { classNames } from '../shared/class-names.ts'
import { UploadAnnouncer } from '../upload-announcer/upload-announcer.tsx'
import { UploadList } from '../upload-list/upload-list.tsx'
import { UploadSummary } from '../upload-summary/upload-summary.tsx'

/** How {@link S3Uploader} looks and reads. */
export interface S3UploaderAppearance {
  /** Added to its own class, `s3u-uploader`. */
  className?: string | undefined
  /** Accessible name; needed where there is more than one on a page. Default: `messages.uploader`. */
  'aria-label'?: string | undefined
  /** Takes no new files; what is under way goes on. Default false. */
  disabled?: boolean | undefined
  /** Where a paste is taken: while the focus is inside (`self`), anywhere on the page (`document`). Default `self`. */
  paste?: 'self' | 'document' | undefined
  /** See {@link DropzoneProps.useFsAccessApi}. Default false. */
  useFsAccessApi?: boolean | undefined
  /** Texts: a whole locale, or what differs from English. */
  messages?: Partial<Messages> | undefined
}

/** An uploader of yours, which keeps its own rules; `autoStart` then only says what it was made with. */
export interface S3UploaderControlled {
  uploader: Uploader
  autoStart?: boolean | undefined
}

/** Props of {@link S3Uploader}: where files go (`endpoint`, `backend` or `uploader`), rules, callbacks, appearance. */
export type S3UploaderProps = S3UploaderAppearance &
  (S3UploaderControlled | (UseS3UploadOptions & { uploader?: never }))

/**
 * A whole uploader in one line: drop, paste, choose, watch, retry.
 *
 * `<S3Uploader endpoint="/api/uploads" accept={{ 'image/*': [] }} maxSize={10_000_000} />`
 */
export const S3Uploader: ForwardRefExoticComponent<S3UploaderProps & RefAttributes<HTMLDivElement>> =
  forwardRef(function S3Uploader(props, ref) {
    const {
      className,
      'aria-label': label,
      disabled,
      paste,
      useFsAccessApi,
      messages = noMessages,
      ...source
    } = props
    const appearance = { className, 'aria-label': label, disabled, paste, useFsAccessApi }
    const view = (
      <MessagesProvider messages={messages}>
        <View {...appearance} autoStart={source.autoStart} ref={ref} />
      </MessagesProvider>
    )
    return source.uploader ? (
      <S3UploadProvider uploader={source.uploader}>{view}</S3UploadProvider>
    ) : (
      <S3UploadProvider options={source}>{view}</S3UploadProvider>
    )
  })

const noMessages: Partial<Messages> = {}

type ViewProps = S3UploaderAppearance & { autoStart: boolean | undefined }

const View: ForwardRefExoticComponent<ViewProps & RefAttributes<HTMLDivElement>> = forwardRef(
  function S3UploaderView(
    { className, 'aria-label': label, disabled, paste, useFsAccessApi, autoStart },
    ref,
  ) {
    const messages = useMessages()
    return (
      <PasteTarget
        ref={ref}
        className={classNames('s3u-uploader', className)}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a fieldset would join the app's form
        role="group"
        data-s3u-scope=""
        aria-label={label ?? messages.uploader}
        scope={paste}
        disabled={disabled}
      >
        <Dropzone disabled={disabled} useFsAccessApi={useFsAccessApi} />
        <UploadSummary autoStart={autoStart} />
        <UploadList />
        <UploadAnnouncer />
      </PasteTarget>
    )
  },
)
