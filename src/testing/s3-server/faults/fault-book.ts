/** The rules in force, and which of them a request hits. */
import type { S3Operation } from '../operation.ts'
import { decodeFaultRule, type Fault, type FaultRule } from './fault.ts'
import { seededRandom } from './seeded-random.ts'

/** What rules look at. */
export interface FaultTarget {
  readonly operation: S3Operation
  readonly key: string | undefined
  readonly partNumber: number | undefined
}

/** A rule in force. */
export interface ActiveFault {
  readonly id: number
  readonly rule: FaultRule
  /** How often it has happened. */
  readonly hits: number
  /** Ends it; no more of it happens. */
  remove(): void
}

/** Faults of a running server. */
export interface Faults {
  /** @throws Undecodable if the rule is none */
  add(rule: FaultRule): ActiveFault
  /** Ends all. */
  clear(): void
  /** Those in force. */
  list(): readonly ActiveFault[]
}

interface Entry {
  readonly id: number
  readonly rule: FaultRule
  readonly random: () => number
  matches: number
  hits: number
}

/** See the head of this file. */
export class FaultBook implements Faults {
  readonly #seed: number
  readonly #entries = new Map<number, Entry>()
  #lastId = 0

  /** @param seed of chances: the same rules, requests and seed give the same faults */
  constructor(seed: number) {
    this.#seed = seed
  }

  add(rule: FaultRule): ActiveFault {
    const id = (this.#lastId += 1)
    // A sequence of its own for each rule, so that rules do not disturb one another.
    const random = seededRandom(this.#seed * 1_000_003 + id)
    const entry: Entry = { id, rule: decodeFaultRule(rule, 'rule'), random, matches: 0, hits: 0 }
    this.#entries.set(id, entry)
    return this.#active(entry)
  }

  clear(): void {
    this.#entries.clear()
  }

  list(): readonly ActiveFault[] {
    return [...this.#entries.values()].map((entry) => this.#active(entry))
  }

  /** The faults that happen to this request. Asking counts it. */
  hit(target: FaultTarget): Fault[] {
    const faults: Fault[] = []
    for (const entry of this.#entries.values()) {
      const { rule } = entry
      if (!fits(rule, target)) continue
      entry.matches += 1
      const lucky = rule.chance === undefined || entry.random() < rule.chance
      if (
        !lucky ||
        !isTurn(rule.nth, entry.matches) ||
        entry.hits >= (rule.times ?? Number.POSITIVE_INFINITY)
      )
        continue
      entry.hits += 1
      faults.push(rule.fault)
    }
    return faults
  }

  #active(entry: Entry): ActiveFault {
    const entries = this.#entries
    return {
      id: entry.id,
      rule: entry.rule,
      get hits() {
        return entry.hits
      },
      remove: () => void entries.delete(entry.id),
    }
  }
}

function fits({ on, keyPrefix, partNumber }: FaultRule, target: FaultTarget): boolean {
  if (on !== undefined && ![on].flat().includes(target.operation)) return false
  if (keyPrefix !== undefined && !target.key?.startsWith(keyPrefix)) return false
  return partNumber === undefined || partNumber === target.partNumber
}

function isTurn(nth: FaultRule['nth'], count: number): boolean {
  if (nth === undefined) return true
  if (typeof nth === 'number') return count === nth
  if (isList(nth)) return nth.includes(count) // first: lists have an `every` too
  return 'every' in nth ? count % nth.every === 0 : count >= nth.from && count <= (nth.to ?? count)
}

/** `Array.isArray` does not know of lists that are only read. */
function isList(value: NonNullable<FaultRule['nth']>): value is readonly number[] {
  return Array.isArray(value)
}
