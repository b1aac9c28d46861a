/** Chromium and Firefox, through Playwright. */
import type { Page } from '@playwright/test'

import { rows } from '../page.ts'
import type { EnginePage } from './engine-page.ts'

/** See the head of this file. */
export function playwrightPage(page: Page): EnginePage {
  page.on('dialog', (dialog) => void dialog.accept())
  const click = (name: string): Promise<void> => page.getByRole('button', { name }).click()
  return {
    goto: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    click,
    async choose(button, paths) {
      const chooser = page.waitForEvent('filechooser')
      await click(button)
      await (await chooser).setFiles([...paths])
    },
    text: () => page.locator('body').innerText(),
    rows: () => rows(page).allTextContents(),
  }
}
