/** The Storybook that `npm run build-storybook` has built, and a server for it in each worker. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { test as base } from '@playwright/test'
import type { BrowserContext } from '@playwright/test'

import { serveFolder } from './static-server.ts'

const folder = fileURLToPath(new URL('../../dist-storybook', import.meta.url))

/** A story, or a component's docs page. */
export interface Entry {
  readonly id: string
  readonly type: 'story' | 'docs'
  readonly title: string
  readonly name: string
}

/** All that the build has. */
export const entries: readonly Entry[] = readEntries()

function readEntries(): Entry[] {
  const index: { entries: Record<string, Entry> } = JSON.parse(readFileSync(`${folder}/index.json`, 'utf8'))
  return Object.values(index.entries)
}

interface OfTest {
  /** Errors that the page has shown so far, and what it has asked of other servers. */
  problems: string[]
}

interface OfWorker {
  /** The address, under a path as on a shared host. */
  storybook: string
  /** A browser whose caches all tests of a worker share, since they load the same scripts. */
  shared: BrowserContext
}

/** A test of a page of the built Storybook. */
export const test = base.extend<OfTest, OfWorker>({
  storybook: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from this pattern
    async ({}, provide) => {
      const server = await serveFolder(folder, '/a/folder/')
      await provide(server.url)
      await server.close()
    },
    { scope: 'worker' },
  ],
  shared: [
    async ({ browser }, provide) => {
      const context = await browser.newContext({ viewport: { width: 1024, height: 768 } })
      await provide(context)
      await context.close()
    },
    { scope: 'worker' },
  ],
  async page({ shared }, provide) {
    const page = await shared.newPage()
    await provide(page)
    await page.close()
  },
  async problems({ page, storybook }, provide) {
    const problems: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(`console: ${message.text()} (${message.location().url})`)
    })
    page.on('pageerror', (error) => problems.push(`page: ${String(error)}`))
    page.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(storybook) && !/^(data|blob):/.test(url)) problems.push(`request to ${url}`)
    })
    await provide(problems)
  },
})

/** The address of an entry without Storybook's frame around it. */
export const addressOf = ({ id, type }: Entry): string => `iframe.html?id=${id}&viewMode=${type}`
