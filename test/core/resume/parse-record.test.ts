import { anything, assert, property } from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseRecord } from '../../../src/core/resume/parse-record.ts'
import { recordOf } from './records.ts'

test('a whole record comes through as it is', () => {
  expect(parseRecord(recordOf('a'))).toEqual(recordOf('a'))
})

test('a bare one as well, with a date before 1970', () => {
  const { relativePath: _path, options: _options, record: _record, ...bare } = recordOf('a')
  const old = { ...bare, type: '', parts: [], lastModified: -1 }
  expect(parseRecord(old)).toEqual(old)
})

test('an object that only has to be confirmed', () => {
  const stored = { location: 'https://bucket.example/key', key: 'key', etag: '"e"' }
  expect(parseRecord({ ...recordOf('a'), stored })).toEqual({ ...recordOf('a'), stored })
})

test('what a newer kit added is kept; a handle that is none is not', () => {
  const newer = { ...recordOf('a'), newer: 'thing' }
  expect(parseRecord({ ...newer, handle: { kind: 'file' } })).toEqual(newer)
})

describe('broken', () => {
  const cycle: Record<string, unknown> = { ...recordOf('a') }
  cycle.options = cycle

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'record'],
    ['an empty object', {}],
    ['a list', [recordOf('a')]],
    ['a cycle', cycle],
    ['a state of a newer kit', { ...recordOf('a'), state: 'paused' }],
    ['an id that is no text', { ...recordOf('a'), id: 7 }],
    ['no ref', { ...recordOf('a'), ref: undefined }],
    ['a size that is no number', { ...recordOf('a'), size: '20000000' }],
    ['a negative size', { ...recordOf('a'), size: -1 }],
    ['no part size', { ...recordOf('a'), partSize: 0 }],
    ['a time that is no number', { ...recordOf('a'), updatedAt: Number.NaN }],
    ['the fingerprint of another file', { ...recordOf('a'), size: 20_000_001 }],
    ['no fingerprint', { ...recordOf('a'), fingerprint: null }],
    ['parts that are none', { ...recordOf('a'), parts: [7] }],
    ['a digest that is none', { ...recordOf('a'), parts: [{ number: 1, size: 5, checksum: 'x' }] }],
    ['an object without a place', { ...recordOf('a'), stored: { key: 'key' } }],
    ['an object whose key is no text', { ...recordOf('a'), stored: { location: 'l', key: 7 } }],
    ['a path that is no text', { ...recordOf('a'), relativePath: ['folder', 'name'] }],
  ])('%s', (_, value) => {
    expect(parseRecord(value)).toBeUndefined()
  })

  test('anything at all throws nothing', () => {
    assert(property(anything(), (value) => parseRecord(value) === undefined))
  })
})

test('parts that do not fit the plan are sent again: another size, another number, beyond the end', () => {
  const last = { number: 4, size: 20_000_000 - 3 * 5_242_880 }
  const parts = [
    { number: 0, size: 5_242_880 },
    { number: 1, size: 5_242_880 },
    { number: 2, size: 6_000_000 },
    last,
    { number: 5, size: 5_242_880 },
  ]
  expect(parseRecord(recordOf('a', { parts }))?.parts).toEqual([{ number: 1, size: 5_242_880 }, last])
})
