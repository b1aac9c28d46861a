import { describe, expect, test } from 'vitest'

import { acceptLabels } from '../../src/protocol/accept-labels.ts'
import type { Accept } from '../../src/protocol/accept.ts'
import { acceptsFile, matchAccept, mediaTypeOf } from '../../src/protocol/accept.ts'

const images: Accept = { 'image/*': [] }
const pngOnly: Accept = { 'image/*': ['.png'] }
const pdf: Accept = { 'application/pdf': ['.pdf'] }
const imagesAndPdf: Accept = { 'image/*': [], 'application/pdf': [] }

describe('acceptsFile', () => {
  test.each<[why: string, accept: Accept, name: string, type: string, expected: boolean]>([
    ['no rule takes all', {}, 'a.exe', '', true],
    ['no rule takes the nameless', {}, '', '', true],
    ['family', images, 'a.png', 'image/png', true],
    ['family in capitals', { 'IMAGE/*': [] }, 'A.PNG', 'Image/PNG', true],
    ['another family', images, 'a.txt', 'text/plain', false],
    ['a family is no prefix', images, 'a', 'images/png', false],
    ['a family is not a part of a word', { 'image/*': [] }, 'a', 'image', false],
    ['a lying extension', images, 'a.png', 'text/html', false],
    ['a type under a foreign name', images, 'a.html', 'image/png', true],
    ['wildcard with extensions: that extension', pngOnly, 'a.png', 'image/png', true],
    ['wildcard with extensions: any case', pngOnly, 'A.PNG', 'image/png', true],
    ['wildcard with extensions: another of the family', pngOnly, 'a.gif', 'image/gif', false],
    ['wildcard with extensions: type without the name', pngOnly, 'a', 'image/png', false],
    ['wildcard with extensions: no type', pngOnly, 'a.png', '', true],
    ['exact type', pdf, 'brief', 'application/pdf', true],
    ['exact type by extension', pdf, 'brief.pdf', 'application/x-unknown', true],
    ['exact type, neither', pdf, 'brief.doc', 'application/msword', false],
    ['with parameters', { 'text/plain': [] }, 'a.txt', 'text/plain;charset=utf-8', true],
    ['a rule with parameters', { 'text/plain; charset=utf-8': [] }, 'a.txt', 'text/plain', true],
    ['second rule', imagesAndPdf, 'a.pdf', 'application/pdf', true],
    ['neither rule', imagesAndPdf, 'a.zip', 'application/zip', false],
    ['no type: heic is an image', images, 'IMG_0001.HEIC', '', true],
    ['no type: mkv is a video', { 'video/*': [] }, 'film.mkv', '', true],
    ['no type: md is text', { 'text/*': [] }, 'README.md', '', true],
    ['no type: exact', { 'application/pdf': [] }, 'brief.pdf', '', true],
    ['no type, another family', images, 'film.mkv', '', false],
    ['no type, unknown extension', images, 'a.qqq', '', false],
    ['no type, no extension', images, 'README', '', false],
    ['a type that says nothing', images, 'a.heic', 'application/octet-stream', true],
    ['octet-stream asked for', { 'application/octet-stream': [] }, 'a.bin', 'application/octet-stream', true],
    ['zip of Windows', { 'application/zip': [] }, 'a.zip', 'application/x-zip-compressed', true],
    ['jpg for jpeg', { 'image/jpg': [] }, 'a.jpg', 'image/jpeg', true],
    ['anything', { '*/*': [] }, 'a.qqq', '', true],
    ['anything with extensions', { '*/*': ['.csv'] }, 'a.png', 'image/png', false],
    ['an extension as key', { '.pdf': [] }, 'a.PDF', '', true],
    ['an extension as key, another file', { '.pdf': [] }, 'a.doc', 'application/msword', false],
    ['an extension without its dot', { 'image/*': ['png'] }, 'a.png', 'image/png', true],
    ['not just the letters', { 'image/*': ['png'] }, 'apng', 'image/png', false],
    ['two dots', { 'application/gzip': ['.tar.gz'] }, 'a.tar.gz', '', true],
    ['a rule that makes no sense takes nothing', { image: [] }, 'a.png', 'image/png', false],
    ['inherited names are no rules', { 'image/*': [] }, 'a.toString', 'constructor', false],
    ['inherited names are no extensions', images, 'a.constructor', '', false],
    ['__proto__ is no extension', images, 'a.__proto__', '', false],
  ])('%s', (_why, accept, name, type, expected) => {
    expect(acceptsFile(accept, { name, type })).toBe(expected)
  })
})

test('matchAccept tells a match by type from one by extension', () => {
  expect(matchAccept({}, { name: 'a', type: '' })).toBe('all')
  expect(matchAccept(pdf, { name: 'a.pdf', type: 'application/pdf' })).toBe('type')
  expect(matchAccept(pdf, { name: 'a.pdf', type: 'text/html' })).toBe('extension')
  expect(matchAccept({ '.pdf': [], 'text/*': [] }, { name: 'a.pdf', type: 'text/html' })).toBe('type')
  expect(matchAccept(pdf, { name: 'a.html', type: 'text/html' })).toBeUndefined()
})

test.each<[Accept, string[]]>([
  [{}, []],
  [imagesAndPdf, ['image/*', 'application/pdf']],
  [{ 'image/*': [], 'application/pdf': ['.pdf'] }, ['image/*', '.pdf']],
  [{ 'image/jpeg': ['.JPG', 'jpeg'], 'image/jpg': ['.jpg'] }, ['.jpg', '.jpeg']],
  [{ '.pdf': [] }, ['.pdf']],
])('acceptLabels %j', (accept, labels) => {
  expect(acceptLabels(accept)).toEqual(labels)
})

test.each([
  ['photo.JPG', 'image/jpeg'],
  ['a.b.md', 'text/markdown'],
  ['.heic', 'image/heic'],
  ['noextension', undefined],
  ['dot.', undefined],
  ['a.constructor', undefined],
])('mediaTypeOf %s', (name, type) => {
  expect(mediaTypeOf(name)).toBe(type)
})
