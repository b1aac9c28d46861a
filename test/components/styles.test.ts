import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

const src = fileURLToPath(new URL('../../src', import.meta.url))
const sheets = readdirSync(join(src, 'components'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.css'),
)
const read = (file: string): string => readFileSync(join(src, file), 'utf8')
const withoutComments = (css: string): string => css.replace(/\/\*[^]*?\*\//g, '')
const all = sheets.map((file) => withoutComments(read(`components/${file}`))).join('\n')

test('the stylesheet gathers the css of every part, in the layer', () => {
  const imported = [
    ...read('styles.css').matchAll(/@import '\.\/components\/(.+)' layer\(s3-upload-kit\);/g),
  ].map(([, file]) => file)
  expect(new Set(imported)).toEqual(new Set(sheets))
})

test('colors survive the build of an app', () => {
  // Vite's default target turns light-dark() into variables that no app defines.
  expect(all).not.toContain('light-dark(')
})

test('it works from right to left: no physical sides', () => {
  expect(all).not.toMatch(
    /(margin|padding|border|inset)-(left|right|top|bottom)|[\s;{](left|right|width|height):/,
  )
})

test('every token in use has a value, and every value is in use', () => {
  const declared = new Set(all.match(/--s3u-[\w-]+(?=:)/g))
  const used = new Set(all.match(/(?<=var\()--s3u-[\w-]+/g))
  expect([...used].filter((token) => !declared.has(token))).toEqual([])
  expect([...declared].filter((token) => !used.has(token))).toEqual([])
})
