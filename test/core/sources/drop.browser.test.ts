/** Real files and folders from the disk, dropped by the browser's own drag and drop. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { cdp, commands, server } from 'vitest/browser'

import { streamDrop } from '../../../src/core/sources/drop.ts'
import { relativePathOf } from '../../../src/core/sources/files.ts'
import { handleOf } from '../../../src/core/sources/handles.ts'
import type { FileBatch } from '../../../src/core/sources/types.ts'

const home = `${server.config.root}/test-results/drop`
const written = new Set<string>()

async function write(path: string, content: string): Promise<void> {
  await commands.writeFile(`${home}/${path}`, content)
  written.add(path)
}

afterEach(async () => {
  vi.restoreAllMocks()
  for (const path of written) await commands.removeFile(`${home}/${path}`)
  written.clear()
})

/** Drops what lies at these paths; `take` is the handler. */
async function drop<T>(paths: readonly string[], take: (event: DragEvent) => T): Promise<T> {
  const zone = document.createElement('div')
  zone.style.cssText = 'position: fixed; inset: 0'
  zone.addEventListener('dragover', (event) => event.preventDefault())
  const dropped = new Promise<T>((resolve) => {
    zone.addEventListener('drop', (event) => {
      event.preventDefault()
      resolve(take(event))
    })
  })
  document.body.append(zone)
  const { left = 0, top = 0 } = frameElement?.getBoundingClientRect() ?? {}
  const data = { items: [], files: paths.map((path) => `${home}/${path}`), dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await cdp().send('Input.dispatchDragEvent', { type, x: left + 10, y: top + 10, data })
  const taken = await dropped
  zone.remove()
  return taken
}

async function collect(batches: AsyncIterable<FileBatch>): Promise<readonly File[]> {
  const all: FileBatch[] = []
  for await (const batch of batches) all.push(batch)
  expect(all.flatMap(({ unreadable }) => unreadable)).toEqual([])
  return all.flatMap(({ files }) => files)
}

const placesOf = (files: readonly File[]): string[] =>
  files.map((file) => relativePathOf(file) ?? file.name).toSorted()

describe.each([
  ['with handles', () => undefined],
  [
    'as on a page without a secure context',
    () => {
      // An item that lacks the method, as `in` sees it.
      const { prototype } = DataTransferItem
      const method = Object.getOwnPropertyDescriptor(prototype, 'getAsFileSystemHandle')
      Reflect.deleteProperty(prototype, 'getAsFileSystemHandle')
      return () => method && Object.defineProperty(prototype, 'getAsFileSystemHandle', method)
    },
  ],
])('%s', (name, prepare) => {
  test('files and folders come with their content and their places', async () => {
    await write('a.txt', 'first')
    await write('photos/b.jpg', 'second')
    await write('photos/day/c.jpg', 'third')
    await write('photos/.DS_Store', 'no')
    const restore = prepare()
    const files = await collect(await drop(['a.txt', 'photos'], streamDrop))
    restore?.()
    expect(placesOf(files)).toEqual(['a.txt', 'photos/b.jpg', 'photos/day/c.jpg'])
    const contents = await Promise.all(files.map((file) => file.text()))
    expect(contents.toSorted()).toEqual(['first', 'second', 'third'])
    expect(files.every((file) => handleOf(file) !== undefined)).toBe(name === 'with handles')
  })

  test('a folder with more entries than the browser gives at a time comes whole', async () => {
    for (let at = 0; at < 130; at++) await write(`many/${at}.txt`, 'x')
    const restore = prepare()
    const files = await collect(await drop(['many'], streamDrop))
    restore?.()
    expect(files).toHaveLength(130)
  })
})

test('a handle leads back to the file, which can be read again', async () => {
  await write('a.txt', 'before')
  const [file] = await collect(await drop(['a.txt'], streamDrop))
  await write('a.txt', 'after, and longer')
  const handle = file && handleOf(file)
  expect(await (await handle?.getFile())?.text()).toBe('after, and longer')
})
