import { afterAll, beforeAll, expect, test } from 'vitest'

import { search, seed } from './report.ts'
import { enterVirtualTime, leaveVirtualTime, loadChunks } from './virtual-time.ts'

await loadChunks()
beforeAll(enterVirtualTime)
afterAll(leaveVirtualTime)

console.info(`Engine properties: PROPERTY_SEED=${seed}`)

const inTime = 300_000

test.each([
  [
    'what passes by itself costs no file, no click and no second object',
    700,
    { bans: false, reloads: false },
  ],
  ['what does not pass costs one click once it is over', 300, { bans: true, reloads: false }],
  ['what was written down survives a reload', 600, { bans: false, reloads: true }],
])(
  '%s (%i runs)',
  async (_promise, runs, scope) => {
    const found = await search(runs, scope)
    if (found) console.error(found.text)
    expect(found?.violations ?? []).toEqual([])
  },
  inTime,
)
