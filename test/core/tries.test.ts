/** The book of what was tried: by item and by part, forgotten item by item. */
import { expect, test } from 'vitest'

import { UploadError } from '../../src/core/index.ts'
import { createTries } from '../../src/core/recovery/tries.ts'
import { testLine } from '../support/engine.ts'

const down = new UploadError('storage-failed', 'later', 'down', { status: 500 })
const rules = { retry: 1, retryDelay: 5 }

test('an item and its parts are counted apart, and forgotten together, nobody else with them', () => {
  const book = createTries(testLine(), () => 0)
  const decide = (key: string): string => book.judge(key, down, 0, rules).do
  const keys = ['1', '1#1', '1#2', '1#told', '11', '11#1']
  expect(keys.map(decide)).toEqual(Array.from(keys, () => 'wait'))
  expect(keys.map(decide)).toEqual(Array.from(keys, () => 'fail'))
  book.forget('1')
  expect(keys.map(decide)).toEqual(['wait', 'wait', 'wait', 'wait', 'fail', 'fail'])
})

test('forgetting one of thousands does not look through the others', () => {
  const book = createTries(testLine(), () => 0)
  const ids = Array.from({ length: 40_000 }, (_, at) => `id${at}`)
  for (const id of ids) book.judge(id, down, 0, rules)
  const began = performance.now()
  for (const id of ids.toReversed()) book.forget(id)
  // Some milliseconds; it takes seconds when each looks through all of them.
  expect(performance.now() - began).toBeLessThan(1000)
})
