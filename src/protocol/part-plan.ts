/** How a large file is cut: the same rule for the signer, which checks it, and for whoever sends. */

const mebibyte = 1024 ** 2

const mostParts = 10_000
const largestPart = 5 * 1024 ** 3

/** S3's bounds. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const partLimits: {
  readonly minSize: number
  readonly maxSize: number
  readonly count: number
} = {
  /** Bytes of a part at least, but for the last. */
  minSize: 5 * mebibyte,
  /** Bytes of a part, and of a single request, at most. */
  maxSize: largestPart,
  /** Parts of an object. */
  count: mostParts,
}

/** Bytes of the largest object that S3 takes. */
export const largestObject: number = mostParts * largestPart

/** Parts that go at the same time, unless an app says otherwise: as many as browsers open connections to one host. */
const atOnce = 6

const wholeMebibytes = (bytes: number): number => Math.ceil(bytes / mebibyte) * mebibyte

/**
 * Bytes of each part but the last: `wanted`, or as much more, in whole MiB, as 10,000 parts need.
 * @param wanted bytes; default 16 MiB, which costs few requests and little to repeat; less for a file below 96 MiB, so
 *   that it fills all lines at once
 */
export function partSizeFor(
  size: number,
  wanted: number = Math.min(16 * mebibyte, wholeMebibytes(size / atOnce)),
): number {
  const needed = wholeMebibytes(size / partLimits.count)
  return Math.min(Math.max(wanted, needed, partLimits.minSize), partLimits.maxSize)
}

/** How many parts a file has; one where it is empty. */
export function partCount(size: number, partSize: number): number {
  return Math.max(1, Math.ceil(size / partSize))
}

/** Bytes of the part `number`, counted from 1; undefined where the file has no such part. */
export function partLength(size: number, partSize: number, number: number): number | undefined {
  if (!Number.isInteger(number) || number < 1 || number > partCount(size, partSize)) return undefined
  return Math.min(partSize, size - (number - 1) * partSize)
}
