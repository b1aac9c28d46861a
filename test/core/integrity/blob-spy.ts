import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A Blob that is never whole in memory, counts how many of its slices are, and can refuse to be read. */
export interface BlobSpy {
  readonly blob: Blob
  /** Most slices in memory at a time, after the garbage was collected. */
  readonly mostAlive: () => number
  /** Bytes of the largest slice. */
  readonly largest: () => number
  readonly reads: () => number
}

/**
 * @param size bytes, all zero
 * @param onRead called before each read with its number, from 1; what it throws is what the read rejects with
 */
export function blobSpy(size: number, onRead: (read: number) => void = () => undefined): BlobSpy {
  const collectGarbage = garbageCollector()
  const buffers: WeakRef<ArrayBuffer>[] = []
  const seen = { alive: 0, largest: 0, reads: 0 }

  const read = async (bytes: number): Promise<ArrayBuffer> => {
    seen.reads += 1
    seen.largest = Math.max(seen.largest, bytes)
    onRead(seen.reads)
    // A WeakRef holds its target until the task is over: what lives is counted in another one.
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    const buffer = new ArrayBuffer(bytes)
    seen.alive = Math.max(seen.alive, 1 + buffers.filter((ref) => ref.deref()).length)
    buffers.push(new WeakRef(buffer))
    return buffer
  }
  const slice = (start = 0, end = size): Blob => {
    const part = new Blob([])
    const bytes = Math.min(end, size) - start
    return Object.defineProperties(part, {
      size: { value: bytes },
      arrayBuffer: { value: () => read(bytes) },
    })
  }
  const blob = Object.defineProperties(new Blob([]), { size: { value: size }, slice: { value: slice } })
  return {
    blob,
    mostAlive: () => seen.alive,
    largest: () => seen.largest,
    reads: () => seen.reads,
  }
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('This Node gives no hand on its garbage collector.')
  return () => void collect()
}
