/** The book of what was tried: by item and by part, forgotten item by item. */
import { expect, test, vi } from 'vitest'

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

test('forgetting an item does not look through the others: thousands may end one by one', () => {
  const book = createTries(testLine(), () => 0)
  for (const id of ['1', '2', '3']) book.judge(id, down, 0, rules)
  const walks = [
    vi.spyOn(Map.prototype, 'keys'),
    vi.spyOn(Map.prototype, 'values'),
    vi.spyOn(Map.prototype, 'entries'),
    vi.spyOn(Map.prototype, 'forEach'),
    vi.spyOn(Map.prototype, Symbol.iterator),
  ]
  book.forget('2')
  for (const walk of walks) expect(walk).not.toHaveBeenCalled()
  vi.restoreAllMocks()
})
