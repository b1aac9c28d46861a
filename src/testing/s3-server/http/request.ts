/** One request, as S3 sees it: bucket and key from path or host, query and headers by name. */
import type { IncomingMessage } from 'node:http'

import { S3Error } from '../errors.ts'
import { decodePercent, Query } from './query.ts'

/** A request whose head has been read; its body has not. */
export interface S3Request {
  /** `x-amz-request-id` of the answer. */
  readonly id: string
  readonly method: string
  /** Decoded, as it was asked for: with the bucket in it where the path names the bucket. */
  readonly path: string
  readonly query: Query
  /** By name in lower case; doubled ones joined with commas. Bytes as Latin-1, as Node gives them. */
  readonly headers: ReadonlyMap<string, string>
  /** The `Host` header, as it came. */
  readonly host: string
  readonly bucket: string | undefined
  /** `undefined` for requests to the bucket itself. */
  readonly key: string | undefined
  /** Whether the host names the bucket, and not the path. */
  readonly virtualHost: boolean
}

/** @throws S3Error where the target cannot be read */
export function readRequest(message: IncomingMessage, id: string): S3Request {
  const headers = readHeaders(message.rawHeaders)
  const [rawPath = '', ...rest] = (message.url ?? '').split('?')
  if (!rawPath.startsWith('/')) throw new S3Error('InvalidURI') // an absolute target is for proxies
  const path = decodePercent(rawPath)
  const host = headers.get('host') ?? ''
  const target = bucketAndKey(host, path)
  return {
    id,
    method: message.method ?? '',
    path,
    query: new Query(rest.join('?')),
    headers,
    host,
    ...target,
  }
}

function readHeaders(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase()
    const value = raw[at + 1] ?? ''
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before},${value}`)
  }
  return headers
}

/**
 * Both of S3's styles: `http://bucket.localhost/key` (browsers and curl resolve all of `.localhost`) and
 * `http://host/bucket/key`.
 */
function bucketAndKey(host: string, path: string): Pick<S3Request, 'bucket' | 'key' | 'virtualHost'> {
  const bucket = /^(?<bucket>[a-z0-9][a-z0-9.-]*)\.localhost(?::\d+)?$/i.exec(host)?.groups?.['bucket']
  if (bucket !== undefined) return { bucket, key: path.slice(1) || undefined, virtualHost: true }
  const slash = path.indexOf('/', 1)
  return {
    bucket: (slash < 0 ? path.slice(1) : path.slice(1, slash)) || undefined,
    key: slash < 0 ? undefined : path.slice(slash + 1) || undefined,
    virtualHost: false,
  }
}
