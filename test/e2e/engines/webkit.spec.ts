/** The cases in WebKitGTK: as near to Safari as a machine without macOS gets. */
import { test } from '@playwright/test'

import { findWebKit } from '../../../scripts/browser.mjs'
import { cases } from './cases.ts'
import type { EngineCase } from './run-case.ts'
import { runCase } from './run-case.ts'
import { webDriverPage } from './webdriver-page.ts'
import { DriverLost } from './webdriver.ts'
import type { WebKit } from './webkit.ts'
import { startWebKit } from './webkit.ts'

const programs = findWebKit()
test.skip(!programs, 'There is no WebKitGTK here.')

let webKit: WebKit | undefined
test.beforeAll(async () => {
  webKit = programs && (await startWebKit(programs))
})
test.afterAll(() => webKit?.stop())

// The driver has been seen to hang, once in some 150 cases: then the case is run once more, with a new one. What a case
// expects and does not find fails it at once.
for (const each of cases)
  test(each.title, async () => {
    test.slow()
    try {
      await drive(each)
    } catch (error) {
      if (!(error instanceof DriverLost) || !programs) throw error
      await webKit?.stop()
      webKit = await startWebKit(programs)
      await drive(each)
    }
  })

async function drive(each: EngineCase): Promise<void> {
  if (!webKit) throw new Error('WebKitGTK was not started.')
  const session = await webKit.open()
  try {
    await runCase(each, webDriverPage(session))
  } finally {
    // Where the driver is gone, so is its browser.
    await session.end().catch(() => undefined)
  }
}
