/** Digests of files and parts, read slice by slice: memory does not grow with the file. */
import { isUploadError, noChunk, UploadError } from '../errors.ts'
import type { Checksum, ChecksumAlgorithm } from '../ports.ts'
import { toBase64 } from './base64.ts'
import { tableCrc } from './crc.ts'
import type { Hasher } from './crc.ts'

const mebibyte = 1024 ** 2

/** Bytes read at a time. Two are alive: one is hashed while the next is read. */
const sliceSize = 4 * mebibyte

/**
 * Bytes up to which SHA-256 is left to WebCrypto: two to three times as fast as WebAssembly and off the main thread,
 * but it wants all bytes at once, and several parts are digested side by side.
 */
const oneShotSize = 16 * mebibyte

/** The same, where there is no WebAssembly and so no other way. */
const lastResortSize = 64 * mebibyte

/**
 * The digest of a file, or of a part (`file.slice(…)`), as S3 compares it: big-endian, in base64.
 * @throws UploadError `file-unreadable` when the bytes cannot be read; `aborted`; `digest-unavailable` for SHA-256
 *   of more than 64 MiB on a page whose policy blocks WebAssembly (CRCs are then computed in JavaScript); `network`
 *   where its code cannot be fetched just then
 */
export async function digest(
  blob: Blob,
  algorithm: ChecksumAlgorithm,
  signal: AbortSignal,
): Promise<Checksum> {
  throwIfAborted(signal)
  const bytes =
    algorithm === 'sha256' && subtle() && blob.size <= oneShotSize
      ? await sha256(blob, signal)
      : await streamed(blob, algorithm, signal)
  return { algorithm, value: toBase64(bytes) }
}

async function streamed(blob: Blob, algorithm: ChecksumAlgorithm, signal: AbortSignal): Promise<Uint8Array> {
  let hasher: Hasher
  try {
    const { wasmHasher } = await import('./wasm.ts').catch(noChunk)
    hasher = await wasmHasher(algorithm)
  } catch (cause) {
    // Blocked by the page's policy, or the chunk cannot be fetched. Neither may cost the file where there is another way.
    if (algorithm === 'sha256') return withoutWasm(blob, signal, cause)
    hasher = tableCrc(algorithm)
  }
  return hash(blob, hasher, signal)
}

async function withoutWasm(blob: Blob, signal: AbortSignal, cause: unknown): Promise<Uint8Array> {
  if (subtle() && blob.size <= lastResortSize) return sha256(blob, signal)
  if (isUploadError(cause)) throw cause // its chunk: the line may come back
  throw new UploadError(
    'digest-unavailable',
    'never',
    'SHA-256 of a file of this size needs WebAssembly, which is missing or blocked here. Allow it in the ' +
      "page's Content-Security-Policy (script-src 'wasm-unsafe-eval'), or ask for a CRC.",
    { cause },
  )
}

async function hash(blob: Blob, hasher: Hasher, signal: AbortSignal): Promise<Uint8Array> {
  let ahead = blob.size > 0 ? read(blob, 0, sliceSize) : undefined
  for (let end = sliceSize; ahead; end += sliceSize) {
    const bytes = await ahead
    throwIfAborted(signal)
    ahead = end < blob.size ? read(blob, end, end + sliceSize) : undefined
    // If the hash throws, nobody awaits the next slice.
    ahead?.catch(() => undefined)
    hasher.update(bytes)
  }
  return hasher.digest()
}

async function sha256(blob: Blob, signal: AbortSignal): Promise<Uint8Array> {
  const bytes = await read(blob, 0, blob.size)
  throwIfAborted(signal)
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

/** WebCrypto's digests; missing on pages without a secure context, whatever the types say. */
function subtle(): boolean {
  return typeof crypto === 'object' && 'subtle' in crypto
}

async function read(blob: Blob, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const slice = blob.slice(start, end)
  let cause: unknown
  // Safari fails now and then to read several slices of one file side by side (FACTS 4.2): one more try.
  for (let tries = 0; tries < 2; tries++) {
    try {
      const buffer = await slice.arrayBuffer()
      // Firefox hands out what is left of a file that was cut since.
      if (buffer.byteLength === Math.min(end, blob.size) - start) return new Uint8Array(buffer)
    } catch (error) {
      cause = error
    }
  }
  throw new UploadError(
    'file-unreadable',
    'never',
    'The file cannot be read any more: it was changed, moved or deleted since it was chosen. Choose it again.',
    { cause },
  )
}

function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return
  const cause: unknown = signal.reason
  throw new UploadError('aborted', 'never', 'The digest was aborted by the kit.', { cause })
}
