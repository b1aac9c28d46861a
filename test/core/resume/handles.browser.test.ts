/** Real handles, of the page's own private files: those of the disk need a user. */
import { expect, test } from 'vitest'

import { fileOfHandle } from '../../../src/core/resume/handles.ts'

test('a handle gives its file, until the file is gone', async () => {
  const root = await navigator.storage.getDirectory()
  const handle = await root.getFileHandle('handle.txt', { create: true })
  const writable = await handle.createWritable()
  await writable.write('content')
  await writable.close()
  const file = await fileOfHandle(handle, { ask: false })
  expect(file).toBeInstanceOf(File)
  expect(file instanceof File && (await file.text())).toBe('content')
  await root.removeEntry('handle.txt')
  expect(await fileOfHandle(handle, { ask: false })).toBe('gone')
})
