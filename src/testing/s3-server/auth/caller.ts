/** Who asks, and what the signature says about the body. */
import type { CredentialScope } from './signature.ts'

/** What `x-amz-content-sha256` claims (AWS: sigv4-auth-using-authorization-header). */
export type PayloadClaim =
  | { readonly type: 'unsigned' }
  | { readonly type: 'sha256'; readonly hash: string }
  /** aws-chunked, with the chunks signed or not, with a trailer or not. */
  | { readonly type: 'streaming'; readonly signed: boolean; readonly trailer: boolean }

/** A verified signature. */
export interface Caller {
  readonly accessKeyId: string
  /** Only keys beginning so, for sessions limited to it. */
  readonly keyPrefix: string | undefined
  /** Only these of IAM's actions, for sessions limited to them. */
  readonly actions: ReadonlySet<string> | undefined
  readonly payload: PayloadClaim
  /** What signed chunks continue from. */
  readonly chain: {
    readonly key: Uint8Array
    readonly scope: CredentialScope
    readonly date: string
    readonly signature: string
  }
  /**
   * Headers that stand in a presigned URL's query (the AWS SDK moves `x-amz-*` there), by name in lower case: they
   * count as if they had been sent.
   */
  readonly queryHeaders: ReadonlyMap<string, string>
}

/** Reads the claim, `undefined` if it is none that S3 knows. */
export function parsePayloadClaim(text: string): PayloadClaim | undefined {
  if (text === 'UNSIGNED-PAYLOAD') return { type: 'unsigned' }
  if (/^[\da-f]{64}$/.test(text)) return { type: 'sha256', hash: text }
  if (text === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER')
    return { type: 'streaming', signed: false, trailer: true }
  if (text === 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD')
    return { type: 'streaming', signed: true, trailer: false }
  if (text === 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER')
    return { type: 'streaming', signed: true, trailer: true }
  return undefined
}
