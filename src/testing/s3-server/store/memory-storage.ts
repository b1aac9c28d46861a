/** Everything in memory, gone with the process. */
import { randomUUID } from 'node:crypto'

import type { BlobWriter, Storage } from './storage.ts'

/** A store for tests. Its memory grows with what is stored. */
export function openMemoryStorage(): Storage {
  const blobs = new Map<string, Uint8Array[]>()
  return {
    createBlob(): Promise<BlobWriter> {
      const chunks: Uint8Array[] = []
      return Promise.resolve({
        write(chunk) {
          chunks.push(chunk)
          return Promise.resolve()
        },
        finish() {
          const id = randomUUID()
          blobs.set(id, chunks)
          return Promise.resolve({ id, size: chunks.reduce((size, { length }) => size + length, 0) })
        },
        discard: () => Promise.resolve(),
      })
    },
    async *readBlob(id, start, end) {
      let at = 0
      for (const chunk of blobs.get(id) ?? []) {
        const part = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at))
        if (part.length > 0) yield part
        at += chunk.length
      }
    },
    deleteBlob(id) {
      blobs.delete(id)
      return Promise.resolve()
    },
    saveRecord: () => Promise.resolve(),
    deleteRecord: () => Promise.resolve(),
    loadRecords: () => Promise.resolve([]),
    sweep: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}
