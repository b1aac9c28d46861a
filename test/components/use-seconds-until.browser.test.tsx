import { act, cleanup, render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { useSecondsUntil } from '../../src/components/shared/use-seconds-until.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

test('counts down from the first glance on, however long the row was there', () => {
  const drawn: (number | undefined)[] = []
  function Row({ until }: { until?: number }): ReactNode {
    drawn.push(useSecondsUntil(until))
    return null
  }
  const { rerender } = render(<Row />)
  vi.advanceTimersByTime(600_000)
  rerender(<Row until={Date.now() + 2500} />)
  for (let second = 0; second < 4; second++) act(() => void vi.advanceTimersByTime(1000))
  expect([...new Set(drawn)]).toEqual([undefined, 3, 2, 1])
  expect(drawn.at(-1)).toBeUndefined()
})
