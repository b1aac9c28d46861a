/** Real directory handles, of the page's own private files. */
import { afterEach, expect, test, vi } from 'vitest'

import { capabilities } from '../../../src/core/sources/capabilities.ts'
import { filesFromDirectory } from '../../../src/core/sources/directory.ts'
import { relativePathOf } from '../../../src/core/sources/files.ts'
import { handleOf } from '../../../src/core/sources/handles.ts'
import type { FileBatch } from '../../../src/core/sources/types.ts'

afterEach(async () => {
  vi.unstubAllGlobals()
  const root = await navigator.storage.getDirectory()
  for await (const name of root.keys()) await root.removeEntry(name, { recursive: true })
})

async function write(folder: FileSystemDirectoryHandle, name: string, content = 'x'): Promise<void> {
  const handle = await folder.getFileHandle(name, { create: true })
  const writable = await handle.createWritable()
  await writable.write(content)
  await writable.close()
}

async function collect(batches: AsyncIterable<FileBatch>): Promise<FileBatch[]> {
  const all: FileBatch[] = []
  for await (const batch of batches) all.push(batch)
  return all
}

test('all files, to the bottom, with their places and handles', async () => {
  const root = await navigator.storage.getDirectory()
  const photos = await root.getDirectoryHandle('photos', { create: true })
  const day = await photos.getDirectoryHandle('day', { create: true })
  await photos.getDirectoryHandle('empty', { create: true })
  await write(photos, 'a.jpg')
  await write(photos, '.DS_Store')
  await write(day, 'b.jpg', 'content')
  const files = (await collect(filesFromDirectory(photos))).flatMap((batch) => batch.files)
  expect(files.map((file) => relativePathOf(file) ?? '').toSorted()).toEqual([
    'photos/a.jpg',
    'photos/day/b.jpg',
  ])
  const inner = files.find(({ name }) => name === 'b.jpg')
  expect(await inner?.text()).toBe('content')
  const handle = inner && handleOf(inner)
  expect(await handle?.isSameEntry(await day.getFileHandle('b.jpg'))).toBe(true)
})

test('the root of a page’s own files has no name to begin with', async () => {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle('folder', { create: true })
  await write(root, 'a.txt')
  await write(folder, 'b.txt')
  const files = (await collect(filesFromDirectory(root))).flatMap((batch) => batch.files)
  expect(files.map((file) => relativePathOf(file) ?? file.name).toSorted()).toEqual(['a.txt', 'folder/b.txt'])
})

test('a folder that is gone is named, in a batch', async () => {
  const root = await navigator.storage.getDirectory()
  const gone = await root.getDirectoryHandle('gone', { create: true })
  await root.removeEntry('gone')
  const batches = await collect(filesFromDirectory(gone))
  expect(batches).toMatchObject([
    { files: [], unreadable: [{ path: 'gone', error: { code: 'file-unreadable', retry: 'never' } }] },
  ])
})

test('large folders come in several batches', async () => {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle('many', { create: true })
  await Promise.all(
    Array.from({ length: 230 }, (_, at) => folder.getFileHandle(`${at}.txt`, { create: true })),
  )
  const sizes = (await collect(filesFromDirectory(folder))).map(({ files }) => files.length)
  expect(sizes.length).toBeGreaterThanOrEqual(3)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(100)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(230)
})

test('Chromium without a secure context has neither handles nor a picker', () => {
  vi.stubGlobal('isSecureContext', false)
  expect(capabilities()).toMatchObject({ drop: true, folders: true, fileHandles: false, filePicker: false })
})

test('Chromium can do it all', () => {
  expect(capabilities()).toEqual({
    drop: true,
    paste: true,
    folders: true,
    fileHandles: true,
    filePicker: true,
  })
})
