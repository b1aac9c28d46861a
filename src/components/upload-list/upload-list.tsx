'use client'
import type { ForwardRefExoticComponent, HTMLAttributes, ReactNode, RefAttributes } from 'react'
import { forwardRef, useMemo, useRef } from 'react'

import type { UploadStatus, Uploader } from '../../core/index.ts'
import type { Messages } from '../../i18n/messages.ts'
import { UploaderContext, useUploadIds, useUploader } from '../../react/index.ts'
import { MessagesProvider, useMessages } from '../messages-provider.tsx'
import { classNames } from '../shared/class-names.ts'
import { useFocusKeeper } from '../shared/focus-keeper.ts'
import { mergeRefs } from '../shared/merge-refs.ts'
import { Root } from './item/root.tsx'

/** Props of {@link UploadList}; all others go to its `<ul>`. */
export interface UploadListProps extends Omit<HTMLAttributes<HTMLUListElement>, 'children'> {
  /** Default: the nearest provider's. */
  uploader?: Uploader | undefined
  /** Only files in this status. Default: all. */
  status?: UploadStatus | undefined
  /** Texts that differ, here and in the rows. */
  messages?: Partial<Messages> | undefined
  /** Draws a row. Default: `<UploadListItem.Root id={id} />`. */
  children?: ((id: string) => ReactNode) | undefined
}

const noMessages: Partial<Messages> = {}
const defaultRow = (id: string): ReactNode => <Root key={id} id={id} />

/**
 * A row per file. The list renders again only when files come or go; each row follows its own file. It stays in the
 * page when it is empty, since the focus needs a place when the last row goes.
 */
export const UploadList: ForwardRefExoticComponent<UploadListProps & RefAttributes<HTMLUListElement>> =
  forwardRef(function UploadList(props, ref) {
    const { uploader: given, status, messages: own = noMessages, children: row = defaultRow, ...rest } = props
    const uploader = useUploader(given)
    const ids = useUploadIds(status, uploader)
    const messages = useMessages(own)
    const list = useRef<HTMLUListElement>(null)
    const mergedRef = useMemo(() => mergeRefs(list, ref), [ref])
    useFocusKeeper(list)

    return (
      <MessagesProvider messages={own}>
        <ul
          tabIndex={-1}
          aria-label={messages.files}
          {...rest}
          ref={mergedRef}
          className={classNames('s3u-list', rest.className)}
          data-empty={ids.length === 0 || undefined}
        >
          <UploaderContext.Provider value={uploader}>{ids.map(row)}</UploaderContext.Provider>
        </ul>
      </MessagesProvider>
    )
  })
