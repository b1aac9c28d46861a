/** The cases in WebKitGTK: as near to Safari as a machine without macOS gets. */
import { test } from '@playwright/test'

import { findWebKit } from '../../../scripts/browser.mjs'
import { cases } from './cases.ts'
import { runCase } from './run-case.ts'
import { webDriverPage } from './webdriver-page.ts'
import type { WebKit } from './webkit.ts'
import { startWebKit } from './webkit.ts'

const programs = findWebKit()
test.skip(!programs, 'There is no WebKitGTK here.')

let webKit: WebKit | undefined
test.beforeAll(async () => {
  webKit = programs && (await startWebKit(programs))
})
test.afterAll(() => webKit?.stop())

for (const each of cases)
  test(each.title, async () => {
    if (!webKit) throw new Error('WebKitGTK was not started.')
    const session = await webKit.open()
    try {
      await runCase(each, webDriverPage(session))
    } finally {
      await session.end()
    }
  })
