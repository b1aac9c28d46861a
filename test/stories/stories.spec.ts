/** Every story of the built Storybook: it renders, its play function passes, axe finds nothing. */
import { expect } from '@playwright/test'

import { addressOf, entries, test } from './built-storybook.ts'
import { endOfStory, listenForEnd } from './story-end.ts'

for (const entry of entries.filter(({ type }) => type === 'story'))
  test(`${entry.title}: ${entry.name}`, async ({ page, storybook, problems }) => {
    await listenForEnd(page)
    await page.goto(storybook + addressOf(entry))
    const end = await endOfStory(page)
    expect(end).toEqual({ status: 'success', complaints: [], violations: [] })
    expect(problems).toEqual([])
  })
