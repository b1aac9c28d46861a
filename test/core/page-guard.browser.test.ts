import { expect, onTestFinished, test, vi } from 'vitest'

import { createPageGuard } from '../../src/core/page-guard.ts'
import { bench, fileOf } from '../support/engine.ts'

/** Does the page ask before it is left? */
const asks = (): boolean => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))

test('asks before the page is left, only while that is needed', () => {
  const guard = createPageGuard()
  expect(asks()).toBe(false)
  guard({ warn: true, wakeLock: false })
  expect(asks()).toBe(true)
  guard({ warn: false, wakeLock: false })
  expect(asks()).toBe(false)
})

test('while files are under way, and not a moment longer; never where the app does not want it', async () => {
  const { uploader, transport } = bench()
  uploader.add(fileOf('a'))
  const sent = await transport.next()
  await vi.waitFor(() => expect(asks()).toBe(true))
  sent.respond()
  await vi.waitFor(() => expect(asks()).toBe(false))

  const quiet = bench({ warnBeforeLeave: false })
  quiet.uploader.add(fileOf('a'))
  await quiet.transport.next()
  expect(asks()).toBe(false)
  quiet.uploader.destroy()
})

test('a destroyed uploader asks nothing any more', async () => {
  const { uploader, transport } = bench()
  uploader.add(fileOf('a'))
  await transport.next()
  await vi.waitFor(() => expect(asks()).toBe(true))
  uploader.destroy()
  await vi.waitFor(() => expect(asks()).toBe(false))
})

test('keeps the screen on, again when the page is seen again, and lets go', async () => {
  const release = vi.fn<() => Promise<void>>(async () => undefined)
  const request = vi.fn<() => Promise<{ release: typeof release }>>(async () => ({ release }))
  vi.stubGlobal('navigator', { wakeLock: { request } })
  onTestFinished(() => void vi.unstubAllGlobals())
  const guard = createPageGuard()
  guard({ warn: false, wakeLock: true })
  guard({ warn: false, wakeLock: true })
  expect(request).toHaveBeenCalledTimes(1)
  document.dispatchEvent(new Event('visibilitychange'))
  expect(request).toHaveBeenCalledTimes(2)
  guard({ warn: false, wakeLock: false })
  await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(1))
  document.dispatchEvent(new Event('visibilitychange'))
  expect(request).toHaveBeenCalledTimes(2)
})

test('a lock that is refused stops nothing', async () => {
  const request = vi.fn<() => Promise<never>>(async () => Promise.reject(new Error('low battery')))
  vi.stubGlobal('navigator', { wakeLock: { request } })
  onTestFinished(() => void vi.unstubAllGlobals())
  const guard = createPageGuard()
  guard({ warn: false, wakeLock: true })
  guard({ warn: false, wakeLock: false })
  await Promise.resolve()
  expect(request).toHaveBeenCalledTimes(1)
})
