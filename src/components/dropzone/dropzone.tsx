'use client'
import type {
  ChangeEvent,
  DragEvent,
  ForwardRefExoticComponent,
  HTMLAttributes,
  ReactNode,
  RefAttributes,
} from 'react'
import { forwardRef, Fragment, useId, useMemo } from 'react'
import type { DropEvent, DropzoneState } from 'react-dropzone'
import { useDropzone } from 'react-dropzone'

import { dragHasFiles, pickFiles, streamDrop, streamFiles } from '../../core/index.ts'
import type { Accept, UploadRules, Uploader } from '../../core/index.ts'
import type { Messages } from '../../i18n/messages.ts'
import { acceptAttribute, useUploader, useUploadRules } from '../../react/index.ts'
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
  /**
   * Choose files by the File System Access API, where the browser has it (Chromium): then large uploads go on after a
   * reload without choosing the file again, as dropped ones do. Default false.
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

    const zone = useDropzone({
      ...hintOf(rules.accept),
      multiple,
      disabled,
      // No click or key on the zone itself: it holds a real button, and a control within a control confuses
      // assistive technology (axe: nested-interactive). Paste is PasteTarget's.
      noClick: true,
      noKeyboard: true,
      noPaste: true,
      // Only for what it shows while dragging. Files are taken below: it would sort them by rules of its own, and
      // forget a drop of a large folder when the next drop comes before that one is read.
      getFilesFromEvent: async (event) => heldItems(event),
    })
    const { rootRef } = zone
    const mergedRef = useMemo(() => mergeRefs(rootRef, ref), [rootRef, ref])
    const onDrop = ({ dataTransfer, nativeEvent }: DragEvent): void => {
      if (dragHasFiles(dataTransfer)) void uploader.addFrom(streamDrop(nativeEvent)).catch(reportError)
    }
    const onChange = ({ currentTarget }: ChangeEvent<HTMLInputElement>): void => {
      // In batches: a browser looks up each file's size when it is asked for, and thousands are a long task.
      const batches = streamFiles(currentTarget.files) // copied: clearing the input empties its list
      currentTarget.value = '' // so that choosing the same file again is a change
      void uploader.addFrom(batches).catch(reportError)
    }
    const pick = async (): Promise<void> => {
      try {
        uploader.add((await pickFiles({ multiple, ...(rules.accept && { accept: rules.accept }) })).files)
      } catch (error) {
        reportError(error)
      }
    }
    const limits = children ? [] : limitLines(rules, messages)

    return (
      <div
        {...zone.getRootProps({ role: 'group', onDrop })}
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
              <bdi>{titleOf(zone, { disabled, multiple, messages })}</bdi>
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
              if (useFsAccessApi && 'showOpenFilePicker' in globalThis) void pick()
              else zone.open()
            }}
          >
            {messages.chooseFiles(multiple)}
          </button>
          <input
            {...zone.getInputProps({
              accept: acceptAttribute(rules.accept),
              onChange,
              'aria-label': messages.chooseFiles(multiple),
              // One control for one thing, the button: it would be read out twice. (Tab does not stop here.)
              'aria-hidden': true,
            })}
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

/** What is held over the zone. Only types can be seen of it, until it is dropped. */
function heldItems(event: DropEvent | FileSystemFileHandle[]): DataTransferItem[] {
  if (Array.isArray(event)) return [] // the File System Access picker, which is not used
  const native = 'nativeEvent' in event ? event.nativeEvent : event
  if (!(native instanceof DragEvent) || native.type === 'drop') return []
  return [...(native.dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file')
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
