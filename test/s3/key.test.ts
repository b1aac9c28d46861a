import { describe, expect, test } from 'vitest'

import { encodeKey, encodeRfc3986 } from '../../src/s3/key.ts'

describe('encodeKey', () => {
  test.each([
    ['plain', 'a/b-c_d.e~f', 'a/b-c_d.e~f'],
    ['what encodeURIComponent leaves alone', "it's (1)!*", 'it%27s%20%281%29%21%2A'],
    ['what a URL would read as its own', 'a?b#c&d=e+f%g', 'a%3Fb%23c%26d%3De%2Bf%25g'],
    ['other scripts, in UTF-8', 'kůň/日本.txt', 'k%C5%AF%C5%88/%E6%97%A5%E6%9C%AC.txt'],
    ['beyond the first plane', '🐴', '%F0%9F%90%B4'],
    ['a lone surrogate', 'a\uD800b', 'a%EF%BF%BDb'],
    ['decomposed stays decomposed', 'e\u0301', 'e%CC%81'],
    ['control characters', 'a\r\n\t\u0000', 'a%0D%0A%09%00'],
    ['empty', '', ''],
    ['slashes kept as they are', '//a//', '//a//'],
  ])('%s', (_, key, encoded) => {
    expect(encodeKey(key)).toBe(encoded)
  })

  test('every byte of ASCII is either unreserved or %XX', () => {
    for (let code = 0; code < 128; code += 1) {
      const char = String.fromCharCode(code)
      const expected = /[A-Za-z0-9._~/-]/.test(char)
        ? char
        : `%${code.toString(16).toUpperCase().padStart(2, '0')}`
      expect(encodeKey(char)).toBe(expected)
    }
  })
})

test('encodeRfc3986 encodes the slash too', () => {
  expect(encodeRfc3986('a/b')).toBe('a%2Fb')
})
