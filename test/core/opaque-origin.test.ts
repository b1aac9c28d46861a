import { afterEach, expect, test, vi } from 'vitest'

import { createUploader } from '../../src/core/index.ts'
import { hasOpaqueOrigin } from '../../src/core/opaque-origin.ts'
import { scriptedBackend } from '../../src/testing/index.ts'
import { pages, stubPage } from './sources/fake-page.ts'

afterEach(() => vi.unstubAllGlobals())

test.each([
  { page: pages.https, isOpaque: false },
  { page: pages.http, isOpaque: false },
  { page: pages.foreignFrame, isOpaque: false },
  { page: pages.file, isOpaque: false },
  { page: pages.sandboxedFrame, isOpaque: true },
  { page: pages.sandboxedPage, isOpaque: true },
  { page: pages.sandboxedFile, isOpaque: true },
  { page: pages.dataFrame, isOpaque: true },
])('the origin of $page.title is opaque: $isOpaque', ({ page, isOpaque }) => {
  stubPage(page)
  expect(hasOpaqueOrigin()).toBe(isOpaque)
})

test('a server has no opaque origin', () => {
  expect(hasOpaqueOrigin()).toBe(false)
})

test.each([
  { page: pages.https, times: 1 },
  { page: pages.sandboxedFrame, times: 0 },
])('an uploader asks IndexedDB $times times for old uploads, in $page.title', async ({ page, times }) => {
  stubPage(page)
  const databases = vi.fn<() => Promise<unknown>>(async () => [])
  vi.stubGlobal('indexedDB', { databases })
  const uploader = createUploader({ backend: scriptedBackend() })
  expect(await uploader.restore()).toEqual([])
  expect(databases).toHaveBeenCalledTimes(times)
})
