/** SHA-256 and HMAC-SHA-256 over WebCrypto, in the shape that `@smithy/signature-v4` constructs. */

type Bytes = Uint8Array<ArrayBuffer>
type Source = string | ArrayBuffer | ArrayBufferView

/**
 * Collects, then hashes at once: WebCrypto has no incremental digest, and what is signed is small (a canonical
 * request, a policy). With a secret it is an HMAC. Needs `globalThis.crypto.subtle`, which browsers give to secure
 * contexts (HTTPS, localhost) only.
 */
export class Sha256 {
  readonly #secret: Bytes | undefined
  #chunks: Bytes[] = []

  constructor(secret?: Source) {
    this.#secret = secret === undefined ? undefined : toBytes(secret)
  }

  update(chunk: Source): void {
    this.#chunks.push(toBytes(chunk))
  }

  async digest(): Promise<Uint8Array> {
    const data = concat(this.#chunks)
    if (!this.#secret) return new Uint8Array(await crypto.subtle.digest('SHA-256', data))
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', this.#secret, algorithm, false, ['sign'])
    return new Uint8Array(await crypto.subtle.sign('HMAC', key, data))
  }

  reset(): void {
    this.#chunks = []
  }
}

function toBytes(source: Source): Bytes {
  if (typeof source === 'string') return new TextEncoder().encode(source)
  if (source instanceof ArrayBuffer) return new Uint8Array(source)
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
}

function concat(chunks: readonly Bytes[]): Bytes {
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
