/** Ids waiting in order for one of `limit` slots. */
export interface UploadQueue {
  /** At the end. An id that waits or runs already stays where it is. */
  add(ids: readonly string[]): void
  /** Behind those that had their turn before and were put off, and before all others. */
  addFirst(id: string): void
  /** Before all others, in this order. */
  advance(ids: readonly string[]): void
  /** Takes an id out, whether it waits or runs; its slot is free at once. */
  delete(id: string): void
  /** Those that wait, in order. */
  waiting(): Iterable<string>
  /** Those that run, the latest last. */
  running(): readonly string[]
  setLimit(limit: number): void
  /** Starts nothing while `work` lasts: a place that it frees might go to what it comes to next. */
  hold(work: () => void): void
}

/** Makes a queue; `run` is called with all ids that start together, so that they can be asked for in one call. */
export function createQueue(limit: number, run: (ids: readonly string[]) => void): UploadQueue {
  // Two lines, so that putting one before thousands copies only the few that are before them already.
  let front = new Set<string>()
  const back = new Set<string>()
  const running = new Set<string>()
  let places = limit
  let holds = 0

  function* waiting(): Iterable<string> {
    yield* front
    yield* back
  }

  const pump = (): void => {
    const starting: string[] = []
    for (const id of waiting()) {
      if (holds || running.size >= places) break
      front.delete(id)
      back.delete(id)
      running.add(id)
      starting.push(id)
    }
    if (starting.length) run(starting)
  }

  return {
    add(ids) {
      for (const id of ids) if (!running.has(id) && !front.has(id)) back.add(id)
      pump()
    },
    addFirst(id) {
      if (running.has(id)) return
      back.delete(id)
      front.add(id)
      pump()
    },
    advance(ids) {
      const next = ids.filter((id) => !running.has(id))
      for (const id of next) back.delete(id)
      front = new Set([...next, ...front])
      pump()
    },
    delete(id) {
      front.delete(id)
      back.delete(id)
      if (running.delete(id)) pump()
    },
    waiting,
    running: () => [...running],
    setLimit(next) {
      places = next
      pump()
    },
    hold(work) {
      holds++
      try {
        work()
      } finally {
        holds--
        pump()
      }
    },
  }
}
