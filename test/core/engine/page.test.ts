/** What the page does while files are under way follows the options of the moment. */
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import { bench, fileOf, first, loadChunks, quiet } from '../../support/engine.ts'

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

test('the page is guarded also while only the app’s server has to hear of a file', async () => {
  const page = new EventTarget()
  vi.stubGlobal('window', page)
  onTestFinished(() => void vi.unstubAllGlobals())
  const asks = (): boolean => !page.dispatchEvent(new Event('beforeunload', { cancelable: true }))
  let heard = false
  const { uploader, transport, until } = bench(
    {},
    {
      confirm: () =>
        heard ? new Promise(() => undefined) : Promise.reject(new UploadError('refused', 'never', 'no')),
    },
  )
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond()
  await until(id, 'error')
  await vi.waitFor(() => expect(asks()).toBe(false))
  heard = true
  uploader.retry()
  await vi.waitFor(() => expect(asks()).toBe(true))
  uploader.destroy()
  await vi.waitFor(() => expect(asks()).toBe(false))
})
