/** The bucket of the model: objects, uploads in parts, and S3's answers. */
import type { HttpResponse } from '../../src/core/index.ts'
import { partLength } from '../../src/protocol/part-plan.ts'

/** What lies under a key. */
export interface ModelObject {
  bytes: Uint8Array
  etag: string
  /** How often the key was written. */
  writes: number
}

interface Multipart {
  readonly key: string
  readonly size: number
  readonly partSize: number
  readonly parts: Map<number, { bytes: Uint8Array; etag: string }>
  state: 'open' | 'completed' | 'aborted'
}

/** A part as a client names it when it completes. */
export interface NamedPart {
  number: number
  etag: string | undefined
}

/** How the store behaves where stores differ. */
export interface BucketOptions {
  /** A second completion of the same upload. */
  completedTwice: 'success' | 'NoSuchUpload'
  etags: 'shown' | 'hidden'
  /** Objects are written with `If-None-Match: *`. */
  createOnly: boolean
}

/** See {@link createBucket}. */
export interface ModelBucket {
  readonly objects: ReadonlyMap<string, ModelObject>
  write(key: string, bytes: Uint8Array): HttpResponse
  begin(key: string, size: number, partSize: number): string
  writePart(uploadId: string, number: number, bytes: Uint8Array): HttpResponse
  /** The numbers and sizes of what is there; undefined: no such upload. */
  parts(uploadId: string): readonly { number: number; size: number; etag: string }[] | undefined
  complete(uploadId: string, parts: readonly NamedPart[]): HttpResponse
  abort(uploadId: string): HttpResponse
  remove(key: string): void
  /** Uploads in parts that are neither completed nor aborted. */
  open(): readonly string[]
  isOpen(uploadId: string): boolean
  /** Is it open, and has it got anywhere? */
  hasParts(uploadId: string): boolean
}

/** S3's words for a failure. */
export function s3Error(status: number, code: string, message = ''): HttpResponse {
  const text = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`
  return { status, headers: new Map(), text }
}

/** Makes an empty bucket. What no client of S3 may do is noted in `violations`. */
export function createBucket(options: BucketOptions, violations: string[]): ModelBucket {
  const objects = new Map<string, ModelObject>()
  const uploads = new Map<string, Multipart>()
  const noSuchUpload = s3Error(404, 'NoSuchUpload')

  const find = (uploadId: string): Multipart | undefined => {
    const upload = uploads.get(uploadId)
    if (!upload) violations.push(`the upload id ${uploadId} was never given out`)
    return upload
  }
  const ok = (etag: string, text = ''): HttpResponse => ({
    status: 200,
    headers: new Map(options.etags === 'shown' ? [['etag', etag]] : []),
    text,
  })
  const store = (key: string, bytes: Uint8Array): ModelObject => {
    const object = { bytes, etag: etagOf(bytes), writes: (objects.get(key)?.writes ?? 0) + 1 }
    objects.set(key, object)
    return object
  }

  return {
    objects,
    write(key, bytes) {
      if (options.createOnly && objects.has(key)) return s3Error(412, 'PreconditionFailed')
      return ok(store(key, bytes).etag)
    },
    begin(key, size, partSize) {
      const uploadId = `u${uploads.size}`
      uploads.set(uploadId, { key, size, partSize, parts: new Map(), state: 'open' })
      return uploadId
    },
    writePart(uploadId, number, bytes) {
      const upload = find(uploadId)
      if (upload?.state !== 'open') return noSuchUpload
      if (partLength(upload.size, upload.partSize, number) !== bytes.length) {
        violations.push(`part ${number} of ${uploadId} came with ${bytes.length} bytes`)
        return s3Error(400, 'InvalidArgument')
      }
      const etag = etagOf(bytes)
      upload.parts.set(number, { bytes, etag })
      return ok(etag)
    },
    parts(uploadId) {
      const upload = find(uploadId)
      if (upload?.state !== 'open') return undefined
      return [...upload.parts]
        .map(([number, { bytes, etag }]) => ({ number, size: bytes.length, etag }))
        .toSorted((a, b) => a.number - b.number)
    },
    complete(uploadId, named) {
      const upload = find(uploadId)
      const done = upload && objects.get(upload.key)
      if (upload?.state === 'completed' && done && options.completedTwice === 'success')
        return ok(done.etag, completed(upload.key, done.etag))
      if (upload?.state !== 'open') return noSuchUpload
      const chosen = named.map(({ number, etag }) => {
        const part = upload.parts.get(number)
        return part?.etag === etag ? part : undefined
      })
      if (named.some(({ etag }) => etag === undefined))
        violations.push(`${uploadId} was completed with parts whose ETag nobody has read`)
      if (named.length === 0 || chosen.includes(undefined)) return s3Error(400, 'InvalidPart')
      if (named.some(({ number }, at) => at > 0 && number <= (named[at - 1]?.number ?? 0)))
        return s3Error(400, 'InvalidPartOrder')
      if (options.createOnly && objects.has(upload.key)) return s3Error(412, 'PreconditionFailed')
      upload.state = 'completed'
      // As S3: parts that are not named are left out, and nobody is told.
      const bytes = chosen.flatMap((part) => [...(part?.bytes ?? [])])
      const { etag } = store(upload.key, Uint8Array.from(bytes))
      upload.parts.clear()
      return ok(etag, completed(upload.key, etag))
    },
    abort(uploadId) {
      const upload = find(uploadId)
      if (upload?.state !== 'open') return noSuchUpload
      upload.state = 'aborted'
      upload.parts.clear()
      return { status: 204, headers: new Map(), text: '' }
    },
    remove: (key) => void objects.delete(key),
    open: () => [...uploads].flatMap(([id, { state }]) => (state === 'open' ? [id] : [])),
    isOpen: (uploadId) => uploads.get(uploadId)?.state === 'open',
    hasParts: (uploadId) => (uploads.get(uploadId)?.parts.size ?? 0) > 0,
  }
}

const completed = (key: string, etag: string): string =>
  `<CompleteMultipartUploadResult><Location>https://s3-0.test/${key}</Location><Bucket>bucket</Bucket><Key>${key}</Key><ETag>${etag}</ETag></CompleteMultipartUploadResult>`

/** FNV-1a: other bytes, another tag. */
function etagOf(bytes: Uint8Array): string {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return `"${(hash >>> 0).toString(16).padStart(8, '0')}-${bytes.length}"`
}
