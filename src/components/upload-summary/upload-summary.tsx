'use client'
import type { ForwardRefExoticComponent, HTMLAttributes, ReactNode, RefAttributes } from 'react'
import { forwardRef, useMemo, useRef, useState } from 'react'

import type { Uploader } from '../../core/index.ts'
import type { Messages } from '../../i18n/messages.ts'
import { useUploadCounts, useUploadIds, useUploadTotals, useUploader } from '../../react/index.ts'
import { useMessages } from '../messages-provider.tsx'
import { classNames } from '../shared/class-names.ts'
import { useFocusKeeper } from '../shared/focus-keeper.ts'
import { mergeRefs } from '../shared/merge-refs.ts'
import { ProgressBar } from '../shared/progress-bar.tsx'
import { actionsOf } from '../upload-list/item/actions-of.ts'

/** Props of {@link UploadSummary}; all others go to its outermost element. */
export interface UploadSummaryProps extends Omit<HTMLAttributes<HTMLDivElement>, 'children'> {
  /** Default: the nearest provider's. */
  uploader?: Uploader | undefined
  /** The uploader's own setting. Where it is false there is a button that starts what is queued. Default true. */
  autoStart?: boolean | undefined
  /** Texts that differ. */
  messages?: Partial<Messages> | undefined
}

/** All files together: how many, how far, and what can be done with all of them at once. */
export const UploadSummary: ForwardRefExoticComponent<UploadSummaryProps & RefAttributes<HTMLDivElement>> =
  forwardRef(function UploadSummary(props, ref) {
    const { uploader: given, autoStart = true, messages: own, ...rest } = props
    const uploader = useUploader(given)
    const messages = useMessages(own)
    const totals = useUploadTotals(uploader)
    const counts = useUploadCounts(uploader)
    const root = useRef<HTMLDivElement>(null)
    const mergedRef = useMemo(() => mergeRefs(root, ref), [ref])
    useFocusKeeper(root)
    const finished = counts.success + counts.error + counts.canceled + counts.rejected
    const failed = retryable(uploader)
    const text = messages.summary(totals, counts)

    return (
      <div
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a fieldset would join the app's form
        role="group"
        tabIndex={-1}
        aria-label={messages.overall}
        {...rest}
        ref={mergedRef}
        className={classNames('s3u-summary', rest.className)}
        data-empty={(!text && finished === 0) || undefined}
      >
        {(text || finished > 0) && (
          <div className="s3u-summary-row">
            <p className="s3u-summary-text">
              <strong>
                <bdi>{text}</bdi>
              </strong>
              {totals.active > 0 && <bdi>{messages.progress(totals)}</bdi>}
            </p>
            <div className="s3u-summary-actions">
              {!autoStart && <StartButton uploader={uploader} messages={messages} />}
              {failed.length > 0 && (
                <Button onClick={() => uploader.retry(failed)}>{messages.retryFailed(failed.length)}</Button>
              )}
              {totals.active > counts.processing + storedWaiting(uploader) && (
                <Button onClick={() => uploader.cancel(cancelable(uploader))}>{messages.cancelAll}</Button>
              )}
              {finished > 0 && <Button onClick={uploader.clear}>{messages.clearFinished}</Button>}
            </div>
          </div>
        )}
        {totals.active > 0 && (
          <ProgressBar
            aria-label={messages.overall}
            aria-valuetext={messages.progress(totals)}
            progress={totals}
          />
        )}
      </div>
    )
  })

/** Files that wait with their bytes in S3: like processing ones they cannot be canceled. */
const storedWaiting = (uploader: Uploader): number =>
  uploader.getIds('waiting').filter((id) => {
    const item = uploader.getItem(id)
    return item?.status === 'waiting' && item.stored
  }).length

/** What another try may help; not a file that is gone or the wrong one. */
const retryable = (uploader: Uploader): string[] =>
  uploader.getIds('error').filter((id) => {
    const item = uploader.getItem(id)
    return item && actionsOf(item).includes('retry')
  })

// Failed ones can be canceled too, and would lose the reason that they show.
const cancelable = (uploader: Uploader): string[] =>
  (['queued', 'preparing', 'uploading', 'waiting', 'paused'] as const).flatMap((status) =>
    uploader.getIds(status),
  )

function Button(props: { primary?: boolean; onClick: () => void; children: ReactNode }): ReactNode {
  const { primary = false, onClick, children } = props
  return (
    <button
      type="button"
      className="s3u-button"
      data-variant={primary ? 'primary' : 'quiet'}
      onClick={() => onClick()}
    >
      {children}
    </button>
  )
}

/** Counts what nobody has started: a file that waits for its turn is `queued` too. */
function StartButton({ uploader, messages }: { uploader: Uploader; messages: Messages }): ReactNode {
  const queued = useUploadIds('queued', uploader)
  const [started, setStarted] = useState<ReadonlySet<string>>(() => new Set())
  const pending = queued.filter((id) => !started.has(id))
  if (pending.length === 0) return null
  const start = (): void => {
    setStarted(new Set([...started, ...pending]))
    uploader.start(pending)
  }
  return (
    <Button primary onClick={start}>
      {messages.start(pending.length)}
    </Button>
  )
}
