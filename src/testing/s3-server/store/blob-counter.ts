/** Who still needs which bytes: objects, copies that share them, answers being sent. The last one to let go deletes. */
export class BlobCounter {
  readonly #counts = new Map<string, number>()
  readonly #remove: (id: string) => Promise<void>

  constructor(remove: (id: string) => Promise<void>) {
    this.#remove = remove
  }

  has(id: string): boolean {
    return this.#counts.has(id)
  }

  retain(id: string): void {
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1)
  }

  async release(id: string): Promise<void> {
    const left = (this.#counts.get(id) ?? 0) - 1
    if (left > 0) {
      this.#counts.set(id, left)
      return
    }
    this.#counts.delete(id)
    await this.#remove(id)
  }
}
