import { describe, expect, test } from 'vitest'

import type { UploadRules } from '../../src/core/index.ts'
import { naturalSort } from '../../src/core/natural-sort.ts'
import { checkBatch, checkFile } from '../../src/core/rules/validate.ts'

const file = (name: string, size = 10, type = ''): { name: string; size: number; type: string } => ({
  name,
  size,
  type,
})
const empty = { files: 0, bytes: 0 }

describe('one file', () => {
  const cases: readonly [string, ReturnType<typeof file>, UploadRules, readonly string[]][] = [
    ['no rule', file('a'), {}, []],
    ['an empty file', file('a', 0), {}, []],
    ['an empty file under minSize', file('a', 0), { minSize: 1 }, ['file-too-small']],
    ['exactly minSize', file('a', 1), { minSize: 1 }, []],
    ['exactly maxSize', file('a', 10), { maxSize: 10 }, []],
    ['a byte over maxSize', file('a', 11), { maxSize: 10 }, ['file-too-large']],
    ['the right type', file('a.png', 1, 'image/png'), { accept: { 'image/*': [] } }, []],
    ['the wrong type', file('a.txt', 1, 'text/plain'), { accept: { 'image/*': [] } }, ['file-invalid-type']],
    ['no type, a known extension', file('a.pdf'), { accept: { 'application/pdf': ['.pdf'] } }, []],
    ['no type, an unknown extension', file('a.zzz'), { accept: { 'image/*': [] } }, ['file-invalid-type']],
    [
      'two faults at once',
      file('a.txt', 11, 'text/plain'),
      { accept: { 'image/*': [] }, maxSize: 10 },
      ['file-invalid-type', 'file-too-large'],
    ],
  ]
  test.each(cases)('%s', (_what, candidate, rules, codes) => {
    expect(checkFile(candidate, rules).map(({ code }) => code)).toEqual(codes)
  })

  test('an error says the limit and what it was', () => {
    expect(checkFile(file('a', 11), { maxSize: 10 })).toEqual([
      { code: 'file-too-large', file: file('a', 11), limit: 10, actual: 11 },
    ])
  })
})

describe('a batch', () => {
  const codes = (sizes: readonly number[], rules: UploadRules, occupied = empty): string[] =>
    checkBatch(
      sizes.map((size, index) => file(String(index), size)),
      rules,
      occupied,
    ).map((errors) => errors.map(({ code }) => code).join())

  const cases: readonly [string, readonly number[], UploadRules, typeof empty, readonly string[]][] = [
    ['trim keeps the first ones', [1, 1, 1], { maxFiles: 2 }, empty, ['', '', 'too-many-files']],
    [
      'reject takes none',
      [1, 1, 1],
      { maxFiles: 2, overflow: 'reject' },
      empty,
      Array(3).fill('too-many-files'),
    ],
    ['what is in the list counts', [1, 1], { maxFiles: 2 }, { files: 1, bytes: 0 }, ['', 'too-many-files']],
    [
      'total size: smaller ones behind still fit',
      [6, 6, 4],
      { maxTotalSize: 10 },
      empty,
      ['', 'total-too-large', ''],
    ],
    [
      'total size, reject',
      [6, 6],
      { maxTotalSize: 10, overflow: 'reject' },
      empty,
      Array(2).fill('total-too-large'),
    ],
    ['exactly the total', [6, 4], { maxTotalSize: 10 }, empty, ['', '']],
    [
      'a file with its own fault takes no place',
      [99, 1],
      { maxSize: 10, maxFiles: 1 },
      empty,
      ['file-too-large', ''],
    ],
  ]
  test.each(cases)('%s', (_what, sizes, rules, occupied, wanted) => {
    expect(codes(sizes, rules, occupied)).toEqual(wanted)
  })
})

test('natural order: img2 before img10, equal names as they came', () => {
  const sorted = naturalSort(
    ['img10', 'img2', 'IMG1', 'b', 'a'].map((name, at) => ({ name, at })),
    ({ name }) => name,
  )
  expect(sorted.map(({ name }) => name)).toEqual(['a', 'b', 'IMG1', 'img2', 'img10'])
})
