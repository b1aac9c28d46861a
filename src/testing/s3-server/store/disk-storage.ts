/**
 * A folder: `blobs/` holds bytes under random names, `buckets/`, `objects/`, `uploads/`, `parts/` hold records in
 * JSON. Object keys never become file names: they may be longer than a file name can be, hold `..`, and differ only
 * in case. Every file is written beside its place and moved there, so a crash leaves no half of one; what is
 * flushed to the disk when is left to the system. One server per folder.
 */
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { lockFolder } from './folder-lock.ts'
import type { BlobWriter, Collection, Storage } from './storage.ts'

const collections: readonly Collection[] = ['buckets', 'objects', 'uploads', 'parts']
const unfinished = '.tmp'
/** Chunks are gathered up to this many bytes: sockets deliver 64 KiB at a time, and each write is a round trip. */
const batchSize = 1 << 18

/**
 * Opens the folder, making it if need be, and clears away what was never finished.
 * @throws Error if another server has it
 */
export async function openDiskStorage(directory: string): Promise<Storage> {
  await mkdir(directory, { recursive: true })
  const unlock = await lockFolder(directory)
  const blobs = join(directory, 'blobs')
  for (const folder of [blobs, ...collections.map((name) => join(directory, name))]) {
    await mkdir(folder, { recursive: true })
    for (const file of await readdir(folder)) {
      if (file.endsWith(unfinished)) await rm(join(folder, file), { force: true })
    }
  }
  const recordPath = (collection: Collection, id: string) => join(directory, collection, `${id}.json`)

  return {
    async createBlob() {
      const id = randomUUID()
      return openWriter(id, join(blobs, id))
    },
    readBlob(id, start, end) {
      if (end <= start) return nothing()
      return createReadStream(join(blobs, id), { start, end: end - 1, highWaterMark: 1 << 18 })
    },
    deleteBlob: (id) => rm(join(blobs, id), { force: true }),
    async saveRecord(collection, id, record) {
      const path = recordPath(collection, id)
      const temporary = `${path}.${randomUUID()}${unfinished}`
      await writeFile(temporary, JSON.stringify(record))
      await rename(temporary, path)
    },
    deleteRecord: (collection, id) => rm(recordPath(collection, id), { force: true }),
    async loadRecords(collection) {
      const records = []
      for (const file of await readdir(join(directory, collection))) {
        if (!file.endsWith('.json')) continue
        const name = join(directory, collection, file)
        records.push({ name, value: parse(name, await readFile(name, 'utf8')) })
      }
      return records
    },
    close: unlock,
    async sweep(isKept) {
      for (const id of await readdir(blobs)) if (!isKept(id)) await rm(join(blobs, id), { force: true })
    },
  }
}

async function openWriter(id: string, path: string): Promise<BlobWriter> {
  const temporary = `${path}${unfinished}`
  const file = await open(temporary, 'wx')
  // One buffer for all of the file: to gather chunks in new ones would leave a file's worth of garbage behind.
  const batch = Buffer.allocUnsafe(batchSize)
  let [size, filled] = [0, 0]
  const writeAll = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten
  }
  const flush = async () => {
    await writeAll(batch.subarray(0, filled))
    filled = 0
  }
  return {
    async write(chunk) {
      size += chunk.length
      if (filled + chunk.length > batchSize) await flush()
      if (chunk.length > batchSize) await writeAll(chunk)
      else filled += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).copy(batch, filled)
    },
    async finish() {
      await flush()
      await file.close()
      await rename(temporary, path)
      return { id, size }
    },
    async discard() {
      await file.close()
      await rm(temporary, { force: true })
    },
  }
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`${name} is not JSON. Delete it, or the whole folder, to start without it.`, { cause })
  }
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}
