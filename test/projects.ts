import { createRequire } from 'node:module'
import { dirname } from 'node:path'

import { playwright } from '@vitest/browser-playwright'
import type { UserConfig } from 'vite'
import type { TestProjectInlineConfiguration } from 'vitest/config'

import { chromiumArguments, findBrowser } from '../scripts/browser.mjs'
import { httpSink } from './support/http-sink.ts'

// Functions, not constants: Vitest mutates the instances of the browser options it is given.
type BrowserOptions = NonNullable<NonNullable<TestProjectInlineConfiguration['test']>['browser']>

const chromium = (): BrowserOptions => {
  const executablePath = findBrowser()
  return {
    enabled: true,
    headless: true,
    screenshotFailures: false,
    instances: [{ browser: 'chromium' }],
    provider: playwright({
      launchOptions: { args: chromiumArguments, ...(executablePath && { executablePath }) },
    }),
  }
}

/** REACT=18 runs the component tests on the oldest React that is supported, from its own workspace. */
const react18 = (): UserConfig => {
  if (process.env.REACT !== '18') return {}
  const { resolve } = createRequire(new URL('react-18/package.json', import.meta.url))
  const folder = (name: string): string => dirname(resolve(`${name}/package.json`))
  return {
    cacheDir: 'node_modules/.vite-react-18',
    resolve: { alias: { react: folder('react'), 'react-dom': folder('react-dom') } },
  }
}

/** Tests wait for states. On a busy machine, or one that was paused, a state may come late. */
const patience = { testTimeout: 30_000, hookTimeout: 120_000 }

const factories: Readonly<Record<string, () => TestProjectInlineConfiguration>> = {
  unit: () => ({
    test: {
      ...patience,
      environment: 'node',
      include: ['test/**/*.test.{ts,tsx}'],
      exclude: ['test/e2e/**', 'test/package/**', 'test/rgw/**', 'test/**/*.browser.test.*'],
    },
  }),
  browser: () => ({
    ...react18(),
    plugins: [httpSink()],
    // Found only while tests run, they would make Vite reload the page in the middle.
    optimizeDeps: {
      include: ['hash-wasm', 'idb-keyval', '@tanstack/react-query', 'react-dom/client', 'react-dom/server'],
    },
    test: {
      include: ['test/**/*.browser.test.{ts,tsx}'],
      browser: chromium(),
      env: { REACT_MAJOR: process.env.REACT ?? '19' },
    },
  }),
  package: () => ({ test: { ...patience, environment: 'node', include: ['test/package/*.test.ts'] } }),
  rgw: () => ({
    test: {
      environment: 'node',
      ...patience,
      include: ['test/rgw/*.test.ts'],
      globalSetup: ['test/rgw/global-setup.ts'],
    },
  }),
}

// Making a project starts its tools (a look for the browser): only those that will run are made.
const named = process.argv.flatMap((arg, at, all) => (all[at - 1] === '--project' ? [arg] : []))

export const projects: TestProjectInlineConfiguration[] = Object.entries(factories)
  .filter(([name]) => named.length === 0 || named.includes(name))
  .map(([name, make]) => {
    const project = make()
    return { ...project, test: { ...project.test, name } }
  })
