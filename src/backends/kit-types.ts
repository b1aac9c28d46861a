/** What the client of our own signer works with. */
import type { Json } from '../core/ports.ts'

/** What the app may say with each file. */
export interface KitFileOptions {
  /** What the route's schema wants to know. */
  readonly metadata?: unknown
  /**
   * Another address of our signer for this file, used as it stands: `route` is not added to it. It gets the same
   * `headers` and cookies. Default: the backend's own.
   */
  readonly endpoint?: string
}

/** The signer's receipt; with the address where it is good, if that is not the backend's own. */
export type KitRef = string | { readonly endpoint: string; readonly receipt: string }

/**
 * What the backend fills in: `ref` holds the signer's receipt, `record` is what the route's `prepare` made, `result`
 * what its `onComplete` returned.
 */
export type KitTypes = { ref: KitRef; options: KitFileOptions | undefined; record: Json; result: Json }
