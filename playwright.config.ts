import { defineConfig } from '@playwright/test'

import { chromiumArguments, findBrowser, findFirefox } from './scripts/browser.mjs'

const executablePath = findBrowser()
const firefox = findFirefox()

export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results',
  forbidOnly: Boolean(process.env.CI),
  // Each test file has a demo of its own: two at a time is what two cores carry.
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: { trace: 'off' },
  projects: [
    {
      name: 'chromium',
      testIgnore: 'engines/webkit.spec.ts',
      use: {
        browserName: 'chromium',
        launchOptions: { args: chromiumArguments, ...(executablePath && { executablePath }) },
      },
    },
    {
      name: 'firefox',
      testMatch: 'engines/pages.spec.ts',
      use: {
        browserName: 'firefox',
        // The system's own Firefox, through WebDriver BiDi, instead of Playwright's patched build.
        channel: 'moz-firefox',
        launchOptions: { ...(firefox && { executablePath: firefox }) },
      },
    },
    // Not a browser of Playwright's: the spec drives it itself.
    { name: 'webkit', testMatch: 'engines/webkit.spec.ts' },
  ],
})
