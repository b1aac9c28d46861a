/** Narrow screens and large text: nothing is cut off, nothing needs a sideways scroll. */
import type { Page } from '@playwright/test'
import { expect, test } from '@playwright/test'

import type { DemoProcess } from './demo-process.ts'
import { startDemo } from './demo-process.ts'
import { allUploaded, choose, fileOf, rows } from './page.ts'

let demo: DemoProcess
test.beforeAll(async () => {
  demo = await startDemo(['--max-size', '1000000'])
})
test.afterAll(() => demo.stop())

/** Elements whose text is wider or higher than they are, but those that say so themselves (a full name is reachable). */
const clipped = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const texts = [...document.body.querySelectorAll('*')].filter((element) => {
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim())
      const { overflowX, overflowY, clipPath, position, textOverflow } = getComputedStyle(element)
      const hidesAway = clipPath !== 'none' || (position === 'absolute' && element.clientWidth <= 1)
      const hides = overflowX !== 'visible' || overflowY !== 'visible'
      if (!hasText || hidesAway || !hides || textOverflow === 'ellipsis') return false
      return element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1
    })
    return texts.map((element) => element.outerHTML.slice(0, 200))
  })

const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

for (const { title, width, fontSize } of [
  { title: '320 px wide', width: 320, fontSize: '100%' },
  { title: 'text at 200 %', width: 640, fontSize: '200%' },
  { title: '320 px wide with text at 200 %', width: 320, fontSize: '200%' },
])
  test(title, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 })
    await page.goto(demo.page)
    await page.addStyleTag({ content: `:root { font-size: ${fontSize} }` })
    const files = [
      fileOf('a-really-long-name-without-any-space-that-goes-on-and-on-and-on-2026-11-20.txt', 10),
      fileOf('short.txt', 10),
      fileOf('too-large.bin', 1_000_001),
    ]
    await choose(page, files)
    await allUploaded(page, 2)
    await expect(rows(page)).toHaveCount(3)
    expect(await sideways(page)).toBe(0)
    expect(await clipped(page)).toEqual([])
  })
