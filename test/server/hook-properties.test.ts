/** Any answer of any hook: only one of the right type lets a file through. */
import { anything, assert, asyncProperty, constantFrom, oneof } from 'fast-check'
import { expect, test, vi } from 'vitest'

import { ask, isGranted } from './asking.ts'
import { neverRight } from './wrong-values.ts'

test('only answers of the right type let a file through', { timeout: 60_000 }, async () => {
  const isFull = (value: unknown): boolean => typeof value === 'string' && value.trim() !== ''
  const lets: Readonly<Record<string, (value: unknown) => boolean>> = {
    quota: (value) => typeof value === 'number' && value >= 1000,
    rateLimit: (value) => value === true || value === 0,
    userId: isFull,
    key: isFull,
    object: (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0,
    now: (value) => typeof value === 'number' && Number.isFinite(value),
    authorize: (value) =>
      value === true ||
      isFull(value) ||
      (typeof value === 'number' && value > 0) ||
      (typeof value === 'bigint' && value > 0n) ||
      (typeof value === 'object' && value !== null && 'id' in value && Boolean(value.id)),
  }
  const values = oneof(
    anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true }),
    constantFrom(...neverRight.map(([, value]) => value)),
  )
  await assert(
    asyncProperty(constantFrom(...Object.keys(lets)), values, async (hook, value) => {
      const run = vi.fn(() => value)
      const outcome = await ask({ [hook]: run })
      expect(run).toHaveBeenCalled()
      const mayPass = lets[hook]?.(value) ?? false
      expect(isGranted(outcome) && !mayPass).toBe(false)
    }),
    { numRuns: 1000 },
  )
})
