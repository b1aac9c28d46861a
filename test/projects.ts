import { storybookTest } from '@storybook/addon-vitest/vitest-plugin'
import { playwright } from '@vitest/browser-playwright'
import type { TestProjectInlineConfiguration } from 'vitest/config'

import { chromiumArguments, findBrowser } from '../scripts/browser.mjs'

// Functions, not constants: Vitest mutates the instances of the browser options it is given.
type BrowserOptions = NonNullable<NonNullable<TestProjectInlineConfiguration['test']>['browser']>

const chromium = (): BrowserOptions => {
  const executablePath = findBrowser()
  return {
    headless: true,
    screenshotFailures: false,
    instances: [{ browser: 'chromium' }],
    provider: playwright({
      launchOptions: { args: chromiumArguments, ...(executablePath && { executablePath }) },
    }),
  }
}

export const projects: TestProjectInlineConfiguration[] = [
  {
    test: { name: 'unit', environment: 'node', include: ['test/**/*.test.{ts,tsx}'], exclude: ['test/e2e/**', 'test/**/*.browser.test.*'] },
  },
  {
    test: {
      name: 'browser',
      include: ['test/**/*.browser.test.{ts,tsx}'],
      browser: { enabled: true, ...chromium() },
    },
  },
  {
    plugins: [storybookTest({ configDir: '.storybook' })],
    test: { name: 'stories', browser: { enabled: true, ...chromium() } },
  },
]
