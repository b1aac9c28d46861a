import { cleanup, render } from '@testing-library/react'
import { afterEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'

import '../../src/styles.css'
import { S3Uploader } from '../../src/index.ts'
import { stillUploader } from '../../src/testing/still-uploader.ts'
import { awkwardNames, itemOf, mixedItems, mixedSent, stored } from '../fixtures/items.ts'

afterEach(() => {
  cleanup()
  document.documentElement.removeAttribute('style')
  document.documentElement.dir = ''
})

const items = [
  ...mixedItems,
  ...Object.entries(awkwardNames).map(([id, name]) =>
    itemOf({ status: 'success', stored, result: undefined }, { id, name }),
  ),
]
const rules = { accept: { 'image/*': [], 'application/pdf': ['.pdf'] }, maxSize: 25_000_000, maxFiles: 10 }

/** Text that is cut off, or sticks out of the page. */
function faults(root: Element): string[] {
  const found: string[] = []
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement
    if (!element || !node.textContent?.trim() || element.closest('[role="status"]')) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    for (let box: Element | null = element; box; box = box.parentElement) {
      const clips = getComputedStyle(box).overflowX !== 'visible' || box === document.body
      if (!clips) continue
      const outer = box.getBoundingClientRect()
      for (const inner of range.getClientRects())
        if (inner.left < outer.left - 1 || inner.right > outer.right + 1)
          found.push(`${node.textContent} (by <${box.tagName.toLowerCase()} class="${box.className}">)`)
    }
  }
  return found
}

describe('layout', () => {
  test.each([
    ['320 px', 320, '100%', 'ltr'],
    ['320 px, right to left', 320, '100%', 'rtl'],
    ['640 px, text at 200 %', 640, '200%', 'ltr'],
    ['320 px, text at 200 %', 320, '200%', 'ltr'],
    ['1200 px', 1200, '100%', 'ltr'],
  ])('%s: no horizontal scrolling, no text cut off', async (_name, width, fontSize, dir) => {
    await page.viewport(width, 800)
    document.documentElement.style.fontSize = fontSize
    document.documentElement.dir = dir
    const { container } = render(
      <S3Uploader uploader={stillUploader({ items, progress: mixedSent, rules })} />,
    )
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(document.documentElement.clientWidth)
    expect(faults(container)).toEqual([])
  })

  test('every target is at least 24 px', async () => {
    await page.viewport(320, 800)
    const { container } = render(<S3Uploader uploader={stillUploader({ items, progress: mixedSent })} />)
    const small = [...container.querySelectorAll('button')].filter((button) => {
      const { width, height } = button.getBoundingClientRect()
      // A name in a line of text is as high as its line (2.5.8 excepts those).
      return (width < 24 || height < 24) && !button.matches('.s3u-item-name-toggle')
    })
    expect(small.map(({ textContent, ariaLabel }) => ariaLabel ?? textContent)).toEqual([])
  })

  test('all bars have one length', () => {
    const { container } = render(<S3Uploader uploader={stillUploader({ items, progress: mixedSent })} />)
    const widths = [...container.querySelectorAll('li progress')].map((bar) =>
      Math.round(bar.getBoundingClientRect().width),
    )
    expect(widths.length).toBeGreaterThan(1)
    expect(new Set(widths).size).toBe(1)
  })
})
