/** What stores can do. The table is of November 2026, from each store's own documentation or source. */
import { partLimits } from '../../protocol/part-plan.ts'
import type { WireChecksumAlgorithm } from '../../protocol/wire.ts'

/**
 * A store's treatment of `x-amz-*` headers that a browser adds to a presigned request and that nobody signed. Such a
 * header can copy other objects (`x-amz-copy-source`), publish (`x-amz-acl`) or tag.
 *
 * - `refused`: refuses the request, as AWS does.
 * - `named`: acts on the headers, but skips absent ones when it compares signatures. So URLs name the dangerous headers
 *   as signed, and a request that brings one is refused (Ceph RGW).
 * - `taken`: acts on the headers, whatever the URL says (MinIO). Whole files are granted as forms, which ignore headers;
 *   PUT and parts need `grantCredentials`.
 * - `ask`: not known. The signer asks the store before its first PUT or part, once per process.
 */
export type UnsignedHeaders = 'refused' | 'named' | 'taken' | 'ask'

/** Values of an option that a store takes. `any`: the store itself refuses others, with an error. */
export type TakenValues = 'any' | readonly string[]

/** What the signer must know of a store before it grants. */
export interface StoreCapabilities {
  /** Does it take forms with a POST policy? R2 and B2 answer 501. */
  readonly post: boolean
  /** Does it keep Content-Disposition, Cache-Control and Content-Encoding of forms? Else files go as PUT where they can. */
  readonly formHeaders: boolean
  /** Digests that it compares with what arrives. */
  readonly checksums: readonly WireChecksumAlgorithm[]
  /** Of those, the ones of which it makes one for the whole of an upload in parts. */
  readonly fullChecksums: readonly WireChecksumAlgorithm[]
  /** Does it compare `x-amz-mp-object-size` when parts become an object? We look at sizes by ourselves, too. */
  readonly objectSize: boolean
  /** Bytes of the largest object that CopyObject takes; `promote` copies larger ones in ranges. */
  readonly largestCopy: number
  /** Does `If-None-Match: *` of a PUT keep an object from being replaced? */
  readonly conditionalWrites: boolean
  /** The same of CompleteMultipartUpload. */
  readonly conditionalCompletion: boolean
  /**
   * The same of CopyObject, which `promote` uses. True only where the store was seen to refuse: one that ignores the
   * header replaces silently.
   */
  readonly conditionalCopy: boolean
  /** Does it keep tags? */
  readonly tags: boolean
  /** Does it keep the tags with which an upload in parts begins? Else the signer sets them on the object. */
  readonly partTags: boolean
  /** Does it keep `_` in names of metadata? */
  readonly metadataUnderscores: boolean
  /** Values of `acl` that are neither refused nor ignored. */
  readonly acls: TakenValues
  /** Values of `storageClass`. */
  readonly storageClasses: TakenValues
  /** Values of `sse`; a key of KMS is `KMS`. */
  readonly encryption: TakenValues
  /** Default: `refused` at addresses of AWS, `ask` elsewhere. */
  readonly unsignedHeaders: UnsignedHeaders
  /** Where its CORS rules are set: on the bucket (PutBucketCors), or by who runs the server. */
  readonly cors: 'bucket' | 'server'
  /** Does ListMultipartUploads find uploads by the beginning of their keys? */
  readonly listsUploads: boolean
  /** Must all parts but the last have the same size? We always send them so. */
  readonly equalParts: boolean
  /** Does it remove abandoned multipart uploads by itself or by a lifecycle rule? Else run `sweep()`. */
  readonly lifecycle: boolean
}

const all: readonly WireChecksumAlgorithm[] = ['crc32', 'crc32c', 'crc64nvme', 'sha256']

