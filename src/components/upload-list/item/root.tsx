'use client'
import type { ForwardRefExoticComponent, HTMLAttributes, RefAttributes } from 'react'
import { forwardRef, useMemo } from 'react'

import type { Uploader } from '../../../core/index.ts'
import type { Messages } from '../../../i18n/messages.ts'
import { useUploadItem, useUploader } from '../../../react/index.ts'
import { useMessages } from '../../messages-provider.tsx'
import { classNames } from '../../shared/class-names.ts'
import { Actions } from './actions.tsx'
import { UploadRowContext } from './context.ts'
import { Name } from './name.tsx'
import { Progress } from './progress.tsx'
import { StatusIcon } from './status-icon.tsx'
import { Reason, Size, Status } from './texts.tsx'

/** Props of {@link Root}; all others go to its `<li>`. */
export interface UploadListItemProps extends Omit<HTMLAttributes<HTMLLIElement>, 'id'> {
  /** The item's id. */
  id: string
  /** Default: the nearest provider's. */
  uploader?: Uploader | undefined
  /** Texts that differ. */
  messages?: Partial<Messages> | undefined
}

/**
 * One file's row. It renders again when its own item changes, and never for another's. Without children it shows all
 * parts; with children, those. `data-status` is the item's status.
 */
export const Root: ForwardRefExoticComponent<UploadListItemProps & RefAttributes<HTMLLIElement>> = forwardRef(
  function UploadListItemRoot(props, ref) {
    const { id, uploader: given, messages: own, children, ...rest } = props
    const uploader = useUploader(given)
    const messages = useMessages(own)
    const item = useUploadItem(id, uploader)
    const row = useMemo(() => item && { item, uploader, messages }, [item, uploader, messages])
    if (!row) return null

    return (
      <UploadRowContext.Provider value={row}>
        <li
          // The focus comes here when the button that had it is gone; see focus-keeper.ts.
          tabIndex={-1}
          {...rest}
          ref={ref}
          className={classNames('s3u-item', rest.className)}
          data-status={row.item.status}
        >
          {children ?? (
            <>
              <StatusIcon />
              <div className="s3u-item-body">
                <Name />
                <p className="s3u-item-facts">
                  <Size /> <Status />
                </p>
                <Reason />
              </div>
              <Actions />
              <Progress />
            </>
          )}
        </li>
      </UploadRowContext.Provider>
    )
  },
)
