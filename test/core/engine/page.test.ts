/** What the page does while files are under way follows the options of the moment. */
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'

import { bench, fileOf, loadChunks, quiet } from '../../support/engine.ts'

beforeAll(loadChunks)

test('its warning and its wake lock can be changed while files are under way, and ask for nothing before', async () => {
  const page = new EventTarget()
  const asks = (): boolean => !page.dispatchEvent(new Event('beforeunload', { cancelable: true }))
  const request = vi.fn<() => Promise<object>>(async () => ({ release: async () => undefined }))
  vi.stubGlobal('window', page)
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }))
  vi.stubGlobal('navigator', { wakeLock: { request } })
  onTestFinished(() => void vi.unstubAllGlobals())
  const { uploader, transport } = bench({ wakeLock: true })
  uploader.setOptions({ wakeLock: false })
  uploader.add(fileOf('a'))
  const sent = await transport.next()
  await vi.waitFor(() => expect(asks()).toBe(true))
  uploader.setOptions({ warnBeforeLeave: false })
  await vi.waitFor(() => expect(asks()).toBe(false))
  expect(request).not.toHaveBeenCalled()
  uploader.setOptions({ wakeLock: true, warnBeforeLeave: true })
  await vi.waitFor(() => expect(request).toHaveBeenCalledOnce())
  expect(asks()).toBe(true)
  sent.respond()
  await vi.waitFor(() => expect(asks()).toBe(false))
  uploader.setOptions({ warnBeforeLeave: true })
  await quiet()
  expect(asks()).toBe(false)
})
