/** What an operation is given. */
import type { S3Credentials } from '../../s3/credentials.ts'
import type { Caller } from './auth/caller.ts'
import type { KeyRing } from './auth/key-ring.ts'
import type { RequestBody } from './http/body.ts'
import type { S3Request } from './http/request.ts'
import type { Catalog } from './store/catalog.ts'

/** Which store the server plays. R2 has no POST Object and wants parts of one size (FACTS 2). */
export type Dialect = 'aws' | 'r2'

/**
 * Treatment of `x-amz-*` headers that are not signed, on presigned PUT requests. `refused`: as AWS does. `named`: acts on
 * them, and skips signed headers that are absent, so that a URL can name headers that may not come (Ceph RGW). `taken`:
 * acts on them, whatever the URL says (MinIO). `named` and `taken` keep ACLs, which AWS has switched off.
 */
export type UnsignedHeaders = 'refused' | 'named' | 'taken'

/** What the operations share. */
export interface ServerState {
  readonly catalog: Catalog
  readonly ring: KeyRing
  readonly region: string
  readonly dialect: Dialect
  readonly unsignedHeaders: UnsignedHeaders
  /** S3's clock, with whatever a fault makes of it. */
  readonly now: () => Date
}

/** A request with its body and, once verified, its caller. */
export interface Call {
  readonly state: ServerState
  readonly request: S3Request
  readonly body: RequestBody
  readonly caller: Caller
  /** What is stored instead of what came, by a fault. */
  readonly alter?: ((chunk: Uint8Array, before: number) => Uint8Array) | undefined
}

/** The account that owns everything here. */
export const owner: { readonly id: string; readonly name: string } = {
  id: '75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a',
  name: 's3-upload-kit',
}

/** Default credentials of a server that was given none. They open a server on loopback, and are no secret. */
export const defaultCredentials: S3Credentials = { accessKeyId: 'local', secretAccessKey: 'local-secret' }

/** A header as the operation sees it: sent, or standing in a presigned URL's query. Bytes are read as UTF-8. */
export function headerOf(call: Call, name: string): string | undefined {
  const sent = call.request.headers.get(name)
  return sent === undefined ? call.caller.queryHeaders.get(name) : fromLatin1(sent)
}

/** All headers that begin so, by the rest of their names. */
export function headersWithPrefix(call: Call, prefix: string): [name: string, value: string][] {
  const names = new Set([...call.request.headers.keys(), ...call.caller.queryHeaders.keys()])
  return [...names]
    .filter((name) => name.startsWith(prefix))
    .map((name) => [name.slice(prefix.length), headerOf(call, name) ?? ''])
}

/** The bucket, which the route has made sure of. */
export function bucketOf(call: Call): string {
  return call.request.bucket ?? ''
}

/** The key, likewise. */
export function keyOf(call: Call): string {
  return call.request.key ?? ''
}

/** Node gives header bytes as Latin-1; most who send others mean UTF-8. */
function fromLatin1(text: string): string {
  const bytes = Buffer.from(text, 'latin1')
  const decoded = bytes.toString('utf8')
  return Buffer.from(decoded).equals(bytes) ? decoded : text
}
