import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'

import { S3Uploader } from '../../src/index.ts'
import { scriptedBackend } from '../../src/testing/index.ts'

test('a server renders the uploader: the button is there before any script', () => {
  const html = renderToString(
    <S3Uploader backend={scriptedBackend()} accept={{ 'image/*': [] }} maxSize={25_000_000} />,
  )
  expect(html).toMatch(/<button[^>]*>Choose files<\/button>/)
  expect(html).toMatch(/Accepts images<.+>Up to 25 MB each</)
  expect(html).toContain('role="status"')
  expect(html).toMatch(/<ul[^>]*aria-label="Files"/)
})
