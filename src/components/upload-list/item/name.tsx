'use client'
import type { ForwardRefExoticComponent, HTMLAttributes, RefAttributes } from 'react'
import { forwardRef, useState } from 'react'

import { classNames } from '../../shared/class-names.ts'
import { useRow } from './context.ts'
import { plainName, shortName } from './short-name.ts'

/**
 * The file's name. A very long one loses its middle, never its extension, and is a button that shows it whole: a
 * tooltip alone would be out of reach for keyboard and touch.
 */
export const Name: ForwardRefExoticComponent<HTMLAttributes<HTMLElement> & RefAttributes<HTMLElement>> =
  forwardRef(function UploadListItemName(props, ref) {
    const { item } = useRow()
    const [whole, setWhole] = useState(false)
    const name = plainName(item.name)
    const short = shortName(name)
    // Isolated: a right-to-left name must not carry the text around it along.
    const text = <bdi>{whole ? name : short}</bdi>

    return (
      <span {...props} ref={ref} className={classNames('s3u-item-name', props.className)}>
        {short === name ? (
          text
        ) : (
          <button
            type="button"
            className="s3u-item-name-toggle"
            aria-expanded={whole}
            title={name}
            onClick={() => setWhole(!whole)}
          >
            {text}
          </button>
        )}
      </span>
    )
  })
