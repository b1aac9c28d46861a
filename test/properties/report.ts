/** Runs a property and tells of a failure in words: the smallest script, what broke, what was sent. */
import { asyncProperty, check } from 'fast-check'

import type { Defect } from './defects.ts'
import { play } from './play.ts'
import type { Outcome } from './play.ts'
import type { Script, Step } from './script.ts'
import { scripts } from './scripts.ts'
import type { Scope } from './scripts.ts'

const wish = process.env.PROPERTY_SEED
/**
 * The same scripts with each run, so that what a change breaks is what it broke. `PROPERTY_SEED=7` plays others, and
 * `PROPERTY_SEED=random` those of nobody's choice; `PROPERTY_EFFORT=10` plays more of them.
 */
export const seed = wish === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(wish ?? 20_261_121)

/** A factor on the number of runs, for a longer look than `npm test` takes. */
const effort = Number(process.env.PROPERTY_EFFORT ?? 1)

/** What was found, in words, and after how many runs; undefined: nothing. */
export interface Finding {
  runs: number
  violations: readonly string[]
  text: string
}

/** Plays `runs` scripts. */
export async function search(
  runs: number,
  scope: Scope,
  { defect = {}, shrink = true }: { defect?: Defect; shrink?: boolean } = {},
): Promise<Finding | undefined> {
  const judge = async (script: Script): Promise<boolean> =>
    (await play(script, defect)).violations.length === 0
  const details = await check(asyncProperty(scripts(scope), judge), {
    seed,
    numRuns: Math.ceil(runs * effort),
    endOnFailure: !shrink,
  })
  const [script] = details.counterexample ?? []
  if (!details.failed || !script) return undefined
  const outcome = await play(script, defect)
  const head = `Broken after ${details.numRuns} runs, made smaller ${details.numShrinks} times (PROPERTY_SEED=${seed}).`
  return {
    runs: details.numRuns,
    violations: outcome.violations,
    text: [head, inWords(script, outcome)].join('\n'),
  }
}

/** Item ids are long, and counted in virtual time: their ends say as much. */
const shortIds = (text: string): string =>
  text.replaceAll(/\b([0-9a-f]{2})[0-9a-f]{22}([0-9a-f]{8})\b/g, (_id, visit: string, item: string) =>
    [Number.parseInt(visit, 16), Number.parseInt(item, 16)].join('-'),
  )

const inTime = (after: Step['after']): string =>
  typeof after === 'number' ? `${after} ms later` : `when the next ${after.operation} ${after.moment}`

/** A script and its outcome as lines. */
function inWords(
  { world, settings, steps, faults, bans, ending }: Script,
  { violations, log }: Outcome,
): string {
  const plain = (value: object): string =>
    Object.entries(value)
      .map(([name, one]) => `${name} ${String(one)}`)
      .join(', ')
  const lines = [
    ...violations.map((violation) => `✗ ${violation}`),
    `world: ${plain(world)}`,
    `settings: ${plain(settings)}`,
    ...steps.map(({ after, command }) => `${inTime(after)}: ${plain(command)}`),
    ...faults.map(({ operation, nth, trouble }) => `${operation} number ${nth} meets: ${trouble}`),
    ...bans.map(({ file, at }) => `file ${file} is banned at ${at}`),
    `at the end, what is paused: ${ending}`,
    'What happened:',
    ...log,
  ]
  return shortIds(lines.join('\n'))
}
