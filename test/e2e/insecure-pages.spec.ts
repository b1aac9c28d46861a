/** Pages that are no secure context, and pages and frames of an opaque origin: uploads work there like anywhere. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import type { Page } from '@playwright/test'
import { expect, test } from '@playwright/test'

import { chromiumArguments, findBrowser } from '../../scripts/browser.mjs'
import { cases } from './engines/cases.ts'
import { playwrightPage } from './engines/playwright-page.ts'
import { digestsOf, runCase } from './engines/run-case.ts'
import type { FaultyStore } from './faulty-store.ts'
import { startFaultyStore } from './faulty-store.ts'
import type { OpenHost } from './open-host.ts'
import { framed, startOpenHost } from './open-host.ts'
import { allUploaded, dropFromDisk, fileOf, rows } from './page.ts'

const executablePath = findBrowser()
test.use({
  launchOptions: {
    // A name that is no loopback name: its pages are no secure context, as on a LAN.
    args: [...chromiumArguments, '--host-resolver-rules=MAP app.test 127.0.0.1'],
    ...(executablePath && { executablePath }),
  },
})

const byName = (url: string): string => url.replace('//127.0.0.1:', '//app.test:')

test.describe('a drop of a file and a folder', () => {
  let store: FaultyStore
  let host: OpenHost
  const folder = mkdtempSync(join(tmpdir(), 's3-upload-kit-insecure-'))
  const files = [fileOf('dropped.bin', 2_000_000), fileOf('inner.txt', 10), fileOf('large.bin', 7_000_000)]
  const paths = ['dropped.bin', 'folder', 'large.bin'].map((name) => join(folder, name))

  test.beforeAll(async () => {
    // The large file goes in parts: it is remembered in IndexedDB and locked, where a page may do so.
    store = await startFaultyStore(['--multipart-from', '6000000'])
    host = await startOpenHost(store.demo)
    mkdirSync(join(folder, 'folder'))
    for (const { name, buffer } of files)
      writeFileSync(join(folder, name === 'inner.txt' ? 'folder' : '', name), buffer)
    writeFileSync(join(folder, 'page.html'), host.html)
    writeFileSync(join(folder, 'frame.html'), framed('sandbox="allow-scripts" src="page.html"'))
  })
  test.afterAll(async () => {
    await host.close()
    await store.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const fileUrl = (name: string): string => pathToFileURL(join(folder, name)).href

  for (const { title, url, asked } of [
    { title: 'on loopback', url: () => host.page, asked: 3 },
    { title: 'on a file: page', url: () => fileUrl('page.html'), asked: 3 },
    { title: 'on a plain-http page', url: () => byName(store.demo.page), asked: 0 },
  ])
    test(`uploads all files ${title}, having asked for ${asked} handles`, async ({ page }) => {
      const seen = await watch(page)
      await page.goto(url())
      await seen.orCrash(dropFromDisk(page, paths))
      await seen.orCrash(allUploaded(page, 3))
      expect(new Set((await store.stored()).sha256)).toEqual(new Set(digestsOf(files)))
      await expect(page.locator('html')).toHaveAttribute('data-asked', String(asked))
      expect(seen.errors).toEqual([])
    })

  for (const { title, url, isFramed = true } of [
    { title: 'on a page that its own policy sandboxes', url: () => host.sandboxedPage, isFramed: false },
    { title: 'in a sandboxed frame', url: () => host.sandboxedFrame },
    { title: 'in a sandboxed frame on a plain-http page', url: () => byName(host.sandboxedFrame) },
    { title: 'in a sandboxed frame of a file: page', url: () => fileUrl('frame.html') },
    { title: 'in a data: frame', url: () => host.dataFrame },
  ])
    test(`uploads the files ${title} and reports no errors`, async ({ page }) => {
      const seen = await watch(page)
      await page.goto(url())
      const place = isFramed ? page.frameLocator('iframe') : page
      await seen.orCrash(dropFromDisk(page, paths, place))
      await seen.orCrash(allUploaded(place, 2))
      // Chromium 156 refuses to read any entry in an opaque origin (EncodingError), and a folder without its entry is lost.
      await expect(rows(place, 'folder')).toContainText('Failed')
      const digests = digestsOf(files.filter(({ name }) => name !== 'inner.txt'))
      expect((await store.stored()).sha256).toEqual(expect.arrayContaining(digests))
      await expect(place.locator('html')).toHaveAttribute('data-asked', '0')
      expect(seen.errors).toEqual([])
    })
})

test.describe('on a plain-http page', () => {
  for (const each of cases.filter(({ isSecure = false }) => !isSecure))
    test(each.title, async ({ page }) => {
      const driven = playwrightPage(page)
      await runCase(each, { ...driven, goto: (url) => driven.goto(byName(url)) })
    })
})

interface Watch {
  /** Rejects instead of waiting when the page's process is killed. */
  orCrash: <Value>(work: Promise<Value>) => Promise<Value>
  /** Uncaught errors of the page and its frames. */
  readonly errors: readonly string[]
}

/** Watches a page, which writes on each document how many dropped items were asked for their handles. */
async function watch(page: Page): Promise<Watch> {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  const crashed = new Promise<never>((_, reject) => {
    page.once('crash', () => reject(new Error('The drop killed the page.')))
  })
  crashed.catch(() => undefined)
  await page.addInitScript(countHandles)
  return { errors, orCrash: (work) => Promise.race([work, crashed]) }
}

function countHandles(): void {
  let asked = 0
  const show = (): void => document.documentElement.setAttribute('data-asked', String(asked))
  const { prototype } = DataTransferItem
  const method: unknown = Reflect.get(prototype, 'getAsFileSystemHandle')
  if (typeof method !== 'function') return
  Reflect.set(prototype, 'getAsFileSystemHandle', function ask(this: DataTransferItem): unknown {
    asked += 1
    show()
    return Reflect.apply(method, this, [])
  })
  document.addEventListener('DOMContentLoaded', show)
}
