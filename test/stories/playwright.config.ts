import { defineConfig } from '@playwright/test'

import { chromiumArguments, findBrowser } from '../../scripts/browser.mjs'

const executablePath = findBrowser()

/** The built Storybook, story by story: `npm run test:stories` builds it first. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../test-results/stories',
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: true,
  workers: 2,
  timeout: 30_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    launchOptions: { args: chromiumArguments, ...(executablePath && { executablePath }) },
  },
})
