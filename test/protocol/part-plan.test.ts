import { assert, maxSafeNat, nat, option, property } from 'fast-check'
import { expect, test } from 'vitest'

import {
  largestObject,
  partCount,
  partLength,
  partLimits,
  partSizeFor,
} from '../../src/protocol/part-plan.ts'

test.each([
  [0, undefined, 5_242_880, 1],
  [1, undefined, 5_242_880, 1],
  [5_242_881, undefined, 5_242_880, 2],
  [64 * 1024 ** 2, undefined, 11 * 1024 ** 2, 6],
  [96 * 1024 ** 2, undefined, 16_777_216, 6],
  [96 * 1024 ** 2 + 1, undefined, 16_777_216, 7],
  [64 * 1024 ** 2, 16_777_216, 16_777_216, 4],
  [10, 1, 5_242_880, 1],
  [100 * 1024 ** 3, 5_242_880, 11_534_336, 9310],
  [largestObject, undefined, partLimits.maxSize, 10_000],
])('%d bytes, wanted %s: parts of %d, %d of them', (size, wanted, partSize, count) => {
  expect(partSizeFor(size, wanted)).toBe(partSize)
  expect(partCount(size, partSize)).toBe(count)
})

test('parts are within S3’s bounds, and together they are the file', () => {
  assert(
    property(
      maxSafeNat().map((size) => size % (largestObject + 1)),
      option(nat()),
      (size, wanted) => {
        const partSize = partSizeFor(size, wanted ?? undefined)
        const count = partCount(size, partSize)
        // One for each line, unless they would be too small.
        const least = wanted === null && size > 5 * partLimits.minSize ? 6 : 1
        expect(count).toBeGreaterThanOrEqual(least)
        expect(partSize).toBeGreaterThanOrEqual(partLimits.minSize)
        expect(partSize).toBeLessThanOrEqual(partLimits.maxSize)
        expect(count).toBeLessThanOrEqual(partLimits.count)
        const last = partLength(size, partSize, count) ?? -1
        expect((count - 1) * partSize + last).toBe(size)
        for (const none of [0, -1, 1.5, count + 1, Number.NaN])
          expect(partLength(size, partSize, none)).toBeUndefined()
      },
    ),
  )
})
