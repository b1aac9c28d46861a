'use client'
import type { ButtonHTMLAttributes, ForwardRefExoticComponent, HTMLAttributes, RefAttributes } from 'react'
import { forwardRef } from 'react'

import type { Uploader } from '../../../core/index.ts'
import type { ItemAction } from '../../../i18n/messages.ts'
import { classNames } from '../../shared/class-names.ts'
import { Icon } from '../../shared/icon.tsx'
import { actionsOf } from './actions-of.ts'
import { useRow } from './context.ts'

/** A button of a row. */
export type ActionPart = ForwardRefExoticComponent<
  ButtonHTMLAttributes<HTMLButtonElement> & RefAttributes<HTMLButtonElement>
>

const commands: Readonly<Record<ItemAction, (uploader: Uploader, id: string) => void>> = {
  pause: (uploader, id) => uploader.pause(id),
  resume: (uploader, id) => uploader.resume(id),
  startOver: (uploader, id) => uploader.resume(id),
  cancel: (uploader, id) => uploader.cancel(id),
  retry: (uploader, id) => uploader.retry(id),
  remove: (uploader, id) => uploader.remove(id),
  // The browser asks the user, which it does in a click only.
  continue: (uploader, id) => uploader.resume(id),
  chooseFile: chooseAgain,
}

/** Opens the chooser for the file of an upload that was begun earlier. */
function chooseAgain(uploader: Uploader, id: string): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.addEventListener('change', () => {
    const [file] = input.files ?? []
    if (file) void uploader.attach(id, file)
  })
  input.click()
}

/** A way on is worth a word beside its picture; a way out is not. */
const worded: ReadonlySet<ItemAction> = new Set<ItemAction>([
  'retry',
  'resume',
  'startOver',
  'continue',
  'chooseFile',
])

/**
 * A button for the first of these actions that fits the item now. One button for two actions keeps its place, and the
 * focus, when a cancel becomes a remove. `stays`: shown where none fits, but not to be pressed.
 */
function actionPart(actions: readonly [ItemAction, ...ItemAction[]], stays = false): ActionPart {
  return forwardRef(function UploadListItemAction(props, ref) {
    const { item, uploader, messages } = useRow()
    const fitting = actions.find((action) => actionsOf(item).includes(action))
    if (!fitting && !stays) return null
    const action = fitting ?? actions[0]
    const { label, of } = messages.actions[action]
    return (
      <button
        type="button"
        aria-label={of(item.name)}
        title={worded.has(action) ? undefined : label}
        // Not `disabled`: that would drop the focus.
        aria-disabled={fitting ? undefined : true}
        {...props}
        ref={ref}
        className={classNames('s3u-button', props.className)}
        data-variant={worded.has(action) ? 'quiet' : 'icon'}
        data-action={action}
        onClick={(event) => {
          props.onClick?.(event)
          if (fitting && !event.defaultPrevented) commands[fitting](uploader, item.id)
        }}
      >
        {props.children ?? (
          <>
            <Icon name={action} />
            {worded.has(action) && <span>{label}</span>}
          </>
        )}
      </button>
    )
  })
}

/** Sends the file again, from the step that failed. */
export const Retry: ActionPart = actionPart(['retry'])
/** Stops; only where what was sent is kept. */
export const Pause: ActionPart = actionPart(['pause'])
/** Goes on after a pause; says so where that means from the beginning, or needs the file once more. */
export const Resume: ActionPart = actionPart(['resume', 'startOver', 'continue', 'chooseFile'])
/** Calls the upload off and keeps the row. */
export const Cancel: ActionPart = actionPart(['cancel'])
/** Takes a file that is over off the list. */
export const Remove: ActionPart = actionPart(['remove'])
/** Cancels what is under way, removes what is over: the one cross at a row's end. */
export const Dismiss: ActionPart = actionPart(['cancel', 'remove'], true)

/** All actions that fit; with children, those. */
export const Actions: ForwardRefExoticComponent<
  HTMLAttributes<HTMLDivElement> & RefAttributes<HTMLDivElement>
> = forwardRef(function UploadListItemActions({ children, ...rest }, ref) {
  return (
    <div {...rest} ref={ref} className={classNames('s3u-item-actions', rest.className)}>
      {children ?? (
        <>
          <Retry />
          <Pause />
          <Resume />
          <Dismiss />
        </>
      )}
    </div>
  )
})
