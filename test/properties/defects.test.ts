import { afterAll, beforeAll, expect, test } from 'vitest'

import { plantedDefects } from './defects.ts'
import { search, seed } from './report.ts'
import { enterVirtualTime, leaveVirtualTime, loadChunks } from './virtual-time.ts'

await loadChunks()
beforeAll(enterVirtualTime)
afterAll(leaveVirtualTime)

console.info(`Planted defects: PROPERTY_SEED=${seed}`)

/** Scripts until each is told, at most. */
const enough = 2500

test.each(plantedDefects)(
  'is told: $name',
  async ({ name, told, defect, reloads = false }) => {
    const found = await search(enough, { bans: false, reloads }, { defect, shrink: false })
    console.info(`${name}: told after ${found?.runs} runs`)
    if (found && !told.test(found.violations.join('\n'))) console.error(found.text)
    expect(found?.violations.join('\n')).toMatch(told)
  },
  60_000,
)
