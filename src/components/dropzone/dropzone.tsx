'use client'
import type { ChangeEvent, ForwardRefExoticComponent, HTMLAttributes, ReactNode, RefAttributes } from 'react'
import { forwardRef, Fragment, useId, useMemo, useRef } from 'react'

import { capabilities, pickFiles, streamDrop, streamFiles } from '../../core/index.ts'
import type { FileBatch, UploadRules, Uploader } from '../../core/index.ts'
import type { Messages } from '../../i18n/messages.ts'
import { acceptAttribute, useUploader, useUploadRules } from '../../react/index.ts'
import { useMessages } from '../messages-provider.tsx'
import { classNames } from '../shared/class-names.ts'
import { Icon } from '../shared/icon.tsx'
import { mergeRefs } from '../shared/merge-refs.ts'
import { visuallyHidden } from '../shared/visually-hidden.ts'
import { judgeHeld } from './held.ts'
import { limitLines } from './limits.ts'
import type { FileDrag } from './use-file-drag.ts'
import { useFileDrag } from './use-file-drag.ts'

/** Props of {@link Dropzone}; all others go to its outermost element. */
export interface DropzoneProps extends Omit<HTMLAttributes<HTMLDivElement>, 'onDrop'> {
  /** Where files go. Default: the nearest provider's. */
  uploader?: Uploader | undefined
  /** The limits it shows and hints to the file chooser. Default: the uploader's own. They reject nothing here. */
  rules?: UploadRules | undefined
  /** Takes no files for now; stays reachable by keyboard, so that the focus is not lost. Default false. */
  disabled?: boolean | undefined
  /**
   * Choose files by the File System Access API, where `capabilities().filePicker` is true (Chromium on https): then
   * large uploads resume after a reload without choosing the file again, as dropped ones do. Default false.
   */
  useFsAccessApi?: boolean | undefined
  /** Texts that differ. */
  messages?: Partial<Messages> | undefined
  /** Shown instead of picture, heading and limits. The button stays. */
  children?: ReactNode
}

/**
 * Takes files and folders that are dropped on it, and has a button for everyone who does not drag. It judges
 * nothing: every file goes to the uploader, whose rules decide and give the reason.
 *
 * `data-drag` is `accept`, `reject` (some will be refused), `unknown`, or `page` while files are held over the page
 * but not over the zone.
 */
export const Dropzone: ForwardRefExoticComponent<DropzoneProps & RefAttributes<HTMLDivElement>> = forwardRef(
  function Dropzone(props, ref) {
    const {
      uploader: given,
      rules: shown,
      disabled = false,
      messages: own,
      children,
      useFsAccessApi = false,
      ...rest
    } = props
    const uploader = useUploader(given)
    const messages = useMessages(own)
    const known = useUploadRules(uploader)
    const rules = shown ?? known
    const multiple = rules.maxFiles !== 1
    const id = useId()

    const zone = useRef<HTMLDivElement>(null)
    const input = useRef<HTMLInputElement>(null)
    const mergedRef = useMemo(() => mergeRefs(zone, ref), [ref])
    const drag = useFileDrag(zone, {
      disabled,
      judge: (types) => judgeHeld(types, rules, multiple),
      onDrop: (event) => void uploader.addFrom(streamDrop(event)).catch(reportError),
    })
    const onChange = ({ currentTarget }: ChangeEvent<HTMLInputElement>): void => {
      // In batches: a browser looks up each file's size when it is asked for, and thousands are a long task.
      const batches = streamFiles(currentTarget.files) // copied: clearing the input empties its list
      currentTarget.value = '' // so that choosing the same file again is a change
      void uploader.addFrom(batches).catch(reportError)
    }
    /** As a stream: what could not be read has a row too. */
    async function* picked(): AsyncGenerator<FileBatch, void, undefined> {
      yield await pickFiles({ multiple, ...(rules.accept && { accept: rules.accept }) })
    }
    const pick = (): Promise<unknown> =>
      uploader.addFrom(picked()).catch((error: unknown) => {
        reportError(error)
        // A browser's policy may forbid the picker, for example.
        input.current?.click()
      })
    const limits = children ? [] : limitLines(rules, messages)

    return (
      <div
        {...{
          role: 'group',
          [children ? 'aria-label' : 'aria-labelledby']: children
            ? messages.dropHere(multiple)
            : `${id}title`,
        }}
        {...rest}
        ref={mergedRef}
        className={classNames('s3u-dropzone', rest.className)}
        data-drag={drag}
        data-disabled={disabled || undefined}
      >
        {children ?? (
          <>
            <span className="s3u-dropzone-picture">
              <Icon name="upload" />
            </span>
            <p className="s3u-dropzone-title" id={`${id}title`}>
              <bdi>{titleOf(drag, { disabled, multiple, messages })}</bdi>
            </p>
          </>
        )}
        <div>
          <button
            type="button"
            className="s3u-button"
            data-variant="primary"
            aria-disabled={disabled || undefined}
            aria-describedby={limits.length ? `${id}limits` : undefined}
            onClick={() => {
              if (disabled) return
              if (useFsAccessApi && capabilities().filePicker) void pick()
              else input.current?.click()
            }}
          >
            {messages.chooseFiles(multiple)}
          </button>
          <input
            ref={input}
            type="file"
            style={visuallyHidden}
            accept={acceptAttribute(rules.accept)}
            multiple={multiple}
            aria-label={messages.chooseFiles(multiple)}
            // One control for one thing, the button: it would be read out twice, and be a second stop of the Tab key.
            aria-hidden
            tabIndex={-1}
            onChange={onChange}
          />
        </div>
        {limits.length > 0 && (
          <p className="s3u-dropzone-limits" id={`${id}limits`}>
            {limits.map((limit, index) => (
              <Fragment key={limit}>
                {index > 0 && ' · '}
                <span>{limit}</span>
              </Fragment>
            ))}
          </p>
        )}
      </div>
    )
  },
)

function titleOf(
  drag: FileDrag,
  { disabled, multiple, messages }: { disabled: boolean; multiple: boolean; messages: Messages },
): string {
  if (disabled) return messages.dropDisabled
  if (drag === 'reject') return messages.dropMixed
  return drag === 'accept' || drag === 'unknown' ? messages.dropNow : messages.dropHere(multiple)
}
