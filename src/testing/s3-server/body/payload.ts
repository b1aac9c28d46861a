/** A signed request's body: unframed, counted, and compared with what the signature says of it. */
import { createHash } from 'node:crypto'

import { headerOf, type Call } from '../call.ts'
import { notImplemented, S3Error } from '../errors.ts'
import { decodeAwsChunked, type Trailers } from './aws-chunked.ts'

/** S3 takes 5 GiB in one request. */
export const maxRequestSize: number = 5 * 1024 ** 3

/** A body ready to be read. */
export interface Payload {
  /** What will be yielded, in bytes. */
  readonly size: number
  /** Filled when all has been read. */
  readonly trailers: Trailers
  /** Ends with an error if body and signature disagree: keep nothing before it has ended. */
  readonly bytes: AsyncIterable<Uint8Array>
}

/**
 * Opens the body of an upload.
 * @param assumed the length where none is announced
 * @throws S3Error MissingContentLength, NotImplemented (Transfer-Encoding), EntityTooLarge; while reading also
 * XAmzContentSHA256Mismatch, IncompleteBody and what aws-chunked brings
 */
export function openPayload(call: Call, assumed?: string): Payload {
  const claim = call.caller.payload
  const streaming = claim.type === 'streaming'
  if (call.request.headers.has('transfer-encoding') && !streaming) throw notImplemented('Transfer-Encoding')
  const announced = headerOf(call, streaming ? 'x-amz-decoded-content-length' : 'content-length') ?? assumed
  if (announced === undefined || !/^\d{1,15}$/.test(announced)) throw new S3Error('MissingContentLength')
  const size = Number(announced)
  if (size > maxRequestSize) {
    throw new S3Error('EntityTooLarge', {
      fields: [
        ['ProposedSize', announced],
        ['MaxSizeAllowed', String(maxRequestSize)],
      ],
    })
  }
  const trailers: Trailers = { values: new Map() }
  const bytes = streaming
    ? decodeAwsChunked(call.body, { ...claim, chain: call.caller.chain }, trailers)
    : call.body
  return { size, trailers, bytes: verified(bytes, size, claim.type === 'sha256' ? claim.hash : undefined) }
}

/** A small body as text, verified; without a length there is none. @throws S3Error MaxMessageLengthExceeded beyond `limit` bytes */
export async function readText(call: Call, limit: number): Promise<{ text: string; bytes: Buffer }> {
  const chunks: Uint8Array[] = []
  let length = 0
  const { headers } = call.request
  const silent = !headers.has('content-length') && !headers.has('transfer-encoding')
  for await (const chunk of openPayload(call, silent ? '0' : undefined).bytes) {
    length += chunk.length
    if (length > limit) throw new S3Error('MaxMessageLengthExceeded')
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  return { text: bytes.toString(), bytes }
}

async function* verified(
  source: AsyncIterable<Uint8Array>,
  size: number,
  sha256: string | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = sha256 === undefined ? undefined : createHash('sha256')
  let length = 0
  for await (const chunk of source) {
    length += chunk.length
    if (length > size) break
    hash?.update(chunk)
    yield chunk
  }
  if (length !== size) throw new S3Error('IncompleteBody')
  const computed = hash?.digest('hex')
  if (computed !== sha256) {
    throw new S3Error('XAmzContentSHA256Mismatch', {
      fields: [
        ['ClientComputedContentSHA256', sha256 ?? ''],
        ['S3ComputedContentSHA256', computed ?? ''],
      ],
    })
  }
}
