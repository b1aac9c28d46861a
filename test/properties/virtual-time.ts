/** Hours in milliseconds: fake timers, a turn of the real event loop after each. */
import { vi } from 'vitest'

import { InstantBlob } from '../support/model-s3-file.ts'

const birth = 1_700_000_000_000
const realImmediate = setImmediate

/** Everything that the engine may fetch at first use: had once, it comes in a turn. */
export async function loadChunks(): Promise<void> {
  const modules = import.meta.glob('../../src/core/**/*.ts')
  await Promise.all(Object.values(modules).map((load) => load()))
}

/** Lets everything run that waits for no timer. Chunks that are loaded already take one turn. */
export async function turn(): Promise<void> {
  for (let at = 0; at < 2; at++) await new Promise<void>((resolve) => void realImmediate(resolve))
}

/** Stops the clock, and takes away what would wait for the machine or for chance. */
export function enterVirtualTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: birth })
  vi.stubGlobal('Blob', InstantBlob)
}

/** Back to the machine's own time. */
export function leaveVirtualTime(): void {
  vi.useRealTimers()
  vi.unstubAllGlobals()
}

/** The same date and the same chances in every run: clock, ids and jitter are no part of a script. */
export function beginAnew(): void {
  vi.setSystemTime(birth)
  let state = 1
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return state
  }
  vi.spyOn(Math, 'random').mockImplementation(() => next() / 0x8000_0000)
  let ids = 0
  vi.stubGlobal('crypto', {
    // Without `subtle`: its digests come when the machine has time.
    getRandomValues(bytes: Uint8Array) {
      bytes.fill(0)
      bytes[0] = ids++
      return bytes
    },
  })
}

/** Lets `milliseconds` pass, or less where `isEnough` says so earlier. */
export async function pass(milliseconds: number, isEnough: () => boolean = () => false): Promise<void> {
  const over = new AbortController()
  const end = setTimeout(() => over.abort(), milliseconds)
  await turn()
  while (!over.signal.aborted && !isEnough()) {
    vi.advanceTimersToNextTimer()
    await turn()
  }
  clearTimeout(end)
}

/** Lets time pass until no timer is left, `most` milliseconds at most. Returns whether it became silent. */
export async function silence(most: number): Promise<boolean> {
  const end = Date.now() + most
  await turn()
  while (vi.getTimerCount() > 0) {
    if (Date.now() > end) return false
    vi.advanceTimersToNextTimer()
    await turn()
  }
  return true
}
