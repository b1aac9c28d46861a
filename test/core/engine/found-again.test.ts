/** A file that is added and looks like one of an earlier visit: the same one goes on, another one is another upload. */
import { beforeAll, expect, test } from 'vitest'

import { eventually, loadChunks, patternFile, serve } from '../../support/engine.ts'
import { interrupt, visits } from './visits.ts'

beforeAll(loadChunks)

const file = (): File => patternFile('a', 50)
const bytes = async (blob: Blob | undefined): Promise<ArrayBuffer | undefined> => blob?.arrayBuffer()

test('add() of the same file attaches it: no second item, no second upload', async () => {
  const { page, world } = visits()
  const id = await interrupt(page(), file(), 2)
  const after = page()
  await after.uploader.restore()
  expect(after.uploader.add(file())).toMatchObject([{ id }])
  serve(after.transport, after.take)
  await after.until(id, 'success')
  expect(after.uploader.getIds()).toEqual([id])
  expect(after.sent()).toEqual([3, 4, 5])
  expect(world.begun).toBe(1)
})

test('add() under another name: phones and people rename', async () => {
  const { page } = visits()
  const id = await interrupt(page(), file(), 2)
  const after = page()
  await after.uploader.restore()
  expect(after.uploader.add(patternFile('b', 50))).toMatchObject([{ id }])
  serve(after.transport, after.take)
  await after.until(id, 'success')
  expect(after.uploader.getIds()).toEqual([id])
})

test('add() of another one of the same name and size is a new item; the old one goes on waiting', async () => {
  const { page, world } = visits()
  const id = await interrupt(page(), file(), 2)
  const after = page()
  await after.uploader.restore()
  const other = patternFile('a', 50, 7)
  after.uploader.add(other)
  serve(after.transport, after.take)
  await eventually(() => after.uploader.getCounts().success === 1)
  const [old, fresh] = after.uploader.getItems()
  expect(old).toMatchObject({ id, status: 'paused', reason: 'needs-file' })
  expect(old).not.toHaveProperty('error')
  expect(fresh).toMatchObject({ status: 'success', name: 'a' })
  expect(await bytes(world.objects.get(fresh?.id ?? ''))).toEqual(await bytes(other))
})

test('upload() of another one of the same name and size resolves with that one', async () => {
  const { page } = visits()
  const id = await interrupt(page(), file(), 2)
  const after = page()
  await after.uploader.restore()
  serve(after.transport, after.take)
  const result = await after.uploader.upload(patternFile('a', 50, 7))
  expect(result.id).not.toBe(id)
})
