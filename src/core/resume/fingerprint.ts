/** Tells a file from another by its size, its date and samples of its content. */
import { UploadError } from '../errors.ts'
import { throwIfAborted } from './page-locks.ts'
import type { FileFingerprint } from './types.ts'

const sampleSize = 64 * 1024
const sampleCount = 8
/** Bytes up to which the whole content is digested. */
const wholeSize = sampleSize * sampleCount

/**
 * What is remembered of a file, so that it can be told from another when it is given again. Reads 512 KiB at most:
 * all of a small file; else eight samples, the first and the last bytes among them.
 * @throws UploadError `file-unreadable`; `aborted`
 */
export async function fingerprintOf(
  file: Blob & { readonly lastModified?: number },
  signal: AbortSignal,
): Promise<FileFingerprint> {
  throwIfAborted(signal)
  const sample = new Blob(samplesOf(file))
  // Safari fails now and then to read one file at several places at a time (FACTS 4.2): one more try.
  const bytes = await sample
    .arrayBuffer()
    .catch(() => sample.arrayBuffer())
    .catch((cause: unknown) => Promise.reject(unreadable(cause)))
  throwIfAborted(signal)
  return { size: file.size, lastModified: file.lastModified ?? 0, content: await contentDigest(bytes) }
}

/**
 * How like two files are, by their fingerprints. Names say nothing: a renamed file is the same one, and phones call
 * many pictures `image.jpg`.
 * - `same`: size and content agree, and so does the date; or all of the content was compared.
 * - `unproven`: only the date differs. Phones date a photo anew each time it is chosen, sync tools and copies do so
 *   too, but so does a change between two samples. Go on only if the stored parts have digests and these agree;
 *   two versions must never be mixed.
 * - `different`: size or content differ.
 */
export function likeness(a: FileFingerprint, b: FileFingerprint): 'same' | 'unproven' | 'different' {
  if (a.size !== b.size || a.content !== b.content) return 'different'
  return a.lastModified === b.lastModified || a.size <= wholeSize ? 'same' : 'unproven'
}

/** Is it the same file beyond doubt? See {@link likeness}. */
export function sameFile(a: FileFingerprint, b: FileFingerprint): boolean {
  return likeness(a, b) === 'same'
}

function samplesOf(file: Blob): Blob[] {
  if (file.size <= wholeSize) return [file]
  const step = (file.size - sampleSize) / (sampleCount - 1)
  return Array.from({ length: sampleCount }, (_, index) => {
    const start = Math.round(index * step)
    return file.slice(start, start + sampleSize)
  })
}

/** Named after its making: fingerprints that were made otherwise are not equal. */
async function contentDigest(bytes: ArrayBuffer): Promise<string> {
  // WebCrypto is missing on pages without a secure context, whatever the types say.
  return 'subtle' in crypto
    ? `sha256-1:${hex(await crypto.subtle.digest('SHA-256', bytes))}`
    : `mix-2:${hex(mix(new Uint8Array(bytes)))}`
}

/**
 * 128 bits that tell accidents apart, not attacks: four lanes by turns, each multiplied (after MurmurHash3) and fed with
 * the upper half of the one before, since a product moves bits only upwards.
 */
function mix(bytes: Uint8Array): ArrayBuffer {
  const lanes = new Uint32Array([1, 2, 3, 4])
  bytes.forEach((byte, at) => {
    const before = lanes[(at + 3) & 3] ?? 0
    lanes[at & 3] = Math.imul((lanes[at & 3] ?? 0) ^ byte ^ (before >>> 16), 0x85ebca6b)
  })
  return lanes.buffer
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function unreadable(cause: unknown): UploadError {
  return new UploadError(
    'file-unreadable',
    'never',
    'The file cannot be read any more: it was changed, moved or deleted since it was chosen. Choose it again.',
    { cause },
  )
}
