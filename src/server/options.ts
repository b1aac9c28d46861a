/** What the app says to the signer. */
import type { FetchLike, StorageOptions } from './storage/options.ts'

/** What `authorize` may return. */
export type Authorization<User> = User | false | null | undefined

/** A call, as the rate limit sees it: behind `authorize`, before S3 or the app's callbacks are asked. */
export interface CallFacts {
  readonly request: Request
  readonly route: string
  /** Such as `sign` or `confirm`; see the wire protocol. */
  readonly action: string
  /** Files, receipts or parts that the call is about. */
  readonly count: number
  /** What `authorize` returned. */
  readonly user: unknown
  /** What tells users apart. */
  readonly userId: string
}

/** Options of {@link createUploadHandler} that hold for all routes. */
export interface HandlerOptions {
  readonly storage: StorageOptions
  /**
   * Other origins whose pages may call, with cookies: `['https://app.example.com']`. Default: none but the own.
   *
   * `https://*.example.com` means every host below, at any depth, with the same scheme and port, but not
   * `https://example.com`. Apps and extensions are named as their `Origin` header has it: `tauri://localhost`,
   * `capacitor://localhost`, `chrome-extension://<id>`.
   *
   * "The own" is what the request's URL or its Host header says. On a plain-http network, where a foreign name can be made to resolve to this
   * server (DNS rebinding), an `authorize` that lets everyone in must not believe that: give the adapter its `origin`.
   */
  readonly origins?: readonly string[]
  /**
   * Seals the receipts; at least 16 characters, the same on all servers. Default: derived from the secret access key.
   * Needed with temporary credentials, whose key changes within hours.
   */
  readonly secret?: string
  /**
   * Tells this signer's receipts from those of other signers on the same bucket. Give each a name of its own, and keep
   * it: under another name, uploads that are under way have to begin again. Default: the routes' names and prefixes,
   * so that a new route is another name too.
   */
  readonly name?: string
  /**
   * May this call go on? Return false, or the seconds to wait, to answer 429. Count by user, not by address: whole
   * offices share one. Default: no limit.
   */
  readonly rateLimit?: (call: CallFacts) => boolean | number | Promise<boolean | number>
  /** Told of what went wrong on the server's side; the browser learns no details. Default: `console.error`. */
  readonly onError?: (error: unknown, context: { readonly doing: string; readonly request: Request }) => void
  /** Sends the signer's own requests to S3. Default: the global `fetch`. */
  readonly fetch?: FetchLike
  /** Milliseconds since 1970. Default `Date.now`; for tests. */
  readonly now?: () => number
}

/** Tells the app of an error; never throws. */
export type Report = (error: unknown, doing: string) => void
