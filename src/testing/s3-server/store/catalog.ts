/**
 * What there is: buckets, objects, uploads, parts. Held in memory for speed, written to the storage at once, and
 * loaded from it at the start. A change is made when its record is saved; until then nobody sees it.
 */
import { createHash } from 'node:crypto'

import { S3Error } from '../errors.ts'
import { BlobCounter } from './blob-counter.ts'
import { KeyLock } from './key-lock.ts'
import {
  decodeBucket,
  decodeObject,
  decodePart,
  decodeUpload,
  type BlobRef,
  type BucketRecord,
  type ObjectRecord,
  type PartRecord,
  type UploadRecord,
} from './records.ts'
import type { Storage } from './storage.ts'

/** One bucket's contents. */
export interface Bucket {
  readonly record: BucketRecord
  readonly objects: ReadonlyMap<string, ObjectRecord>
  readonly uploads: ReadonlyMap<string, Upload>
}

/** An upload with its parts, by number. */
export interface Upload {
  readonly record: UploadRecord
  readonly parts: ReadonlyMap<number, PartRecord>
}

interface OwnBucket {
  record: BucketRecord
  readonly objects: Map<string, ObjectRecord>
  readonly uploads: Map<string, OwnUpload>
}

interface OwnUpload {
  readonly record: UploadRecord
  readonly parts: Map<number, PartRecord>
}

/** See the head of this file. */
export class Catalog {
  readonly storage: Storage
  readonly blobs: BlobCounter
  readonly #buckets = new Map<string, OwnBucket>()
  readonly #lock = new KeyLock()

  private constructor(storage: Storage) {
    this.storage = storage
    this.blobs = new BlobCounter((id) => storage.deleteBlob(id))
  }

  /** @throws Undecodable or Error if the folder holds something else than our records */
  static async open(storage: Storage): Promise<Catalog> {
    const catalog = new Catalog(storage)
    await catalog.#load()
    return catalog
  }

  get buckets(): ReadonlyMap<string, Bucket> {
    return this.#buckets
  }

  /** @throws S3Error NoSuchBucket */
  bucket(name: string): Bucket {
    return this.#bucket(name)
  }

  async saveBucket(record: BucketRecord): Promise<void> {
    await this.storage.saveRecord('buckets', record.name, record)
    const known = this.#buckets.get(record.name)
    if (known) known.record = record
    else this.#buckets.set(record.name, { record, objects: new Map(), uploads: new Map() })
  }

  /** @throws S3Error NoSuchBucket, BucketNotEmpty. Unfinished uploads do not keep it. */
  async deleteBucket(name: string): Promise<void> {
    const bucket = this.#bucket(name)
    if (bucket.objects.size > 0) throw new S3Error('BucketNotEmpty')
    for (const id of bucket.uploads.keys()) await this.deleteUpload(name, id)
    await this.storage.deleteRecord('buckets', name)
    this.#buckets.delete(name)
  }

