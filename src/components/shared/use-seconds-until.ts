'use client'
import { useSyncExternalStore } from 'react'

/** Whole seconds until a time (milliseconds since 1970), counting down; undefined without one or when it is over. */
export function useSecondsUntil(until: number | undefined): number | undefined {
  // By the clock as it is now: one that was read when the row was made would add the row's age to the first glance.
  const left = (): number | undefined =>
    until === undefined || until <= Date.now() ? undefined : Math.ceil((until - Date.now()) / 1000)
  return useSyncExternalStore(until === undefined ? never : everySecond, left, () => undefined)
}

const never = () => (): void => undefined

function everySecond(tick: () => void): () => void {
  const timer = setInterval(tick, 1000)
  return () => clearInterval(timer)
}
