/** The browser's process is killed in the middle of an upload, and started again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Browser, Page } from '@playwright/test'
import { chromium, expect, test } from '@playwright/test'

import { chromiumArguments, findBrowser } from '../../scripts/browser.mjs'
import { diskFile, startFaultyStore } from './faulty-store.ts'
import { allUploaded, rows } from './page.ts'

const mebibyte = 1024 ** 2

/** A browser with a profile on the disk, whose process a test may kill. */
async function startBrowser(
  profile: string,
): Promise<{ page: Page; browser: Browser; kill: () => Promise<void> }> {
  const executablePath = findBrowser()
  const context = await chromium.launchPersistentContext(profile, {
    args: chromiumArguments,
    ...(executablePath && { executablePath }),
  })
  const browser = context.browser()
  if (!browser) throw new Error('The browser has no process to kill.')
  const client = await browser.newBrowserCDPSession()
  const { processInfo } = await client.send('SystemInfo.getProcessInfo')
  const main = processInfo.find(({ type }) => type === 'browser')
  const gone = new Promise<void>((resolve) => context.once('close', () => resolve()))
  return {
    page: context.pages()[0] ?? (await context.newPage()),
    browser,
    async kill() {
      if (!main) throw new Error('The browser does not say which process it is.')
      process.kill(main.id, 'SIGKILL')
      await gone
    },
  }
}

test('what S3 has is not sent again after a crash', async () => {
  const profile = mkdtempSync(join(tmpdir(), 's3-upload-kit-profile-'))
  const store = await startFaultyStore(['--multipart-from', String(6 * mebibyte)])
  const file = await diskFile('crashed.bin', 96)
  const choose = async (page: Page, button: string): Promise<void> => {
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: button }).click()
    await (await chooser).setFiles(file.path)
  }
  const parts = (): number => store.sent('UploadPart').filter(({ status }) => status === 200).length
  try {
    store.s3.faults.add({ fault: { type: 'bandwidth', bytesPerSecond: 16 * mebibyte }, on: 'UploadPart' })
    const first = await startBrowser(profile)
    await first.page.goto(`${store.demo.page}?concurrency=1`)
    await choose(first.page, 'Choose files')
    await expect.poll(parts).toBeGreaterThan(1)
    await first.kill()
    store.s3.faults.clear()
    const stored = parts()
    store.s3.clearLog()

    const second = await startBrowser(profile)
    await second.page.goto(store.demo.page)
    await expect(rows(second.page, file.name)).toContainText('Choose the same file again')
    await choose(second.page, 'Choose file crashed.bin again')
    await allUploaded(second.page, 1)
    expect(await store.stored()).toEqual({ sha256: [file.sha256], open: 0 })
    const sent = store.sent('UploadPart').reduce((sum, { bytesReceived }) => sum + bytesReceived, 0)
    expect(sent).toBe(file.size - stored * 16 * mebibyte)
    await second.browser.close()
  } finally {
    file.remove()
    await store.stop()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
})
