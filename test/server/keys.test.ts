import { describe, expect, test } from 'vitest'

import { keyProblem, sanitizeFileName, uniqueKey } from '../../src/server/keys.ts'

test.each<[name: string, expected: string]>([
  ['photo.png', 'photo.png'],
  ['my photo (1).png', 'my_photo_(1).png'],
  ['résumé.pdf', 'résumé.pdf'],
  ['re\u0301sume\u0301.pdf', 'résumé.pdf'],
  ['写真.jpg', '写真.jpg'],
  ['عکس\u200Cها.jpg', 'عکس\u200Cها.jpg'],
  ['👩\u200D👩\u200D👧.gif', '👩\u200D👩\u200D👧.gif'],
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\boot.ini', 'boot.ini'],
  ['..', 'file'],
  ['.', 'file'],
  ['', 'file'],
  ['/', 'file'],
  ['.htaccess', 'htaccess'],
  ['name.', 'name'],
  ['__init__.py', '_init_.py'],
  ['a#b?c%2e%2e+d.txt', 'a_b_c_2e_2e_d.txt'],
  ['${filename}', '_filename_'],
  ['a$$b.txt', 'a_b.txt'],
  ['<script>"\'&;.html', '_script_.html'],
  ['line\r\nbreak\0.txt', 'line_break_.txt'],
  ['\u007f\u0085.txt', '_.txt'],
  ['photo\u202Egpj.exe', 'photo_gpj.exe'],
  ['\uD800half.txt', '_half.txt'],
  ['\u3000wide space.txt', '_wide_space.txt'],
])('sanitizeFileName %j', (name, expected) => {
  const tidy = sanitizeFileName(name)
  expect(tidy).toBe(expected)
  expect(keyProblem(tidy)).toBeUndefined()
})

const bytes = (text: string): number => Buffer.byteLength(text)

describe('long names', () => {
  test('are cut to 200 bytes and keep their extension', () => {
    const tidy = sanitizeFileName(`${'写'.repeat(300)}.jpeg`)
    expect(bytes(tidy)).toBeLessThanOrEqual(200)
    expect(bytes(tidy)).toBeGreaterThan(195)
    expect(tidy).toMatch(/^写+\.jpeg$/)
  })

  test('are never cut inside of a character', () => {
    expect(sanitizeFileName('😀'.repeat(60))).toBe('😀'.repeat(50))
  })

  test('do not take a long tail for an extension', () => {
    expect(bytes(sanitizeFileName(`a.${'b'.repeat(400)}`))).toBe(200)
  })
})

test('uniqueKey gives each file its own key', () => {
  const key = uniqueKey('a/b.png', 'users/42/')
  expect(key).toMatch(/^users\/42\/[0-9a-f-]{36}\/b\.png$/)
  expect(uniqueKey('a/b.png', 'users/42/')).not.toBe(key)
})

test.each([
  ['', 'is empty'],
  ['/a', 'empty segment'],
  ['a/', 'empty segment'],
  ['a//b', 'empty segment'],
  ['..', 'dots'],
  ['a/../b', 'dots'],
  ['a/./b', 'dots'],
  ['a\\b', 'backslash'],
  ['a$b', '$'],
  ['${filename}', '$'],
  ['a\0b', 'control'],
  ['a\nb', 'control'],
  ['a\u007fb', 'control'],
  ['a\u0085b', 'control'],
  ['a\uDC00b', 'Unicode'],
  ['é'.repeat(513), '1024 bytes'],
])('keyProblem finds fault with %j', (key, why) => {
  expect(keyProblem(key)).toContain(why)
})

test.each(['a', 'a/b', 'a..b', '...', '%2e%2e/%2F', 'a b+c?d#e', 'é'.repeat(512), '写真/😀.jpg'])(
  'keyProblem lets %j pass',
  (key) => {
    expect(keyProblem(key)).toBeUndefined()
  },
)
