/** Every attack case of PEERS-REACT 6 and FACTS 6, over HTTP, with the object proven absent by listing the bucket. */
import { describe } from 'vitest'

import type { Store, StoreHabits } from '../../store-suite.ts'
import { describeCallers } from './callers.ts'
import { describeNames } from './names.ts'
import { describeReceipts } from './receipts.ts'

/** Declares the tests for the store that `open()` gives once they run. */
export function describeAttacks(open: () => Store, habits: StoreHabits = {}): void {
  describe('attacks by names and types', () => {
    describeNames(open, habits)
  })
  describe('attacks by receipts and bodies', () => {
    describeReceipts(open)
  })
  describe('attacks by callers and replays', () => {
    describeCallers(open)
  })
}
