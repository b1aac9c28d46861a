import { afterEach, describe, expect, test, vi } from 'vitest'

import { mayUseHandles, mayUsePickers } from '../../../src/core/sources/file-system-access.ts'
import { pages, stubPage } from './fake-page.ts'

afterEach(() => vi.unstubAllGlobals())

describe('in a browser with the API', () => {
  test.each([
    { page: pages.https, handles: true, pickers: true },
    { page: pages.foreignFrame, handles: true, pickers: false },
    { page: pages.file, handles: true, pickers: true },
    { page: pages.http, handles: false, pickers: false },
    { page: pages.sandboxedFrame, handles: false, pickers: false },
    { page: pages.sandboxedPage, handles: false, pickers: false },
    { page: pages.sandboxedFile, handles: false, pickers: false },
    { page: pages.dataFrame, handles: false, pickers: false },
  ])('$page.title: handles $handles, pickers $pickers', ({ page, handles, pickers }) => {
    stubPage(page)
    vi.stubGlobal('showOpenFilePicker', () => undefined)
    expect(mayUseHandles()).toBe(handles)
    expect(mayUsePickers()).toBe(pickers)
  })
})

test('a browser without showOpenFilePicker has no pickers', () => {
  stubPage(pages.https)
  expect(mayUsePickers()).toBe(false)
})

test('a server has neither handles nor pickers', () => {
  expect(mayUseHandles()).toBe(false)
  expect(mayUsePickers()).toBe(false)
})

test('a runtime that calls itself secure and has no page gets an answer', () => {
  vi.stubGlobal('isSecureContext', true)
  vi.stubGlobal('showOpenFilePicker', () => undefined)
  vi.stubGlobal('origin', 'null')
  expect(mayUseHandles()).toBe(false)
  expect(mayUsePickers()).toBe(false)
})
