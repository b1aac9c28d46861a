import { describe, expect, test } from 'vitest'

import type { AcceptMatch } from '../../src/protocol/accept.ts'
import { contentDisposition, contentTypeFor, isTypePattern, mayInline } from '../../src/server/content.ts'

test.each<[name: string, type: string, match: AcceptMatch, expected: string]>([
  ['a.png', 'image/png', 'all', 'image/png'],
  ['a.png', 'IMAGE/PNG; q=1', 'all', 'image/png'],
  ['a.png', '', 'all', 'image/png'],
  ['a.heic', '', 'all', 'image/heic'],
  ['a.heic', 'application/octet-stream', 'all', 'image/heic'],
  ['a.qqq', '', 'all', 'application/octet-stream'],
  ['a', '', 'all', 'application/octet-stream'],
  ['a.html', 'text/html', 'type', 'text/html'],
  // Let in by its extension alone: what it says of itself does not count.
  ['a.pdf', 'text/html', 'extension', 'application/pdf'],
  ['a.qqq', 'text/html', 'extension', 'application/octet-stream'],
  // S3 reads commas as a list, `$` as a variable, and a line break would end the header.
  ['a.png', 'image/png,text/html', 'all', 'image/png'],
  ['a', 'image/${filename}', 'all', 'application/octet-stream'],
  ['a', 'text/html\r\nx-amz-acl: public-read', 'all', 'application/octet-stream'],
  ['a', 'constructor', 'all', 'application/octet-stream'],
  ['a', `image/${'x'.repeat(200)}`, 'all', 'application/octet-stream'],
])('the object of %j, told %j, let in by %s', (name, type, match, expected) => {
  expect(contentTypeFor({ name, type }, match)).toBe(expected)
})

describe('contentDisposition', () => {
  test.each([
    ['photo.png', 'attachment; filename="photo.png"'],
    ['a"b\\c.png', 'attachment; filename="c.png"'],
    ['a"; x="b.png', 'attachment; filename="a_x_b.png"'],
    ["é(1)'*.png", `attachment; filename="_(1)_.png"; filename*=UTF-8''%C3%A9%281%29_.png`],
    ['a\r\nb.png', 'attachment; filename="a_b.png"'],
  ])('%j', (name, expected) => {
    expect(contentDisposition('attachment', name)).toBe(expected)
  })
})

test.each<[type: string, inline: string[], expected: boolean]>([
  ['image/png', [], false],
  ['image/png', ['image/*'], true],
  ['image/png', ['IMAGE/PNG'], true],
  ['application/pdf', ['image/*', 'application/pdf'], true],
  // What runs scripts is never meant by a wildcard.
  ['image/svg+xml', ['image/*'], false],
  ['image/svg+xml', ['image/svg+xml'], true],
  ['text/html', ['text/*', '*/*'], false],
  ['text/xml', ['text/*'], false],
  ['application/xhtml+xml', ['application/*'], false],
  ['application/xml', ['application/*'], false],
  ['text/javascript', ['text/*'], false],
  ['text/ecmascript', ['text/*'], false],
  ['multipart/x-mixed-replace', ['*/*'], false],
  ['text/plain', ['text/*'], true],
  ['image/png', ['*/*'], true],
  // Browsers look into these for a page.
  ['application/unknown', ['*/*', 'application/*', 'application/unknown'], false],
  ['unknown/unknown', ['*/*', 'unknown/*', 'unknown/unknown'], false],
  // A wildcard means what is known to be harmless, and nothing that it does not know.
  ['application/octet-stream', ['*/*'], false],
  ['application/x-new', ['*/*', 'application/*'], false],
  ['image/x-new', ['image/*'], false],
  ['text/markdown', ['text/*'], false],
  ['text/markdown', ['text/markdown'], true],
])('mayInline %s in %j', (type, inline, expected) => {
  expect(mayInline(type, inline)).toBe(expected)
})

test.each(['image/*', '*/*', '.pdf', '.tar.gz', 'application/vnd.ms-excel', 'text/plain; charset=utf-8'])(
  'isTypePattern %j',
  (text) => {
    expect(isTypePattern(text)).toBe(true)
  },
)

test.each(['image', 'pdf', '*', 'image/', '/png', 'image/p*', '.', '', 'image/*, .pdf'])(
  'not isTypePattern %j',
  (text) => {
    expect(isTypePattern(text)).toBe(false)
  },
)
