/** What the store knows about buckets, objects, uploads and parts: plain JSON, kept beside the bytes. */
import type { CorsRule } from '../cors/cors-rule.ts'
import { count, list, maybe, oneOf, pair, shape, text, type Decoder } from './decode.ts'

/** Stored bytes: one file, or one list of chunks in memory. */
export interface BlobRef {
  readonly id: string
  readonly size: number
}

/** The algorithms that this server computes. */
export const checksumAlgorithms: readonly ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] = [
  'CRC32',
  'CRC32C',
  'CRC64NVME',
  'SHA1',
  'SHA256',
]
/** See {@link checksumAlgorithms}. */
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number]

/** Of all bytes, or of the parts' checksums (AWS: checking-object-integrity-upload). */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE'

/** A checksum as S3 writes it: base64, with `-N` behind it if it is composite. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm
  readonly type: ChecksumType
  readonly value: string
}

/** Everything about an object that whoever writes it may choose. */
export interface ObjectAttributes {
  readonly contentType: string
  readonly cacheControl?: string
  readonly contentDisposition?: string
  readonly contentEncoding?: string
  readonly contentLanguage?: string
  readonly expires?: string
  readonly websiteRedirect?: string
  readonly storageClass: string
  /** Everybody may read the object. Only servers that take unsigned headers keep it. */
  readonly acl?: 'public-read'
  /** Names in lower case, without `x-amz-meta-`. */
  readonly metadata: readonly (readonly [name: string, value: string])[]
  readonly tags: readonly (readonly [key: string, value: string])[]
}

/** A stored object. */
export interface ObjectRecord {
  readonly bucket: string
  readonly key: string
  readonly size: number
  /** Without quotes: the MD5, or `md5-N` after a multipart upload. */
  readonly etag: string
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  readonly attributes: ObjectAttributes
  readonly checksum: Checksum
  /** The bytes, in order. A completed upload keeps its parts' files: completing copies nothing. */
  readonly blobs: readonly BlobRef[]
  /** Of a completed upload: what GET with `partNumber` answers. */
  readonly parts?: readonly ObjectPart[]
}

/** One part of a completed upload. */
export interface ObjectPart {
  readonly number: number
  readonly size: number
  readonly checksum?: string
}

/** A bucket. */
export interface BucketRecord {
  readonly name: string
  readonly createdAt: number
  readonly cors?: readonly CorsRule[]
}

/** An upload in parts that is neither completed nor aborted. */
export interface UploadRecord {
  readonly id: string
  readonly bucket: string
  readonly key: string
  readonly initiatedAt: number
  readonly attributes: ObjectAttributes
  /** As chosen when it was created; `undefined` if nothing was. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType }
}

/** A part that has arrived. */
export interface PartRecord {
  readonly uploadId: string
  readonly number: number
  readonly etag: string
  readonly modifiedAt: number
  readonly blob: BlobRef
  /** The one that was sent with it, if any. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string }
  /** CRC64NVME, which S3 computes where nobody sends a checksum. */
  readonly crc64: string
}

const blobRef = shape<BlobRef>({ id: text, size: count })
const algorithm = oneOf(...checksumAlgorithms)
const checksumType = oneOf('FULL_OBJECT', 'COMPOSITE')

const attributes = shape<ObjectAttributes>({
  contentType: text,
  cacheControl: maybe(text),
  contentDisposition: maybe(text),
  contentEncoding: maybe(text),
  contentLanguage: maybe(text),
  expires: maybe(text),
  websiteRedirect: maybe(text),
  storageClass: text,
  acl: maybe(oneOf('public-read')),
  metadata: list(pair),
  tags: list(pair),
})

const corsRule = shape<CorsRule>({
  id: maybe(text),
  allowedOrigins: list(text),
  allowedMethods: list(text),
  allowedHeaders: list(text),
  exposeHeaders: list(text),
  maxAgeSeconds: maybe(count),
})

/** Checks a record that was read back. @throws Undecodable */
export const decodeBucket: Decoder<BucketRecord> = shape<BucketRecord>({
  name: text,
  createdAt: count,
  cors: maybe(list(corsRule)),
})

const checksum = shape<Checksum>({ algorithm, type: checksumType, value: text })

/** Checks a record that was read back. @throws Undecodable */
export const decodeObject: Decoder<ObjectRecord> = shape<ObjectRecord>({
  bucket: text,
  key: text,
  size: count,
  etag: text,
  modifiedAt: count,
  attributes,
  checksum,
  blobs: list(blobRef),
  parts: maybe(list(shape<ObjectPart>({ number: count, size: count, checksum: maybe(text) }))),
})

/** Checks a record that was read back. @throws Undecodable */
export const decodeUpload: Decoder<UploadRecord> = shape<UploadRecord>({
  id: text,
  bucket: text,
  key: text,
  initiatedAt: count,
  attributes,
  checksum: maybe(shape<NonNullable<UploadRecord['checksum']>>({ algorithm, type: checksumType })),
})

/** Checks a record that was read back. @throws Undecodable */
export const decodePart: Decoder<PartRecord> = shape<PartRecord>({
  uploadId: text,
  number: count,
  etag: text,
  modifiedAt: count,
  blob: blobRef,
  checksum: maybe(shape<NonNullable<PartRecord['checksum']>>({ algorithm, value: text })),
  crc64: text,
})
