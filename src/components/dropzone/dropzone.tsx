'use client'
import type { ForwardRefExoticComponent, HTMLAttributes, ReactNode, RefAttributes } from 'react'
import { forwardRef, useId, useMemo } from 'react'
import type { DropEvent, DropzoneState } from 'react-dropzone'
import { useDropzone } from 'react-dropzone'

import { filesFromDrop } from '../../core/index.ts'
import type { Accept, UploadRules, Uploader } from '../../core/index.ts'
import type { Messages } from '../../i18n/messages.ts'
import { acceptAttribute, useUploader } from '../../react/index.ts'
import { useMessages } from '../messages-provider.tsx'
import { classNames } from '../shared/class-names.ts'
import { Icon } from '../shared/icon.tsx'
import { mergeRefs } from '../shared/merge-refs.ts'
import { limitLines } from './limits.ts'

/** Props of {@link Dropzone}; all others go to its outermost element. */
export interface DropzoneProps extends Omit<HTMLAttributes<HTMLDivElement>, 'onDrop'> {
  /** Where files go. Default: the nearest provider's. */
  uploader?: Uploader | undefined
  /** The limits it shows and hints to the file chooser. Default: the uploader's own. They reject nothing here. */
  rules?: UploadRules | undefined
  /** Takes no files for now; stays reachable by keyboard, so that the focus is not lost. Default false. */
  disabled?: boolean | undefined
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
    const { uploader: given, rules: shown, disabled = false, messages: own, children, ...rest } = props
    const uploader = useUploader(given)
    const messages = useMessages(own)
    const rules = shown ?? uploader.getRules()
    const multiple = rules.maxFiles !== 1
    const id = useId()

    const zone = useDropzone({
      ...hintOf(rules.accept),
      multiple,
      disabled,
      // No click or key on the zone itself: it holds a real button, and a control within a control confuses
      // assistive technology (axe: nested-interactive). Paste is PasteTarget's.
      noClick: true,
      noKeyboard: true,
      noPaste: true,
      getFilesFromEvent: (event) => takeFiles(event, uploader),
    })
    const { rootRef } = zone
    const mergedRef = useMemo(() => mergeRefs(rootRef, ref), [rootRef, ref])
    const limits = limitLines(rules, messages).join(' · ')

    return (
      <div
        {...zone.getRootProps({ role: 'group' })}
        {...(children ? { 'aria-label': messages.dropHere(multiple) } : { 'aria-labelledby': `${id}title` })}
        {...rest}
        ref={mergedRef}
        className={classNames('s3u-dropzone', rest.className)}
        data-drag={dragOf(zone)}
        data-disabled={disabled || undefined}
      >
        {children ?? (
          <>
            <span className="s3u-dropzone-picture">
              <Icon name="upload" />
            </span>
            <p className="s3u-dropzone-title" id={`${id}title`}>
              {titleOf(zone, { disabled, multiple, messages })}
            </p>
          </>
        )}
        <button
          type="button"
          className="s3u-button"
          data-variant="primary"
          aria-disabled={disabled || undefined}
          aria-describedby={limits && !children ? `${id}limits` : undefined}
          onClick={() => !disabled && zone.open()}
        >
          {messages.chooseFiles(multiple)}
        </button>
        <input
          {...zone.getInputProps({
            accept: acceptAttribute(rules.accept),
            'aria-label': messages.chooseFiles(multiple),
            // One control for one thing, the button: it would be read out twice. (Tab does not stop here.)
            'aria-hidden': true,
          })}
        />
        {limits && !children && (
          <p className="s3u-dropzone-limits" id={`${id}limits`}>
            {limits}
          </p>
        )}
      </div>
    )
  },
)

/**
 * Hands files over as they are read and tells react-dropzone that there were none: it would sort them by rules of its
 * own, and forget a drop of a large folder when the next one comes before it is read.
 */
async function takeFiles(
  event: DropEvent | FileSystemFileHandle[],
  uploader: Uploader,
): Promise<DataTransferItem[]> {
  if (Array.isArray(event)) return [] // the File System Access picker, which is not used
  const native = 'nativeEvent' in event ? event.nativeEvent : event
  if (native instanceof DragEvent) {
    if (native.type === 'drop') uploader.add(await filesFromDrop(native))
    // While dragging, there are only types to look at.
    else return [...(native.dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file')
  } else if (native.target instanceof HTMLInputElement && native.target.files) {
    const files = [...native.target.files] // copied: clearing the input empties its list
    native.target.value = '' // so that choosing the same file again is a change
    uploader.add(files)
  }
  return []
}

/** react-dropzone warns of keys and extensions that our rules take (`'.pdf': []`, `'image/*': ['png']`): no hint then. */
function hintOf(accept: Accept | undefined): { accept?: Accept } {
  const plain = Object.entries(accept ?? {}).every(
    ([type, extensions]) => type.includes('/') && extensions.every((extension) => extension.startsWith('.')),
  )
  return accept && plain ? { accept } : {}
}

function dragOf(zone: DropzoneState): string | undefined {
  if (zone.isDragReject) return 'reject'
  if (zone.isDragAccept) return 'accept'
  if (zone.isDragActive) return 'unknown'
  return zone.isDragGlobal ? 'page' : undefined
}

function titleOf(
  zone: DropzoneState,
  { disabled, multiple, messages }: { disabled: boolean; multiple: boolean; messages: Messages },
): string {
  if (disabled) return messages.dropDisabled
  if (zone.isDragReject) return messages.dropMixed
  return zone.isDragActive ? messages.dropNow : messages.dropHere(multiple)
}
