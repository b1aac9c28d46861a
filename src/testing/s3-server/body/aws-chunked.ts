/**
 * The framing that AWS's SDKs put around streamed bodies (AWS: sigv4-streaming, sigv4-streaming-trailers):
 * `<hex size>[;chunk-signature=<hex>]\r\n<bytes>\r\n`, ended by a chunk of size 0 and, if announced, trailers.
 */
import { createHash } from 'node:crypto'

import type { Caller } from '../auth/caller.ts'
import { sameSignature, sha256Hex, signText } from '../auth/signature.ts'
import { S3Error } from '../errors.ts'

/** What the decoder found besides the bytes. */
export interface Trailers {
  /** By name in lower case; filled when the last byte has been yielded. */
  readonly values: Map<string, string>
}

const minChunkSize = 8_192
const maxLine = 4_096
const emptyHash = sha256Hex('')

/**
 * Yields the bytes inside the frames. With signed chunks, each chunk's bytes are yielded before its signature can be
 * checked: keep nothing until the generator has ended without an error.
 * @throws S3Error SignatureDoesNotMatch, InvalidChunkSizeError, IncompleteBody
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Uint8Array>,
  options: { readonly signed: boolean; readonly trailer: boolean; readonly chain: Caller['chain'] },
  trailers: Trailers,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new FrameReader(source)
  let previous = options.chain.signature
  let small = false
  for (;;) {
    const { size, signature } = parseChunkHead(await reader.line(), options.signed)
    if (size > 0 && small) throw new S3Error('InvalidChunkSizeError')
    small = size < minChunkSize
    const hash = createHash('sha256')
    for await (const piece of reader.bytes(size)) {
      if (options.signed) hash.update(piece)
      yield piece
    }
    if (options.signed) {
      previous = check(
        options.chain,
        'AWS4-HMAC-SHA256-PAYLOAD',
        previous,
        [emptyHash, hash.digest('hex')],
        signature,
      )
    }
    if (size === 0) break
    if ((await reader.line()) !== '') throw incomplete()
  }
  await readTrailers(reader, options, previous, trailers)
}

async function readTrailers(
  reader: FrameReader,
  options: { readonly signed: boolean; readonly trailer: boolean; readonly chain: Caller['chain'] },
  previous: string,
  trailers: Trailers,
): Promise<void> {
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const at = line.indexOf(':')
    if (at < 0 || !options.trailer) throw incomplete()
    trailers.values.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim())
  }
  if (!(await reader.atEnd())) throw incomplete()
  if (!options.signed || !options.trailer) return
  const signature = trailers.values.get('x-amz-trailer-signature') ?? ''
  trailers.values.delete('x-amz-trailer-signature')
  const canonical = [...trailers.values].map(([name, value]) => `${name}:${value}\n`).join('')
  check(options.chain, 'AWS4-HMAC-SHA256-TRAILER', previous, [sha256Hex(canonical)], signature)
}

function check(
  chain: Caller['chain'],
  algorithm: string,
  previous: string,
  hashes: readonly string[],
  signature: string,
): string {
  const { day, region } = chain.scope
  const text = [algorithm, chain.date, `${day}/${region}/s3/aws4_request`, previous, ...hashes].join('\n')
  const expected = signText(chain.key, text)
  if (!sameSignature(expected, signature)) {
    throw new S3Error('SignatureDoesNotMatch', {
      fields: [
        ['AWSAccessKeyId', chain.scope.accessKeyId],
        ['StringToSign', text],
        ['SignatureProvided', signature],
      ],
    })
  }
  return expected
}

function parseChunkHead(line: string, signed: boolean): { size: number; signature: string } {
  const [, hex, signature] = /^([\da-f]{1,12})(?:;chunk-signature=([\da-f]{64}))?$/i.exec(line) ?? []
  if (hex === undefined || (signature !== undefined) !== signed) throw incomplete()
  return { size: Number.parseInt(hex, 16), signature: signature ?? '' }
}

function incomplete(): S3Error {
  return new S3Error('IncompleteBody', { message: 'The request body terminated unexpectedly' })
}

/** Lines and counted bytes from a stream of chunks. */
class FrameReader {
  readonly #source: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** Up to the next CRLF, which is not part of it. Some clients end the checksum's line with a LF of its own. */
  async line(): Promise<string> {
    let text = ''
    for (;;) {
      const end = this.#rest.indexOf(10)
      text += Buffer.from(this.#rest.subarray(0, end < 0 ? undefined : end + 1)).toString('latin1')
      this.#rest = end < 0 ? new Uint8Array() : this.#rest.subarray(end + 1)
      if (text.endsWith('\r\n')) return text.slice(0, -2).replace(/\n$/, '')
      if (text.length > maxLine || !(await this.#more())) throw incomplete()
    }
  }

  async *bytes(count: number): AsyncGenerator<Uint8Array, void, undefined> {
    let left = count
    while (left > 0) {
      if (this.#rest.length === 0 && !(await this.#more())) throw incomplete()
      const piece = this.#rest.subarray(0, left)
      this.#rest = this.#rest.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }

  async atEnd(): Promise<boolean> {
    return this.#rest.length === 0 && !(await this.#more())
  }

  async #more(): Promise<boolean> {
    if (this.#rest.length > 0) return true
    const step = await this.#source.next()
    if (step.done) return false
    this.#rest = step.value
    return true
  }
}
