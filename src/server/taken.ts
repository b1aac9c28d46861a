/** Which uploads the app has taken, as far as this process remembers. */
export interface TakenKeys {
  /** `onComplete` took the object of this key. */
  add(key: string): void
  has(key: string): boolean
}

/** @param most how many are remembered: the oldest are forgotten first */
export function createTakenKeys(most = 10_000): TakenKeys {
  const keys = new Set<string>()
  return {
    add(key) {
      keys.delete(key)
      keys.add(key)
      for (const oldest of keys) {
        if (keys.size <= most) break
        keys.delete(oldest)
      }
    },
    has: (key) => keys.has(key),
  }
}
