import { describe, expect, test, vi } from 'vitest'

import { capabilities } from '../../../src/core/sources/capabilities.ts'
import { relativePathOf, streamFiles } from '../../../src/core/sources/files.ts'

const fileAt = (place: Record<string, string>): File => Object.assign(new File(['x'], 'a.txt'), place)

describe('the place of a file', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['of a folder input', { webkitRelativePath: 'folder/a.txt' }, 'folder/a.txt'],
    ['of an app’s own file-selector', { relativePath: '/folder/a.txt' }, 'folder/a.txt'],
    ['alone', { webkitRelativePath: '', relativePath: './a.txt' }, undefined],
    ['plain', {}, undefined],
  ])('%s', (_, place, expected) => {
    expect(relativePathOf(fileAt(place))).toBe(expected)
  })
})

describe('files of an input', () => {
  const many = (count: number): File[] =>
    Array.from({ length: count }, (_, at) => new File(['x'], `${at}.txt`))

  test('come in batches, all of them, in order', async () => {
    const files = many(321)
    const batches: (readonly File[])[] = []
    for await (const batch of streamFiles(files)) batches.push(batch.files)
    expect(batches.flat()).toEqual(files)
    expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(100)
  })

  test('are copied at once: the input may be cleared', async () => {
    const files = many(3)
    const batches = streamFiles(files)
    files.length = 0
    for await (const batch of batches) expect(batch.files).toHaveLength(3)
    expect.assertions(1)
  })

  test('whose size takes long to look up are fewer at a time', async () => {
    let time = 0
    const now = vi.spyOn(performance, 'now').mockImplementation(() => time)
    const files = many(10).map((file) =>
      Object.defineProperty(file, 'size', {
        get() {
          time += 4
          return 1
        },
      }),
    )
    const sizes: number[] = []
    for await (const batch of streamFiles(files)) sizes.push(batch.files.length)
    expect(sizes).toEqual([3, 3, 3, 1])
    now.mockRestore()
  })

  test('none give no batch', async () => {
    for await (const batch of streamFiles(null)) expect(batch).toBeUndefined()
    expect.assertions(0)
  })
})

test('on a server nothing can be done', () => {
  expect(capabilities()).toEqual({
    drop: false,
    paste: false,
    folders: false,
    fileHandles: false,
    filePicker: false,
  })
})
