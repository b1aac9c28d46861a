/** The cases in the engines that Playwright drives: Chromium and Firefox. */
import { test } from '@playwright/test'

import { findFirefox } from '../../../scripts/browser.mjs'
import { cases } from './cases.ts'
import { playwrightPage } from './playwright-page.ts'
import { runCase } from './run-case.ts'

test.skip(({ browserName }) => browserName === 'firefox' && !findFirefox(), 'There is no Firefox here.')

for (const each of cases) test(each.title, ({ page }) => runCase(each, playwrightPage(page)))
