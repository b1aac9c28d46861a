/** Options of a route that would switch a limit off, were they taken. */
import { describe, expect, test } from 'vitest'

import { doors, refusalBy, never } from './wrong-values.ts'

describe('a wrong option of a route is refused', () => {
  test.each<[name: string, value: unknown]>([
    ['accept', []],
    ['accept', 'image/*'],
    ['accept', { 'image/*': 'png' }],
    ['accept', { 'image/*': [''] }],
    ['accept', { 'image/*': ['.'] }],
    ['accept', { 'image/*': ['image/png'] }],
    ['accept', { 'image/*': undefined }],
    ['accept', { images: [] }],
    ['accept', Object.create({ 'image/*': [] })],
    ['minSize', Infinity],
    ['minSize', '1'],
    ['maxSize', '10MB'],
    ['maxSize', '10'],
    ['maxSize', 5n],
    ['maxSize', [5]],
    ['maxSize', () => 5],
    ['maxSize', -0.5],
    ['maxFiles', 1.5],
    ['maxFiles', '3'],
    ['maxFiles', true],
    ['inline', 'image/*'],
    ['inline', ['pdf']],
    ['inline', [['image/*']]],
    ['rejects', 'upside-down'],
    ['rejects', [7]],
    ['metadata', { parse: never }],
    ['metadata', { '~standard': { validate: 'no' } }],
    ['quota', 1000],
    ['quota', Infinity],
    ['prefix', 5],
    ['prefix', 'users/undefined/'],
    ['prefix', '[object Promise]/'],
    ['promote', true],
    ['key', 'a.png'],
    ['userId', 'ann'],
    ['list', 'users/'],
    ['view', 'true'],
    ['view', 1],
    ['delete', 'no'],
    ['transport', 'PUT'],
    ['transport', ['put']],
    ['partSize', 5 * 1024 ** 2 + 0.5],
    ['partSize', '16777216'],
    ['partSize', Infinity],
    ['multipartFrom', '100'],
    ['maxGrantLife', 0],
    ['maxGrantLife', 1.5],
    ['maxGrantLife', Infinity],
    ['maxOpenUploads', 2.5],
    ['object', []],
    ['object', 'public'],
    ['object', { createOnly: 'false' }],
    ['object', { sse: 'aes256' }],
    ['object', { sse: true }],
    ['object', { sse: {} }],
    ['object', { sse: { kmsKeyId: undefined } }],
    ['object', { tags: ['a'] }],
    ['object', { tags: { a: 1 } }],
    ['object', { metadata: { a: 1 } }],
    ['object', { metadata: new Map([['a', 'b']]) }],
    ['object', { contentDisposition: '' }],
    ['object', { cacheControl: 60 }],
    ['object', { cachecontrol: 'no-store' }],
    ['object', { metadata: { 'a b': 'c' } }],
    ['object', { cacheControl: 'a\nb' }],
  ])('%s: %o', (name, value) => {
    expect(refusalBy(() => doors.route({ [name]: value }))).toContain(name)
    expect(refusalBy(() => doors.shortForm({ [name]: value }))).toContain(name)
  })

  test('a minSize beyond maxSize, given or default', () => {
    expect(refusalBy(() => doors.route({ minSize: 6, maxSize: 5 }))).toContain('minSize')
    expect(refusalBy(() => doors.route({ minSize: 6 * 1024 ** 3 }))).toContain('minSize')
  })
})
