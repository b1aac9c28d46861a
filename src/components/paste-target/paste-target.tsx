'use client'
import type { ForwardRefExoticComponent, HTMLAttributes, RefAttributes } from 'react'
import { forwardRef, useEffect } from 'react'

import { filesFromPaste } from '../../core/index.ts'
import type { Uploader } from '../../core/index.ts'
import type { Messages } from '../../i18n/messages.ts'
import { useUploader } from '../../react/index.ts'
import { useMessages } from '../messages-provider.tsx'
import { classNames } from '../shared/class-names.ts'

/** Props of {@link PasteTarget}; all others go to its element. */
export interface PasteTargetProps extends HTMLAttributes<HTMLDivElement> {
  /** Where files go. Default: the nearest provider's. */
  uploader?: Uploader | undefined
  /**
   * `self`: pastes while the focus is inside it. `document`: pastes anywhere on the page; use it once per page.
   * Default `self`.
   */
  scope?: 'self' | 'document' | undefined
  /** Takes no pastes for now. Default false. */
  disabled?: boolean | undefined
  /** Texts that differ. */
  messages?: Partial<Messages> | undefined
}

/**
 * Takes pasted files and screenshots: around other components, or, without children, as a zone of its own. Pasted
 * text is left alone, and so is whatever is pasted into a text field.
 */
export const PasteTarget: ForwardRefExoticComponent<PasteTargetProps & RefAttributes<HTMLDivElement>> =
  forwardRef(function PasteTarget(props, ref) {
    const { uploader: given, scope = 'self', disabled = false, messages: own, children, ...rest } = props
    const uploader = useUploader(given)
    const messages = useMessages(own)
    const text = disabled ? messages.dropDisabled : messages.pasteHere

    useEffect(() => {
      if (scope !== 'document' || disabled) return
      const onPaste = (event: ClipboardEvent): void => takePaste(event, uploader)
      document.addEventListener('paste', onPaste)
      return () => document.removeEventListener('paste', onPaste)
    }, [scope, disabled, uploader])

    return (
      <div
        // A zone of its own is a stop of the Tab key; around other controls it is only a place to click.
        tabIndex={children ? -1 : 0}
        {...(!children && { role: 'group', 'aria-label': text })}
        {...rest}
        ref={ref}
        className={classNames(children ? 's3u-paste-target' : 's3u-paste-zone', rest.className)}
        data-disabled={disabled || undefined}
        onPaste={(event) => {
          rest.onPaste?.(event)
          if (scope === 'self' && !disabled) takePaste(event.nativeEvent, uploader)
        }}
      >
        {children ?? text}
      </div>
    )
  })

function takePaste(event: ClipboardEvent, uploader: Uploader): void {
  // `defaultPrevented`: a target further inside has it already.
  if (event.defaultPrevented || isTextField(event.composedPath()[0])) return
  const files = filesFromPaste(event.clipboardData)
  if (files.length === 0) return
  event.preventDefault()
  uploader.add(files)
}

// A rich text field takes pictures itself, a plain one takes the text that comes with copied cells or files.
const isTextField = (target: EventTarget | undefined): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea'))
