/** Play functions wait until a story listens, since React runs effects after it has drawn. */
import type { HTMLAttributes, ReactNode } from 'react'
import { useEffect, useRef } from 'react'

/** The frame of a story. It has `data-listening` once all effects of the story have run. */
export function StoryFrame(props: HTMLAttributes<HTMLDivElement>): ReactNode {
  const frame = useRef<HTMLDivElement>(null)
  // An element's effects run after those of its children.
  useEffect(() => frame.current?.setAttribute('data-listening', ''), [])
  return <div {...props} ref={frame} className="story" />
}

/** Resolves when the story in this element listens, or has failed to render. */
export function whenListening(canvas: HTMLElement): Promise<void> {
  const isPending = (): boolean => canvas.querySelector('.story:not([data-listening])') !== null
  return new Promise((resolve) => {
    const observer = new MutationObserver(() => check())
    const check = (): void => {
      if (isPending()) return
      observer.disconnect()
      resolve()
    }
    observer.observe(canvas, { subtree: true, childList: true, attributeFilter: ['data-listening'] })
    check()
  })
}