  /**
   * Puts an object in its place, and decides at that moment whether it may: of several writers on condition one
   * wins (AWS: conditional-writes). The record's blobs are taken over, or deleted if it is refused and nobody else
   * holds them.
   * @param allow is given what is there now, and throws to refuse
   */
  async putObject(record: ObjectRecord, allow: (current: ObjectRecord | undefined) => void): Promise<void> {
    await this.#holding(record.blobs, () =>
      this.#lock.run(`${record.bucket}/${record.key}`, async () => {
        const bucket = this.#bucket(record.bucket)
        const current = bucket.objects.get(record.key)
        allow(current)
        await this.storage.saveRecord('objects', objectId(record), record)
        bucket.objects.set(record.key, record)
        for (const { id } of record.blobs) this.blobs.retain(id)
        for (const { id } of current?.blobs ?? []) await this.blobs.release(id)
      }),
    )
  }

  /** @param allow as in {@link putObject}; deleting what is not there is fine */
  async deleteObject(
    name: string,
    key: string,
    allow: (current: ObjectRecord | undefined) => void,
  ): Promise<void> {
    await this.#lock.run(`${name}/${key}`, async () => {
      const bucket = this.#bucket(name)
      const current = bucket.objects.get(key)
      allow(current)
      if (!current) return
      await this.storage.deleteRecord('objects', objectId(current))
      bucket.objects.delete(key)
      for (const { id } of current.blobs) await this.blobs.release(id)
    })
  }

  /** Changes an object's record in place, its bytes untouched. @throws S3Error NoSuchKey */
  async updateObject(
    name: string,
    key: string,
    change: (current: ObjectRecord) => ObjectRecord,
  ): Promise<void> {
    await this.#lock.run(`${name}/${key}`, async () => {
      const bucket = this.#bucket(name)
      const current = bucket.objects.get(key)
      if (!current) throw new S3Error('NoSuchKey', { fields: [['Key', key]] })
      const changed = change(current)
      await this.storage.saveRecord('objects', objectId(changed), changed)
      bucket.objects.set(key, changed)
    })
  }

  async saveUpload(record: UploadRecord): Promise<void> {
    const bucket = this.#bucket(record.bucket)
    await this.storage.saveRecord('uploads', record.id, record)
    bucket.uploads.set(record.id, { record, parts: new Map() })
  }

  /** A part sent again replaces the one before. @throws S3Error NoSuchUpload if the upload ended meanwhile */
  async savePart(name: string, part: PartRecord): Promise<void> {
    await this.#holding([part.blob], () =>
      this.#lock.run(part.uploadId, async () => {
        const upload = this.#bucket(name).uploads.get(part.uploadId)
        if (!upload) throw new S3Error('NoSuchUpload', { fields: [['UploadId', part.uploadId]] })
        await this.storage.saveRecord('parts', partId(part), part)
        const before = upload.parts.get(part.number)
        upload.parts.set(part.number, part)
        this.blobs.retain(part.blob.id)
        if (before) await this.blobs.release(before.blob.id)
      }),
    )
  }

  /** Runs alone on this upload: no part arrives and nobody else ends it meanwhile. */
  async withUpload<T>(id: string, work: () => Promise<T>): Promise<T> {
    return this.#lock.run(id, work)
  }

  /** Forgets an upload and those of its parts that no object took over. */
  async deleteUpload(name: string, id: string): Promise<void> {
    const bucket = this.#bucket(name)
    const upload = bucket.uploads.get(id)
    if (!upload) return
    bucket.uploads.delete(id)
    await this.storage.deleteRecord('uploads', id)
    for (const part of upload.parts.values()) {
      await this.storage.deleteRecord('parts', partId(part))
      await this.blobs.release(part.blob.id)
    }
  }

  /** Keeps the blobs while `work` decides on them; those that it did not keep are gone afterwards. */
  async #holding(blobs: readonly BlobRef[], work: () => Promise<void>): Promise<void> {
    for (const { id } of blobs) this.blobs.retain(id)
    try {
      await work()
    } finally {
      for (const { id } of blobs) await this.blobs.release(id)
    }
  }

  #bucket(name: string): OwnBucket {
    const bucket = this.#buckets.get(name)
    if (!bucket) throw new S3Error('NoSuchBucket', { fields: [['BucketName', name]] })
    return bucket
  }

  async #load(): Promise<void> {
    for (const { name, value } of await this.storage.loadRecords('buckets')) {
      const record = decodeBucket(value, name)
      this.#buckets.set(record.name, { record, objects: new Map(), uploads: new Map() })
    }
    for (const { name, value } of await this.storage.loadRecords('objects')) {
      const record = decodeObject(value, name)
      const bucket = this.#buckets.get(record.bucket)
      if (!bucket) continue
      bucket.objects.set(record.key, record)
      for (const { id } of record.blobs) this.blobs.retain(id)
    }
    const uploads = new Map<string, OwnUpload>()
    for (const { name, value } of await this.storage.loadRecords('uploads')) {
      const upload: OwnUpload = { record: decodeUpload(value, name), parts: new Map() }
      uploads.set(upload.record.id, upload)
      this.#buckets.get(upload.record.bucket)?.uploads.set(upload.record.id, upload)
    }
    for (const { name, value } of await this.storage.loadRecords('parts')) {
      const part = decodePart(value, name)
      const upload = uploads.get(part.uploadId)
      if (upload) {
        upload.parts.set(part.number, part)
        this.blobs.retain(part.blob.id)
      } else await this.storage.deleteRecord('parts', partId(part)) // its upload ended while we were stopped
    }
    await this.storage.sweep((id) => this.blobs.has(id))
  }
}

function objectId({ bucket, key }: { readonly bucket: string; readonly key: string }): string {
  return createHash('sha256').update(`${bucket}/${key}`).digest('hex')
}

function partId({ uploadId, number }: PartRecord): string {
  return `${uploadId}.${number}`
}
