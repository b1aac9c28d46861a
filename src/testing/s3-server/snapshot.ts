/** What the store holds at a moment, as plain data. */
import { createHash } from 'node:crypto'

import type { CorsRule } from './cors/cors-rule.ts'
import { compareKeys } from './operations/listing.ts'
import type { Catalog } from './store/catalog.ts'
import { readBytes } from './store/object-bytes.ts'
import type { Checksum, ObjectAttributes, ObjectRecord } from './store/records.ts'

/** One object. */
export interface ObjectSnapshot extends ObjectAttributes {
  readonly key: string
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  readonly modifiedAt: Date
  readonly checksum: Checksum
  /** Of the bytes as they are stored, in hexadecimal. */
  readonly sha256: string
}

/** One upload in parts that has not ended. */
export interface UploadSnapshot {
  readonly key: string
  readonly uploadId: string
  readonly parts: readonly { readonly number: number; readonly size: number; readonly etag: string }[]
}

/** One bucket. */
export interface BucketSnapshot {
  readonly name: string
  readonly cors: readonly CorsRule[] | undefined
  /** Sorted by key. */
  readonly objects: readonly ObjectSnapshot[]
  /** Sorted by key, then by time. */
  readonly uploads: readonly UploadSnapshot[]
}

/** Reads all bytes of all objects, for their SHA-256. */
export async function takeSnapshot(catalog: Catalog): Promise<BucketSnapshot[]> {
  const buckets: BucketSnapshot[] = []
  for (const bucket of catalog.buckets.values()) {
    const objects: ObjectSnapshot[] = []
    for (const object of [...bucket.objects.values()].toSorted((a, b) => compareKeys(a.key, b.key))) {
      objects.push(await describe(catalog, object))
    }
    const uploads = [...bucket.uploads.values()]
      .toSorted((a, b) => compareKeys(a.record.key, b.record.key) || compareKeys(a.record.id, b.record.id))
      .map(({ record, parts }) => ({
        key: record.key,
        uploadId: record.id,
        parts: [...parts.values()]
          .map(({ number, etag, blob }) => ({ number, etag, size: blob.size }))
          .toSorted((a, b) => a.number - b.number),
      }))
    buckets.push({ name: bucket.record.name, cors: bucket.record.cors, objects, uploads })
  }
  return buckets.toSorted((a, b) => compareKeys(a.name, b.name))
}

async function describe(catalog: Catalog, object: ObjectRecord): Promise<ObjectSnapshot> {
  const { key, size, etag, modifiedAt, checksum, attributes, blobs } = object
  const hash = createHash('sha256')
  for await (const chunk of readBytes(catalog, blobs, 0, size)) hash.update(chunk)
  return {
    ...attributes,
    key,
    size,
    etag,
    modifiedAt: new Date(modifiedAt),
    checksum,
    sha256: hash.digest('hex'),
  }
}
