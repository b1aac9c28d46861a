/**
 * Headers on which Ceph RGW acts though nobody signed them. URLs name them as signed while they are absent: RGW skips
 * them then, and refuses a request that brings one (403). Each is measured on release 16.2 in test/rgw, except where a
 * comment says otherwise.
 *
 * `x-amz-meta-*` has no end of names, so confirm compares what HEAD says of it. `_` in a name counts as `-`, in both
 * places.
 */

/** Named for whole objects and for parts. */
const ofRequests = [
  'copy-source',
  'copy-source-range',
  'acl',
  'grant-read',
  'grant-write',
  'grant-read-acp',
  'grant-write-acp',
  'grant-full-control',
  'tagging',
  'website-redirect-location',
  // Without effect alone, and part of copies.
  'metadata-directive',
  'tagging-directive',
  // Refused with 400 where the class, the keys or the lock are not set up; acted on where they are.
  'storage-class',
  'server-side-encryption',
  'server-side-encryption-aws-kms-key-id',
  'server-side-encryption-context',
  'server-side-encryption-bucket-key-enabled',
  'server-side-encryption-customer-algorithm',
  'server-side-encryption-customer-key',
  'server-side-encryption-customer-key-md5',
  'object-lock-mode',
  'object-lock-retain-until-date',
  'object-lock-legal-hold',
  'bypass-governance-retention',
].map((name) => `x-amz-${name}`)

/**
 * Named for whole objects only. RGW ignores them with a part. Cache-Control is not among them, because Chromium adds it
 * by itself: `max-age=0` beside If-None-Match, `no-cache` where its developer tools have the cache disabled. So confirm
 * compares it.
 */
const ofObjects = [
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
  // Ignored by release 16; among the stored headers of later ones (rgw_rest.cc, generic_attrs).
  'x-robots-tag',
]

/** RGW reads these as `x-amz-` wherever it stores a header as it is (rgw_common.cc, meta_prefixes). */
const aliases = ['x-goog', 'x-dho', 'x-rgw', 'x-object', 'x-container', 'x-account']

const ofAliases = aliases.flatMap((alias) => [`${alias}-tagging`, `${alias}-website-redirect-location`])

/** The headers that a presigned PUT names while they are absent. */
export const headersToName: Readonly<Record<'object' | 'part', readonly string[]>> = {
  object: [...ofRequests, ...ofObjects, ...ofAliases],
  part: ofRequests,
}
