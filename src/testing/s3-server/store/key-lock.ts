/** Lets work on the same thing happen one after the other. */
export class KeyLock {
  readonly #tails = new Map<string, Promise<unknown>>()

  /** Runs `work` when all earlier work under this name is done, however that ended. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name) ?? Promise.resolve()
    const mine = before.then(work, work)
    this.#tails.set(name, mine)
    try {
      return await mine
    } finally {
      if (this.#tails.get(name) === mine) this.#tails.delete(name)
    }
  }
}
