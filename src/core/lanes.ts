/** Budgets of requests: one per origin, smaller while the origin is in trouble. */

/** Lets so many requests in at a time; the others wait in order. */
export interface Lane {
  /**
   * Resolves with the function that gives the place back. Rejects with the signal's reason when it aborts first.
   * @param urgent before all that wait: what ends an upload should not stand behind what begins one
   */
  acquire(signal: AbortSignal, urgent?: boolean): Promise<() => void>
  /** Requests on their way or waiting, for choosing the emptiest of several lanes. */
  load(): number
  /** A request was answered: after twice as many as fit in, one more may. */
  succeed(): void
  /** Throttled, or no answer: half as many from now on. The requests that fail together count once. */
  suffer(): void
  setMost(most: number): void
}

/** Milliseconds in which failures count as one. */
const oneTrouble = 1000

/** Makes a lane for `most` requests at a time; `now` in milliseconds. */
export function createLane(most: number, now: () => number): Lane {
  let limit = most
  let busy = 0
  let good = 0
  let lastTrouble = -Infinity
  let waiting: (() => void)[] = []

  const pump = (): void => {
    for (const enter of waiting.splice(0, Math.max(0, limit - busy))) enter()
  }

  return {
    acquire(signal, urgent) {
      return new Promise((resolve, reject) => {
        const enter = (): void => {
          signal.removeEventListener('abort', leave)
          busy++
          let held = true
          resolve(() => {
            if (held) busy--
            held = false
            pump()
          })
        }
        const leave = (): void => {
          waiting = waiting.filter((one) => one !== enter)
          reject(signal.reason)
        }
        if (signal.aborted) return leave()
        signal.addEventListener('abort', leave, { once: true })
        if (urgent) waiting.unshift(enter)
        else waiting.push(enter)
        pump()
      })
    },
    load: () => busy + waiting.length,
    succeed() {
      if (limit >= most || ++good < limit * 2) return
      good = 0
      limit++
      pump()
    },
    suffer() {
      if (now() - lastTrouble < oneTrouble) return
      lastTrouble = now()
      good = 0
      limit = Math.max(1, limit >> 1)
    },
    setMost(next) {
      if (next === most) return // what trouble has taught holds
      limit = most = next
      pump()
    },
  }
}
