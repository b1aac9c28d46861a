'use client'
import type { RefObject } from 'react'
import { useEffect, useRef, useState } from 'react'

import { dragHasFiles } from '../../core/index.ts'

/** What is held, as far as it can be seen: `unknown` where the browser tells no types (WebKit). */
export type HeldFiles = 'accept' | 'reject' | 'unknown'
/** Where files are held: over the zone, or over the rest of the page. */
export type FileDrag = HeldFiles | 'page' | undefined

/** What a zone does with a drag. */
export interface FileDragOptions {
  /** Takes nothing for now. */
  disabled: boolean
  /** May these be dropped? Only types can be seen of them. */
  judge: (types: readonly string[]) => Promise<HeldFiles>
  /** Called in the event, while the drag's data can be read. */
  onDrop: (event: DragEvent) => void
}

/**
 * Follows files that are dragged over the page. While it is mounted, a drop that misses does not make the browser leave
 * the page for the file; what other zones, file inputs and text fields do with a drag is left to them.
 */
export function useFileDrag(zone: RefObject<HTMLElement | null>, options: FileDragOptions): FileDrag {
  const [drag, setDrag] = useState<FileDrag>()
  const latest = useRef(options)
  useEffect(() => {
    latest.current = options
  })

  useEffect(() => {
    const element = zone.current
    if (!element) return
    /** Entering an element comes before leaving the one around it: the one entered last is where the drag is. */
    let over: EventTarget | undefined
    const follow = (event: DragEvent): void => {
      const [target] = event.composedPath()
      if (event.type === 'dragenter') {
        if (!dragHasFiles(event.dataTransfer)) return
        over = target
        if (event.composedPath().includes(element)) void show(event)
        else setDrag('page')
      } else if (event.type === 'drop' || over === target) {
        over = undefined
        setDrag(undefined)
      }
    }
    const show = async ({ dataTransfer }: DragEvent): Promise<void> => {
      const here = over
      const held = [...(dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file')
      // From one part of the zone into another it stays as it is.
      setDrag((before) => (before && before !== 'page' ? before : 'unknown'))
      if (held.length === 0) return
      const verdict = await latest.current.judge(held.map(({ type }) => type))
      if (over === here) setDrag(verdict)
    }
    const guard = (event: DragEvent): void => {
      const path = event.composedPath()
      if (event.defaultPrevented || !dragHasFiles(event.dataTransfer) || path.some(takesFiles)) return
      event.preventDefault()
      const isHere = path.includes(element) && !latest.current.disabled
      if (event.dataTransfer) event.dataTransfer.dropEffect = isHere ? 'copy' : 'none'
      if (isHere && event.type === 'drop') latest.current.onDrop(event)
    }
    const listeners = new AbortController()
    const { signal } = listeners
    // In the capture phase: the page may stop these events, and the zone would stay as it is.
    for (const type of ['dragenter', 'dragleave', 'drop'] as const)
      document.addEventListener(type, follow, { capture: true, signal })
    for (const type of ['dragenter', 'dragover', 'drop'] as const) {
      element.addEventListener(type, guard, { signal })
      document.addEventListener(type, guard, { signal })
    }
    return () => listeners.abort()
  }, [zone])

  return options.disabled ? undefined : drag
}

/** A file input takes a drop by itself. */
const takesFiles = (target: EventTarget): boolean =>
  target instanceof HTMLInputElement && target.type === 'file'
