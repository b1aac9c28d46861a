import { afterEach, expect, test, vi } from 'vitest'

import { handleOf } from '../../../src/core/sources/handles.ts'
import { pickFiles } from '../../../src/core/sources/picker.ts'
import { fileHandle } from './fake-drop.ts'
import { pages, stubPage } from './fake-page.ts'

afterEach(() => vi.unstubAllGlobals())

type Picker = (options: object) => Promise<FileSystemFileHandle[]>

function picker(answer: FileSystemFileHandle[] | Error): ReturnType<typeof vi.fn<Picker>> {
  const show = vi.fn<Picker>(() =>
    answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer),
  )
  vi.stubGlobal('showOpenFilePicker', show)
  stubPage(pages.https)
  return show
}

test('chosen files keep their handles', async () => {
  const handles = [fileHandle('a.txt', 'a'), fileHandle('b.txt', 'b')]
  picker(handles)
  const { files, unreadable } = await pickFiles({ multiple: true })
  expect(files.map(({ name }) => name)).toEqual(['a.txt', 'b.txt'])
  expect(files.map(handleOf)).toEqual(handles)
  expect(unreadable).toEqual([])
})

test('one that cannot be read is named, the others come', async () => {
  const gone = {
    kind: 'file',
    name: 'gone.txt',
    getFile: () => Promise.reject(new DOMException('no', 'NotFoundError')),
  } as unknown as FileSystemFileHandle
  picker([gone, fileHandle('b.txt', 'b')])
  const { files, unreadable } = await pickFiles({ multiple: true })
  expect(files.map(({ name }) => name)).toEqual(['b.txt'])
  expect(unreadable).toMatchObject([{ path: 'gone.txt', error: { code: 'file-unreadable' } }])
})

test('a picker that is closed gives nothing', async () => {
  picker(new DOMException('The user aborted a request.', 'AbortError'))
  expect(await pickFiles()).toEqual({ files: [], unreadable: [] })
})

test.each([
  [{ 'image/*': ['.png', '.jpg'], 'application/pdf': [] }, true],
  [{}, false],
  // The browser's picker throws at these.
  [{ '.pdf': [] }, false],
  [{ 'image/*': ['png'] }, false],
])('%j is a hint that the browser takes: %s', async (accept, isTaken) => {
  const show = picker([])
  await pickFiles({ accept })
  expect(show).toHaveBeenCalledExactlyOnceWith({ multiple: false, types: isTaken ? [{ accept }] : [] })
})

test.each([pages.http, pages.sandboxedFrame, pages.foreignFrame])(
  'no picker is opened on $title',
  async (page) => {
    const show = picker([])
    stubPage(page)
    await expect(pickFiles()).rejects.toMatchObject({ code: 'internal' })
    expect(show).not.toHaveBeenCalled()
  },
)

test('outside of a click, and where there is none, it says so', async () => {
  const cause = new DOMException('Must be handling a user gesture.', 'SecurityError')
  picker(cause)
  await expect(pickFiles()).rejects.toMatchObject({ code: 'internal', cause })
  vi.unstubAllGlobals()
  await expect(pickFiles()).rejects.toMatchObject({ code: 'internal' })
})
