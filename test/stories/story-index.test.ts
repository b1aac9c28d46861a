import { fileURLToPath } from 'node:url'

import { buildIndex } from 'storybook/internal/core-server'
import { beforeAll, expect, test } from 'vitest'

import { uploadStatuses } from '../../src/core/index.ts'
import * as door from '../../src/index.ts'

/** The names of the stories, by title: what Storybook itself finds. */
let stories: Map<string, string[]>

beforeAll(async () => {
  const index = await buildIndex({ configDir: fileURLToPath(new URL('../../.storybook', import.meta.url)) })
  stories = new Map()
  for (const entry of Object.values(index.entries)) {
    if (entry.type === 'story') stories.set(entry.title, [...(stories.get(entry.title) ?? []), entry.name])
  }
}, 60_000)

test('each status of an item has its story', () => {
  const names = stories.get('UploadListItem')?.map((name) => name.toLowerCase())
  expect(names).toEqual(expect.arrayContaining([...uploadStatuses]))
})

test('each component has stories under its own name', () => {
  // Providers show nothing by themselves.
  const components = Object.keys(door).filter(
    (name) => /^[A-Z]\w*[a-z]$/.test(name) && !/Provider|Context|Error$/.test(name),
  )
  expect(components).toContain('S3Uploader')
  expect(components).toContain('UploadListItem')
  expect(components.filter((name) => !stories.has(name))).toEqual([])
})

test.each([
  ['S3Uploader', ['Empty', 'Dark', 'Right To Left', 'Mixed Results', 'Disabled', 'Running', 'Keyboard Only']],
  ['Dropzone', ['Dragging', 'Dragging Refused', 'Disabled']],
  [
    'UploadList',
    ['Empty', 'Many Files', 'Long Names', 'Right To Left Names', 'Every Error', 'Every Rejection'],
  ],
])('%s shows the states that are forgotten first', (title, names) => {
  expect(stories.get(title)).toEqual(expect.arrayContaining(names))
})
