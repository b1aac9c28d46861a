/** Drops with what browsers give that have no handles, or refuse them: entries and files, as mocks. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { dragHasFiles, filesFromDrop, streamDrop } from '../../../src/core/sources/drop.ts'
import { relativePathOf } from '../../../src/core/sources/files.ts'
import { handleOf } from '../../../src/core/sources/handles.ts'
import type { FileBatch } from '../../../src/core/sources/types.ts'
import { directoryHandle, dropOf, failing, fileHandle, folder, item } from './fake-drop.ts'
import { pages, stubPage } from './fake-page.ts'

afterEach(() => vi.unstubAllGlobals())

async function collect(
  batches: AsyncIterable<FileBatch>,
): Promise<{ paths: string[]; unreadable: string[] }> {
  const all: FileBatch[] = []
  for await (const batch of batches) all.push(batch)
  return {
    paths: all.flatMap(({ files }) => files.map((file) => relativePathOf(file) ?? file.name)).toSorted(),
    unreadable: all.flatMap(({ unreadable }) => unreadable.map(({ path }) => path)),
  }
}

describe('folders by their entries', () => {
  test('are walked to the bottom, places kept; what systems leave in them is not', async () => {
    const tree = folder('photos', {
      'a.jpg': 'a',
      '.DS_Store': 'x',
      day: folder('day', { 'b.jpg': 'b', 'Thumbs.db': 'x', night: folder('night', { 'c.jpg': 'c' }) }),
      empty: folder('empty', {}),
    })
    expect(await collect(streamDrop(dropOf([item(tree), item('loose.txt')])))).toEqual({
      paths: ['loose.txt', 'photos/a.jpg', 'photos/day/b.jpg', 'photos/day/night/c.jpg'],
      unreadable: [],
    })
  })

  test.each([100, 70])('that give %i entries a call are asked until there are none', async (page) => {
    const many = Object.fromEntries(Array.from({ length: 321 }, (_, at) => [`${at}.txt`, 'x']))
    const { paths } = await collect(streamDrop(dropOf([item(folder('many', many, { page }))])))
    expect(new Set(paths).size).toBe(321)
  })

  test('a file that cannot be read, and a folder, are named; the others come', async () => {
    const tree = folder('mixed', {
      'a.txt': 'a',
      'locked.txt': failing('NotReadableError'),
      secret: folder('secret', { 'never.txt': 'x' }, { error: 'NotFoundError' }),
      'z.txt': 'z',
    })
    const batches: FileBatch[] = []
    for await (const batch of streamDrop(dropOf([item(tree)]))) batches.push(batch)
    expect(batches.flatMap(({ files }) => files.map(({ name }) => name))).toEqual(['a.txt', 'z.txt'])
    const errors = batches.flatMap(({ unreadable }) => unreadable)
    expect(errors.map(({ path }) => path)).toEqual(['mixed/locked.txt', 'mixed/secret'])
    expect(errors[0]?.error).toMatchObject({ code: 'file-unreadable', retry: 'never' })
    expect(errors[0]?.error.cause).toMatchObject({ name: 'NotReadableError' })
  })

  test('what fails after some of a folder was read keeps what was read', async () => {
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`${at}.txt`, 'x']))
    const tree = folder('half', many, { error: 'NotReadableError', after: 100 })
    const { paths, unreadable } = await collect(streamDrop(dropOf([item(tree)])))
    expect(paths).toHaveLength(100)
    expect(unreadable).toEqual(['half'])
  })
})

describe('streaming', () => {
  test('everything is taken in the handler: later the drag has nothing any more', async () => {
    const event = dropOf([item(folder('f', { 'a.txt': 'a' })), item('b.txt')])
    const batches = streamDrop(event)
    event.end()
    expect((await collect(batches)).paths).toEqual(['b.txt', 'f/a.txt'])
  })

  test('nothing is read before it is asked for, and no more after the loop was left', async () => {
    const reads = vi.fn<() => void>()
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`${at}.txt`, 'x']))
    const never = folder('never', { 'a.txt': 'a' }, { onRead: reads })
    const batches = streamDrop(dropOf([item(folder('many', { ...many, never }, { onRead: reads }))]))
    await Promise.resolve()
    expect(reads).not.toHaveBeenCalled()
    for await (const { files } of batches) {
      expect(files).toHaveLength(100)
      break
    }
    expect(reads).toHaveBeenCalledTimes(7) // the folder's whole list, by the hundred, and its end
  })

  test('in natural order, whatever the order on the disk: the files of a folder, then its folders', async () => {
    const names = Array.from({ length: 250 }, (_, at) => `${(at * 77) % 250}.txt`)
    const files = Object.fromEntries(names.map((name) => [name, 'x']))
    // The keys of an object that look like numbers would come sorted: these do not.
    const tree = folder('f', {
      day10: folder('day10', files),
      day9: folder('day9', files),
      'z.txt': 'z',
      'a.txt': 'a',
    })
    const seen: string[] = []
    for await (const batch of streamDrop(dropOf([item('2.txt'), item(tree), item('1.txt')])))
      seen.push(...batch.files.map((file) => relativePathOf(file) ?? file.name))
    const sorted = Array.from({ length: 250 }, (_, at) => `${at}.txt`)
    expect(seen).toEqual([
      '1.txt',
      '2.txt',
      'f/a.txt',
      'f/z.txt',
      ...sorted.map((name) => `f/day9/${name}`),
      ...sorted.map((name) => `f/day10/${name}`),
    ])
  })

  test('small folders share a batch; slow ones do not hold it up', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0)
    const tree = (slow: boolean): ReturnType<typeof folder> =>
      folder('t', {
        a: folder('a', { 'a.txt': 'a' }),
        b: folder('b', { 'b.txt': 'b' }, slow ? { onRead: () => now.mockReturnValue(300) } : {}),
        c: folder('c', { 'c.txt': 'c' }),
      })
    const sizes = async (slow: boolean): Promise<number[]> => {
      const all: number[] = []
      for await (const { files } of streamDrop(dropOf([item(tree(slow))]))) all.push(files.length)
      return all
    }
    expect(await sizes(false)).toEqual([3])
    // a, b, and then it took too long.
    expect(await sizes(true)).toEqual([2, 1])
    now.mockRestore()
  })

  test('between two batches other tasks have their turn', async () => {
    const drop = dropOf(Array.from({ length: 250 }, (_, at) => item(`${at}.txt`)))
    const order: string[] = []
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', () => order.push('task'))
    port1.start()
    for await (const { files } of streamDrop(drop)) {
      order.push(`batch of ${files.length}`)
      port2.postMessage(undefined)
    }
    port1.close()
    expect(order.slice(0, 3)).toEqual(['batch of 100', 'task', 'batch of 100'])
  })
})

describe('handles', () => {
  beforeEach(() => stubPage(pages.https))

  test.each([pages.http, pages.sandboxedFrame, pages.dataFrame, pages.sandboxedFile])(
    'an item is not asked for its handle on $title, which would end the tab',
    async (page) => {
      stubPage(page)
      const calls = { entry: 0, handle: 0 }
      const tree = folder('f', { 'b.txt': 'b' })
      const drop = dropOf([
        item('a.txt', { handle: fileHandle('a.txt', 'a'), calls }),
        item(tree, { handle: directoryHandle('f', [fileHandle('b.txt', 'b')]), calls }),
      ])
      expect((await collect(streamDrop(drop))).paths).toEqual(['a.txt', 'f/b.txt'])
      expect(calls).toEqual({ entry: 2, handle: 0 })
    },
  )

  test('files keep theirs, in folders as well', async () => {
    const handle = fileHandle('a.txt', 'a')
    const inner = fileHandle('b.txt', 'b')
    const drop = dropOf([
      item('a.txt', { handle }),
      item(folder('f', {}), { handle: directoryHandle('f', [inner]) }),
    ])
    const files = await filesFromDrop(drop)
    expect(files.map((file) => relativePathOf(file) ?? file.name)).toEqual(['a.txt', 'f/b.txt'])
    expect(files.map(handleOf)).toEqual([handle, inner])
  })

  test('one that is refused leaves the entry and the file', async () => {
    const refused = new DOMException('sensitive', 'AbortError')
    const tree = folder('Downloads', { 'a.txt': 'a' })
    const drop = dropOf([item(tree, { handle: refused }), item('b.txt', { handle: refused })])
    expect((await collect(streamDrop(drop))).paths).toEqual(['Downloads/a.txt', 'b.txt'])
  })

  test('with thousands of items, Chromium is not asked what takes it minutes', async () => {
    const calls = { entry: 0, handle: 0 }
    const items = Array.from({ length: 2_000 }, (_, at) =>
      item(`${at}.txt`, { handle: fileHandle(`${at}.txt`, 'x'), calls }),
    )
    const odd = item(folder('no-type', {}), {
      handle: directoryHandle('no-type', [fileHandle('in.txt', 'x')]),
      calls,
    })
    const { paths } = await collect(streamDrop(dropOf([...items, odd])))
    expect(paths).toHaveLength(2_001)
    expect(paths).toContain('no-type/in.txt')
    expect(calls).toEqual({ entry: 50, handle: 501 })
  })
})

describe('odd drops', () => {
  test('nothing, and text', async () => {
    expect(await collect(streamDrop(null))).toEqual({ paths: [], unreadable: [] })
    expect(await collect(streamDrop(dropOf([item('text', { kind: 'string' })])))).toEqual({
      paths: [],
      unreadable: [],
    })
  })

  test('files without items, as old synthetic events have them', async () => {
    const data = { items: [], files: [new File(['a'], 'a.txt')] } as unknown as DataTransfer
    expect((await collect(streamDrop(data))).paths).toEqual(['a.txt'])
  })

  test('an item that gives no file is named, not swallowed', async () => {
    const { unreadable } = await collect(
      streamDrop(dropOf([item('gone.txt', { noFile: true }), item('a.txt')])),
    )
    expect(unreadable).toEqual([''])
  })
})

describe('all at once', () => {
  test('what cannot be read is reported, and does not take the others along', async () => {
    const reportError = vi.fn<(error: unknown) => void>()
    vi.stubGlobal('reportError', reportError)
    const tree = folder('f', { 'a.txt': 'a', 'b.txt': failing('NotReadableError') })
    expect((await filesFromDrop(dropOf([item(tree)]))).map(({ name }) => name)).toEqual(['a.txt'])
    expect(reportError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'file-unreadable' }))
  })

  test('nothing readable is an error', async () => {
    const tree = folder('f', { 'b.txt': failing('NotReadableError') })
    await expect(filesFromDrop(dropOf([item(tree)]))).rejects.toMatchObject({ code: 'file-unreadable' })
  })
})

test.each([
  [['Files', 'text/plain'], true],
  [['text/plain'], false],
])('a drag of %j carries files: %s', (types, expected) => {
  expect(dragHasFiles({ types } as unknown as DataTransfer)).toBe(expected)
  expect(dragHasFiles(null)).toBe(false)
})
