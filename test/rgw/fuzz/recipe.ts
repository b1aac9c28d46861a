/** What the kinds of requests have in common. */
import type { S3 } from '../../conformance/client.ts'
import type { Draft } from './draft.ts'

/** A kind of request, with all that was left to chance decided. */
export interface Recipe {
  readonly kind: string
  /** What is wrong with it, or unusual, by design and before it is signed. */
  readonly traits: readonly string[]
  /** For one server, just before it is sent. */
  readonly build: (s3: S3) => Promise<Draft>
}

/** The key that a request is about, so that no two meet. */
export const keyOf = (number: number): string => `fuzz/${number}/a`
/** There from the beginning, with `body` as its content; only read. */
export const sharedKey = 'fuzz/shared'
export const body = Buffer.from('bytes that are the same on both servers')
