/** Reads an object's bytes across the files they lie in. */
import type { Catalog } from './catalog.ts'
import type { BlobRef } from './records.ts'

/**
 * The bytes from `start` to before `end`. They stay readable though the object is replaced or deleted meanwhile, from
 * the moment of this call until the reading ends or is given up by `return()`.
 */
export function readBytes(
  catalog: Catalog,
  blobs: readonly BlobRef[],
  start: number,
  end: number,
): AsyncIterableIterator<Uint8Array> {
  for (const { id } of blobs) catalog.blobs.retain(id)
  let held = true
  const release = async () => {
    if (!held) return
    held = false
    for (const { id } of blobs) await catalog.blobs.release(id)
  }
  const inner = read(catalog, blobs, start, end)
  // Not a bare generator: one that was never started runs no `finally` when it is given up.
  return {
    async next() {
      try {
        const step = await inner.next()
        if (step.done) await release()
        return step
      } catch (error) {
        await release()
        throw error
      }
    },
    async return() {
      await inner.return()
      await release()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* read(
  catalog: Catalog,
  blobs: readonly BlobRef[],
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0
  for (const { id, size } of blobs) {
    const [from, to] = [Math.max(0, start - at), Math.min(size, end - at)]
    if (from < to) yield* catalog.storage.readBlob(id, from, to)
    at += size
  }
}
