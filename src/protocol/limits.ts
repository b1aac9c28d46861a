/** The version that every message carries as `v`. */
export const protocolVersion = 1

/**
 * How large a message to the signer may be. File systems stop at 255 characters per name, so that only made-up files
 * come near these.
 */
export const wireLimits = {
  /** Bytes of a whole request: the ETags and digests of 10,000 parts, and less than the 1 MiB that servers stop at. */
  body: 1_000_000,
  /** Files in one call. Our client sends 50. */
  files: 100,
  /** Characters of an item's id. */
  id: 128,
  /** Characters of a file's name. */
  name: 512,
  /** Characters of a path inside a dropped folder. */
  relativePath: 1024,
  /** Characters of a media type; RFC 6838, section 4.2, allows 127 on either side of the slash. */
  type: 255,
  /** Characters of a receipt: the longest metadata has 8192 of them, in a script of three bytes a character. */
  receipt: 16_384,
  /** Receipts in one call. */
  receipts: 50,
  /** Kinds of targets that a client can name. */
  accepts: 16,
  /** Characters of a route's name. */
  route: 64,
  /** Characters of a file's metadata as JSON: it travels on in the receipt. */
  metadata: 2048,
  /** Characters of a digest in base64: 32 bytes are the longest. */
  checksum: 44,
  /** Parts in one call for signatures. */
  signParts: 100,
  /** Parts of an upload. */
  parts: 10_000,
  /** Characters of an ETag: S3's have 34, with `-10000` 40. */
  etag: 128,
  /** Characters of a list's cursor. */
  cursor: 2048,
} as const

/** The route that is meant where a call names none: the only one of the short form. */
export const defaultRoute = 'default'

/** Seconds that a signature can live at most: S3's signing keys are good for 7 days. */
export const longestLife = 604_800
