/** Files whose bytes are there without waiting: a read that took real time would let virtual time run past it. */

/** A blob that keeps its bytes at hand. Stands in for `Blob` while a model runs. */
export class InstantBlob extends Blob {
  readonly content: Uint8Array<ArrayBuffer>

  constructor(parts: readonly unknown[] = [], options: BlobPropertyBag = {}) {
    const content = joined(parts)
    super([content], options)
    this.content = content
  }

  override slice(start?: number, end?: number, type = ''): Blob {
    return new InstantBlob([this.content.slice(start, end)], { type })
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.content.slice().buffer
  }
}

/** The same as a file; `index` tells it from all others of one run, whatever it is called. */
export class InstantFile extends File {
  readonly content: Uint8Array<ArrayBuffer>
  readonly index: number

  constructor(index: number, size: number, name = `f${index}`) {
    const content = Uint8Array.from({ length: size }, (_, at) => (index * 37 + at * 7 + (at >> 6) * 11) & 255)
    super([content], name, { lastModified: 1_700_000_000_000 + index })
    this.index = index
    this.content = content
  }

  override slice(start?: number, end?: number, type = ''): Blob {
    return new InstantBlob([this.content.slice(start, end)], { type })
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.content.slice().buffer
  }
}

/**
 * The bytes of a blob.
 * @throws TypeError if it is none of ours: its bytes could not be had at once
 */
export function bytesOf(blob: Blob): Uint8Array<ArrayBuffer> {
  if (blob instanceof InstantBlob || blob instanceof InstantFile) return blob.content
  throw new TypeError('The model reads only instant blobs.')
}

/** Are these the same bytes? */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}

function joined(parts: readonly unknown[]): Uint8Array<ArrayBuffer> {
  const pieces = parts.map((part) => {
    if (part instanceof Uint8Array) return part
    if (part instanceof InstantBlob || part instanceof InstantFile) return bytesOf(part)
    throw new TypeError('The model joins only bytes and instant blobs.')
  })
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
