/** Promises that the engine gave, and has to keep. */

/** See {@link createPromiseBook}. */
export interface PromiseBook {
  /** This must resolve. */
  expect(name: string, promise: Promise<unknown>): void
  /** The same, as soon as all of these are over. */
  expectOnceOver(ids: readonly string[], promise: Promise<unknown>): void
  /** Those of the second kind that are still open, though `isOver` says that all of their items are. */
  overdue(isOver: (id: string) => boolean): readonly string[]
  /** Those of any kind that are open, or were broken. */
  open(): readonly string[]
}

interface Entry {
  readonly name: string
  readonly ids: readonly string[] | undefined
  state: 'open' | 'kept' | 'broken'
}

/** Makes the book. */
export function createPromiseBook(): PromiseBook {
  const entries: Entry[] = []

  const add = (name: string, ids: readonly string[] | undefined, promise: Promise<unknown>): void => {
    const entry: Entry = { name, ids, state: 'open' }
    entries.push(entry)
    promise.then(
      () => (entry.state = 'kept'),
      () => (entry.state = 'broken'),
    )
  }
  const namesOf = (found: readonly Entry[]): readonly string[] =>
    found.map(({ name, state }) => `${name} is ${state}`)

  return {
    expect: (name, promise) => add(name, undefined, promise),
    expectOnceOver: (ids, promise) => add(`whenSettled of ${ids.join(', ')}`, ids, promise),
    overdue: (isOver) => namesOf(entries.filter(({ ids, state }) => state === 'open' && ids?.every(isOver))),
    open: () => namesOf(entries.filter(({ state }) => state !== 'kept')),
  }
}
