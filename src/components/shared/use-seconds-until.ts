'use client'
import { useEffect, useState } from 'react'

/** Whole seconds until a time (milliseconds since 1970), counting down; undefined without one or when it is over. */
export function useSecondsUntil(until: number | undefined): number | undefined {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (until === undefined) return
    const tick = (): void => setNow(Date.now())
    tick()
    const timer = setInterval(tick, 1000)
    return () => clearInterval(timer)
  }, [until])
  return until === undefined || until <= now ? undefined : Math.ceil((until - now) / 1000)
}
