'use client'
import type { RefObject } from 'react'
import { useEffect } from 'react'

/** Where the focus was, while the document still knows. */
interface LastFocus {
  element: Element
  row: Element | null
  list: Element | null
  /** Position of the row in its list. */
  index: number
}

const actions = 'button:not([aria-disabled="true"])'

/**
 * Catches the focus when what has it disappears (its row was removed, its button no longer applies): browsers drop
 * it to `<body>`, and a keyboard user begins again at the top of the page. It goes to the row, else to the row that
 * moved up, else to `root`, and where that is empty to the first button of the uploader around it.
 */
export function useFocusKeeper(root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = root.current
    if (!element) return
    let last: LastFocus | undefined

    const onFocusIn = ({ target }: FocusEvent): void => {
      last = target instanceof Element ? placeOf(target) : undefined
    }
    const onFocusOut = ({ target, relatedTarget }: FocusEvent): void => {
      // Some browsers send this for a removed element too; once it is out of the document, it did not go by itself.
      queueMicrotask(() => {
        if (last?.element === target && last.element.isConnected && !relatedTarget) last = undefined
      })
    }
    const observer = new MutationObserver(() => {
      if (!last || last.element.isConnected) return
      const { activeElement } = document
      if (!activeElement || activeElement === document.body) successorOf(last, element).focus()
      else last = undefined
    })
    element.addEventListener('focusin', onFocusIn)
    element.addEventListener('focusout', onFocusOut)
    observer.observe(element, { childList: true, subtree: true })
    return () => {
      element.removeEventListener('focusin', onFocusIn)
      element.removeEventListener('focusout', onFocusOut)
      observer.disconnect()
    }
  }, [root])
}

function placeOf(element: Element): LastFocus {
  const row = element.closest('li')
  const list = row?.parentElement ?? null
  return { element, row, list, index: row && list ? [...list.children].indexOf(row) : -1 }
}

function successorOf({ row, list, index }: LastFocus, root: HTMLElement): HTMLElement {
  // The row or the group itself, not its next button: a second Enter would fall on an action nobody chose.
  if (row instanceof HTMLElement && row.isConnected) return row
  const next = list?.isConnected ? list.children[Math.min(index, list.children.length - 1)] : undefined
  // Of the next row it is the last action, which removes as the one did that was pressed: row after row can go.
  const buttons = next?.querySelectorAll<HTMLElement>(actions)
  if (buttons?.length) return buttons[buttons.length - 1] ?? root
  if (!root.hasAttribute('data-empty')) return root
  return root.closest('[data-s3u-scope]')?.querySelector<HTMLElement>(actions) ?? root
}