/** Amazon S3. */
export const awsCapabilities: StoreCapabilities = {
  post: true,
  formHeaders: true,
  checksums: all,
  fullChecksums: ['crc32', 'crc32c', 'crc64nvme'],
  objectSize: true,
  largestCopy: partLimits.maxSize,
  conditionalWrites: true,
  conditionalCompletion: true,
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html names CopyObject.
  conditionalCopy: true,
  tags: true,
  partTags: true,
  metadataUnderscores: true,
  acls: 'any',
  storageClasses: 'any',
  encryption: 'any',
  unsignedHeaders: 'refused',
  cors: 'bucket',
  listsUploads: true,
  equalParts: false,
  lifecycle: true,
}

/** A store that the app gave only an address of: taken for one like Amazon S3, but for what would fail silently. */
export const unknownCapabilities: StoreCapabilities = {
  ...awsCapabilities,
  conditionalCopy: false,
  unsignedHeaders: 'ask',
}

/** By store. Presets start from these; `capabilities` of the storage options overrides them. */
export const storeCapabilities: Readonly<Record<'aws' | 'r2' | 'b2' | 'minio' | 'ceph', StoreCapabilities>> =
  {
    aws: awsCapabilities,
    /**
     * https://developers.cloudflare.com/r2/api/s3/api/: no forms, no tags, no ACLs, no encryption but its own, two
     * storage classes; of the whole only CRC64NVME; aborts uploads after 7 days. `public-read` was refused in 2022
     * (PeerTube#5333) and is ignored now (FOSSBilling#4256). `private` says what is so anyway.
     */
    r2: {
      ...awsCapabilities,
      post: false,
      tags: false,
      acls: ['private'],
      storageClasses: ['STANDARD', 'STANDARD_IA'],
      encryption: [],
      unsignedHeaders: 'ask',
      equalParts: true,
      fullChecksums: ['crc64nvme'],
      objectSize: false,
      conditionalCopy: false,
    },
    /**
     * No forms ("does not support this API call", 501); digests and conditional writes are not documented.
     * https://www.backblaze.com/apidocs/s3-put-object: an ACL must be the bucket's, which is one of two; of encryptions
     * AES256. Of storage classes STANDARD, by its own error (gobackup#155).
     */
    b2: {
      ...awsCapabilities,
      post: false,
      checksums: [],
      fullChecksums: [],
      objectSize: false,
      conditionalWrites: false,
      conditionalCompletion: false,
      conditionalCopy: false,
      tags: false,
      acls: ['private', 'public-read'],
      storageClasses: ['STANDARD'],
      encryption: ['AES256'],
      unsignedHeaders: 'ask',
    },
    /**
     * CORS by `MINIO_API_CORS_ALLOW_ORIGIN` only: PutBucketCors is not implemented (cmd/dummy-handlers.go). Of unsigned
     * headers it refuses `x-amz-meta-*` alone, and it refuses URLs that name absent ones (cmd/signature-v4-utils.go).
     * PUT ignores ACLs (cmd/acl-handlers.go is a dummy). Two storage classes
     * (internal/config/storageclass, IsValid). A prefix of ListMultipartUploads is taken for a whole key
     * (minio/minio#11686, #20989: working as intended).
     */
    minio: {
      ...awsCapabilities,
      acls: ['private'],
      storageClasses: ['STANDARD', 'REDUCED_REDUNDANCY'],
      unsignedHeaders: 'taken',
      cors: 'server',
      listsUploads: false,
      conditionalCopy: false,
    },
    /**
     * Release 16 neither checks nor keeps x-amz-checksum-*; `If-None-Match` is checked on PUT only; tags are kept of forms and
     * PUT, not of uploads in parts; of a form's headers only Content-Type is kept; `_` in names of
     * metadata becomes `-`, but not in forms. Unsigned headers: see unsigned-headers.ts.
     */
    ceph: {
      ...awsCapabilities,
      formHeaders: false,
      checksums: [],
      fullChecksums: [],
      objectSize: false,
      conditionalCompletion: false,
      conditionalCopy: false,
      partTags: false,
      metadataUnderscores: false,
      unsignedHeaders: 'named',
    },
  }
