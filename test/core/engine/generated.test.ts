/** Files that are nowhere but in their page: what becomes of them when it is left. */
import { beforeAll, expect, test, vi } from 'vitest'

import { filesFromPaste } from '../../../src/core/index.ts'
import { eventually, first, loadChunks, patternFile, serve } from '../../support/engine.ts'
import { interrupt, visits } from './visits.ts'

beforeAll(loadChunks)

const bytes = new Uint8Array(50)
const pasted = (name: string): File => {
  const data = { files: [new File([bytes], name, { type: 'image/png' })] }
  // What it reads of a DataTransfer, which Node has not.
  return first(filesFromPaste(data as unknown as DataTransfer))
}

test.each([
  ['a pasted picture', (): Blob => pasted('image.png')],
  ['a blob that the page made', (): Blob => new Blob([bytes], { type: 'image/png' })],
])('%s says that it cannot go on, and its upload is ended', async (_what, make) => {
  const { page, world, records } = visits()
  const id = await interrupt(page(), make(), 2)
  expect(world.uploads.size).toBe(1)
  const onError = vi.fn<(error: unknown) => void>()
  const after = page({ onError })
  const item = first(await after.uploader.restore())
  expect(item).toMatchObject({
    id,
    status: 'error',
    file: undefined,
    error: { code: 'file-gone', retry: 'never' },
  })
  expect(onError).toHaveBeenCalledOnce()
  await eventually(() => world.uploads.size === 0 && records.size === 0)
  // Nothing brings it back: not even the same bytes, which are another file.
  after.uploader.retryAll()
  after.uploader.resume()
  expect(after.uploader.getItem(id)).toBe(item)
  serve(after.transport, after.take)
  const again = first(after.uploader.add(make()))
  expect(again.id).not.toBe(id)
  await after.until(again.id, 'success')
  after.uploader.remove(id)
  expect(after.uploader.getIds()).toEqual([again.id])
})

test('one that was all sent goes on: only the app’s server has to hear of it', async () => {
  const { page, world } = visits()
  const it = page({}, { script: { confirm: () => new Promise(() => undefined) } })
  const { id } = first(it.uploader.add(new Blob([bytes])))
  serve(it.transport, it.take)
  await it.until(id, 'processing')
  await eventually(() => world.objects.size === 1)
  it.uploader.destroy()
  const after = page()
  const seen = new Set<string>()
  after.uploader.subscribe('items', () => {
    for (const { status } of after.uploader.getItems()) seen.add(status)
  })
  await after.uploader.restore()
  expect(await after.until(id, 'success')).toMatchObject({ id })
  expect([...seen]).toEqual(['processing', 'success']) // never as one that asks for its file
})

test.each([
  ['a file that was chosen', (): File => patternFile('a', 50)],
  ['a file that was copied and pasted', (): File => pasted('report.png')],
])('%s can be chosen again', async (_what, make) => {
  const { page } = visits()
  await interrupt(page(), make(), 2)
  const after = page()
  expect(await after.uploader.restore()).toMatchObject([{ status: 'paused', reason: 'needs-file' }])
})
