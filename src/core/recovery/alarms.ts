/** Waiting for a moment, or for the line to be back. */

/** What the browser says of the line. */
export interface Line {
  isOnline: () => boolean
  /** Calls `listener` when the line is back. Returns the function that ends it. */
  onOnline: (listener: () => void) => () => void
}

/** One alarm per item. */
export interface Alarms {
  /** Rings once: after `delay` milliseconds, or earlier when the line is back, where `offline`. */
  set: (id: string, delay: number, offline: boolean, ring: () => void) => void
  clear: (id: string) => void
  clearAll: () => void
  /** The same as a promise; rejects with the signal's reason. */
  sleep: (delay: number, offline: boolean, signal: AbortSignal) => Promise<void>
}

/** Makes the alarms. Nothing is listened to while none is set. */
export function createAlarms(line: Line): Alarms {
  const ends = new Map<string, () => void>()

  const arm = (delay: number, offline: boolean, ring: () => void): (() => void) => {
    const end = (): void => {
      clearTimeout(timer)
      endOnline?.()
    }
    const once = (): void => {
      end()
      ring()
    }
    const timer = setTimeout(once, delay)
    const endOnline = offline ? line.onOnline(once) : undefined
    return end
  }

  const clear = (id: string): void => {
    ends.get(id)?.()
    ends.delete(id)
  }

  return {
    set(id, delay, offline, ring) {
      clear(id)
      const end = arm(delay, offline, () => {
        ends.delete(id)
        ring()
      })
      ends.set(id, end)
    },
    clear,
    clearAll() {
      for (const id of ends.keys()) clear(id)
    },
    sleep: (delay, offline, signal) =>
      new Promise((resolve, reject) => {
        const giveUp = (): void => {
          end()
          reject(signal.reason)
        }
        const end = arm(delay, offline, () => {
          signal.removeEventListener('abort', giveUp)
          resolve()
        })
        if (signal.aborted) giveUp()
        else signal.addEventListener('abort', giveUp, { once: true })
      }),
  }
}
