/** The docs pages of the built Storybook, and its frame. */
import { expect } from '@playwright/test'
import type { Page } from '@playwright/test'

import * as door from '../../src/index.ts'
import { addressOf, entries, test } from './built-storybook.ts'

/** Names of the kit's components, as JSX writes them. */
const components = new Set([
  ...Object.keys(door).filter((name) => /^[A-Z]/.test(name)),
  ...Object.keys(door.UploadListItem).map((part) => `UploadListItem.${part}`),
])

/** The code of each story on the page, in order. */
async function shownCode(page: Page, count: number): Promise<string[]> {
  const previews = page.locator('.sb-anchor')
  await expect(previews).toHaveCount(count)
  for (const preview of await previews.all()) {
    await preview.getByRole('switch', { name: 'Show code' }).click()
    await expect(preview.locator('pre')).toContainText('<')
  }
  return previews.locator('pre').allInnerTexts()
}

/** Tags that are neither HTML nor components of the kit. */
function strangeTags(page: Page, code: string): Promise<string[]> {
  const tags = [...code.matchAll(/<([a-z][\w.]*)/gi)].map(([, tag = '']) => tag)
  const strange = tags.filter((tag) => !components.has(tag))
  return page.evaluate(
    (names) => names.filter((name) => document.createElement(name) instanceof HTMLUnknownElement),
    strange,
  )
}

for (const entry of entries.filter(({ type }) => type === 'docs'))
  test(`${entry.title}: "Show code" shows what an app would write`, async ({ page, storybook, problems }) => {
    const stories = entries.filter(({ type, title }) => type === 'story' && title === entry.title).length
    await page.goto(storybook + addressOf(entry))
    // The first story is shown once more above the table, unless it is the only one.
    const shown = await shownCode(page, stories === 1 ? 1 : stories + 1)
    for (const code of shown) {
      expect(await strangeTags(page, code), code).toEqual([])
      expect(code).toContain(`<${entry.title}`)
      // Internals of a story: its fixtures, its play function, functions with the names that a build gave them.
      expect(code).not.toMatch(/\b(function|uploader|render|play|meta)\b|=>\s*\{/)
      expect(code.split('\n').length, code).toBeLessThan(20)
    }
    expect(problems).toEqual([])
  })

test('the frame shows a story and its sidebar under a path of a host', async ({
  page,
  storybook,
  problems,
}) => {
  await page.goto(`${storybook}?path=/story/dropzone--idle`)
  await expect(page.getByRole('link', { name: 'With Limits' })).toBeVisible()
  const story = page.frameLocator('iframe[title="storybook-preview-iframe"]')
  await expect(story.getByRole('button', { name: 'Choose files' })).toBeVisible()
  expect(problems).toEqual([])
})
