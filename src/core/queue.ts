/** Order and budgets: who is next, and how many at a time. */

/** Lets at most `limit` holders in; the others wait in order. */
export interface Budget {
  /** Resolves with the function that gives the place back. Rejects with the signal's reason when it aborts first. */
  acquire(signal: AbortSignal): Promise<() => void>
}

/** Makes a budget of `limit` places. */
export function createBudget(limit: number): Budget {
  let free = limit
  const waiting = new Set<() => void>()

  const release = (): (() => void) => {
    let held = true
    return () => {
      if (!held) return
      held = false
      free++
      const [next] = waiting
      next?.()
    }
  }

  return {
    acquire(signal) {
      return new Promise((resolve, reject) => {
        const enter = (): void => {
          waiting.delete(enter)
          signal.removeEventListener('abort', leave)
          free--
          resolve(release())
        }
        const leave = (): void => {
          waiting.delete(enter)
          reject(signal.reason)
        }
        if (signal.aborted) leave()
        else if (free > 0) enter()
        else {
          waiting.add(enter)
          signal.addEventListener('abort', leave, { once: true })
        }
      })
    },
  }
}

/** Ids waiting in order for one of `limit` slots. */
export interface UploadQueue {
  /** At the end. An id that waits or runs already stays where it is. */
  add(ids: readonly string[]): void
  /** At the front: it had its turn before and was put off. */
  addFirst(id: string): void
  /** Takes an id out, whether it waits or runs; its slot is free at once. */
  delete(id: string): void
  setLimit(limit: number): void
}

/** Makes a queue; `run` is called with all ids that start together, so that they can be asked for in one call. */
export function createQueue(limit: number, run: (ids: readonly string[]) => void): UploadQueue {
  const waiting = new Set<string>()
  const running = new Set<string>()
  let places = limit

  const pump = (): void => {
    const starting: string[] = []
    for (const id of waiting) {
      if (running.size >= places) break
      waiting.delete(id)
      running.add(id)
      starting.push(id)
    }
    if (starting.length) run(starting)
  }

  return {
    add(ids) {
      for (const id of ids) if (!running.has(id)) waiting.add(id)
      pump()
    },
    addFirst(id) {
      if (running.has(id)) return
      const rest = [...waiting].filter((other) => other !== id)
      waiting.clear()
      for (const next of [id, ...rest]) waiting.add(next)
      pump()
    },
    delete(id) {
      waiting.delete(id)
      if (running.delete(id)) pump()
    },
    setLimit(next) {
      places = next
      pump()
    },
  }
}
