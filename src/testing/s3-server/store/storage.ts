/** Where bytes and records are kept: in memory, or in a folder. */
import type { BlobRef } from './records.ts'

/** Kinds of records. */
export type Collection = 'buckets' | 'objects' | 'uploads' | 'parts'

/** Bytes on their way in. */
export interface BlobWriter {
  /** Keeps the chunk; resolves when the next may come. */
  write(chunk: Uint8Array): Promise<void>
  /** Makes it a blob. */
  finish(): Promise<BlobRef>
  /** Forgets it. */
  discard(): Promise<void>
}

/** Keeps bytes and small records, and knows nothing of S3. */
export interface Storage {
  createBlob(): Promise<BlobWriter>
  /** @param end exclusive */
  readBlob(id: string, start: number, end: number): AsyncIterable<Uint8Array>
  deleteBlob(id: string): Promise<void>
  /** Replaces the record at once or not at all. `id` is made of `a-z`, `0-9`, `.` and `-`. */
  saveRecord(collection: Collection, id: string, record: object): Promise<void>
  deleteRecord(collection: Collection, id: string): Promise<void>
  /** All records of a kind, unchecked: they may have been edited. `name` is for messages. */
  loadRecords(collection: Collection): Promise<{ readonly name: string; readonly value: unknown }[]>
  /** Deletes what an earlier life left behind: blobs that no record names. */
  sweep(isKept: (id: string) => boolean): Promise<void>
  /** Lets another server have it. */
  close(): Promise<void>
}
