/** The version that every message carries as `v`. */
export const protocolVersion = 1

/**
 * How large a message to the signer may be. File systems stop at 255 characters per name, so that only made-up files
 * come near these.
 */
export const wireLimits = {
  /** Bytes of a whole request: 512 KiB. */
  body: 524_288,
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
  /** Characters of a receipt. */
  receipt: 8192,
  /** Kinds of targets that a client can name. */
  accepts: 16,
} as const

/** Seconds that a signature can live at most: S3's signing keys are good for 7 days. */
export const longestLife = 604_800
