/** DESIGN's table of commands in each status, on the real engine. (`remote` items are not made by it.) */
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import { loadChunks, quiet } from '../../support/engine.ts'
import type { Placed } from './states.ts'
import { states } from './states.ts'

beforeAll(loadChunks)
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const commands = ['pause', 'resume', 'cancel', 'retry', 'remove', 'rename'] as const
type Command = (typeof commands)[number]

/** What each command leads to, in the order of `commands`; `-`: it passes the item over. */
const table: Readonly<Record<string, string>> = {
  queued: 'paused - canceled - gone renamed',
  preparing: 'paused - canceled - gone -',
  uploading: 'paused - canceled - gone -',
  waiting: 'paused queued canceled queued gone -',
  'paused before its first grant': '- queued canceled - gone renamed',
  'paused after it': '- queued canceled - gone -',
  processing: '- - - - - -',
  'waiting for the app': '- processing - processing - -',
  success: '- - - - gone -',
  'error at prepare': '- - canceled queued gone renamed',
  'error at transfer': '- - canceled queued gone -',
  'error at complete': '- - canceled queued gone -',
  'error at confirm': '- - canceled processing gone -',
  canceled: '- - - queued gone renamed',
  rejected: '- - - - gone -',
}

const cases = Object.entries(table).flatMap(([state, row]) => {
  const outcomes = row.split(' ')
  return commands.map((command, at) => ({ state, command, outcome: outcomes[at] ?? '?' }))
})

test('every way to a status is in the table', () => {
  expect(Object.keys(table)).toEqual(Object.keys(states))
})

function run({ uploader, id }: Placed, command: Command): void {
  if (command === 'rename') uploader.rename(id, 'b')
  else uploader[command](id)
}

function seen({ uploader, id }: Placed, before: unknown): string {
  const after = uploader.getItem(id)
  if (after === undefined) return 'gone'
  if (after === before) return '-'
  return after.name === 'b' ? 'renamed' : after.status
}

describe('in a status, a command', () => {
  test.each(cases)('$state: $command → $outcome', async ({ state, command, outcome }) => {
    const [status, bring] = states[state] ?? []
    if (!bring || !status) throw new Error(`no way to ${state}`)
    const it = await bring()
    const before = await it.until(it.id, status)
    // What is queued from now on stays so: nothing is under test here but the command.
    it.uploader.setOptions({ concurrency: 0 })
    run(it, command)
    expect(seen(it, before)).toBe(outcome)
    // Late news of what was ended do not bring it back.
    const after = it.uploader.getItem(it.id)
    await quiet()
    expect(it.uploader.getItem(it.id)).toBe(after)
    expect(it.uploader.getIds()).toHaveLength(outcome === 'gone' ? 0 : 1)
  })
})
