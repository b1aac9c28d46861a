/**
 * Receipts: what was granted, signed by us (HMAC-SHA256), so that a later call cannot speak of another object, another
 * size, or another user's file. A receipt grants nothing by itself: `authorize` runs at each call.
 */
import type { Json } from '../protocol/json.ts'
import { wireLimits } from '../protocol/limits.ts'
import type { WireChecksum, WireEntries } from '../protocol/wire.ts'
import { toBase64, toHex } from '../s3/bytes.ts'
import type { PartDigests } from './digests.ts'

/** What a receipt says. */
export interface ReceiptFacts {
  /** `stored`: of a file that was listed; good for `view` and `delete` alone. */
  readonly kind: 'upload' | 'stored'
  readonly route: string
  /** The item's id in the browser. */
  readonly id: string
  /** Where the bytes go. */
  readonly key: string
  /** Where the object goes once `onComplete` took it; undefined: it stays where it is. */
  readonly finalKey?: string
  /**
   * No other upload ever goes to `key`, so the object there is this one's. The objects of all other uploads carry the
   * mark of theirs, see `uploadMark`.
   */
  readonly isUnique?: boolean
  /** As the browser gave it. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** The object's Content-Type. */
  readonly type: string
  /** Milliseconds since 1970. */
  readonly issued: number
  /** Of an upload in parts. */
  readonly multipart?: MultipartFacts
  /**
   * The headers that the object is stored with, beside its type: Content-Disposition first, then all else that was
   * granted. A renewal signs them again, and confirm expects just them.
   */
  readonly headers: WireEntries
  /** The object must not replace another. */
  readonly createOnly?: boolean
  /** What the route's `accept` let in, where the object is stored under a harmless type instead. */
  readonly claimedType?: string
  /** How often this item was started again under a new key. */
  readonly restarts?: number
  readonly checksum?: WireChecksum
  /** As the browser gave it: the route's schema reads it again. */
  readonly metadata?: Json
  /** What `prepare` made. */
  readonly record: Json
}

/** What a receipt says of an upload in parts. */
export interface MultipartFacts {
  readonly uploadId: string
  /** Bytes of each part but the last. */
  readonly partSize: number
  /**
   * How many characters of the key all uploads of this item share. Their keys differ behind it where the route's
   * `object` gave other options.
   */
  readonly stem?: number
  /** What each part must bring; undefined: nothing. */
  readonly digests?: PartDigests | undefined
}

/** Makes and checks receipts of one signer. */
export interface Receipts {
  /** @throws TypeError if it would be longer than the wire takes: metadata and record are too large */
  issue(facts: ReceiptFacts, user: string): Promise<string>
  /** What the receipt says; undefined if it is not one that this signer made for this user and route. */
  open(receipt: string, user: string, route: string): Promise<ReceiptFacts | undefined>
  /** A UUID that follows from these facts and from the secret: the same again, and nobody else can tell it. */
  derive(facts: readonly (Json | undefined)[], user: string): Promise<string>
}

const utf8 = new TextEncoder()
const hmac = { name: 'HMAC', hash: 'SHA-256' }

/**
 * @param secret a key for receipts is derived from it, so that it may serve for something else too
 * @param audience what they are good for: receipts of another bucket, or of another signer on it, are none
 */
export function createReceipts(secret: string, audience: string): Receipts {
  // At first use: a rejection that nobody awaits yet would end a Node process.
  let derived: Promise<HmacKey> | undefined
  const sealingKey = (): Promise<HmacKey> => (derived ??= deriveKey(secret))
  // As JSON, so that no two lists of parts read the same. The user is not inside, just sealed in.
  const sealed = (payload: string, user: string): Uint8Array<ArrayBuffer> =>
    utf8.encode(JSON.stringify([audience, user, payload]))

  return {
    async issue(facts, user) {
      const payload = toBase64Url(utf8.encode(JSON.stringify(facts)))
      const seal = await crypto.subtle.sign(hmac.name, await sealingKey(), sealed(payload, user))
      const receipt = `${payload}.${toBase64Url(new Uint8Array(seal))}`
      if (receipt.length <= wireLimits.receipt) return receipt
      throw new TypeError(
        `The receipt would have ${receipt.length} characters, more than ${wireLimits.receipt}: metadata and what prepare() returns travel in it. Keep them short, such as an id.`,
      )
    },
    async derive(facts, user) {
      const text = JSON.stringify(['key', audience, user, facts])
      const digest = await crypto.subtle.sign(hmac.name, await sealingKey(), utf8.encode(text))
      const hex = toHex(new Uint8Array(digest))
      // Version 8 is for UUIDs of one's own making: RFC 9562, section 5.8.
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
    },
    async open(receipt, user, route) {
      const [payload, seal, ...rest] = receipt.split('.')
      const bytes = fromBase64Url(seal)
      const facts = fromBase64Url(payload)
      if (payload === undefined || !bytes || !facts || rest.length > 0) return undefined
      // The last character of base64 has bits that stand for nothing: one seal would have four spellings.
      if (toBase64Url(bytes) !== seal) return undefined
      // verify() compares in constant time; a comparison of texts would not.
      const isOurs = await crypto.subtle.verify(hmac.name, await sealingKey(), bytes, sealed(payload, user))
      const read: unknown = isOurs ? JSON.parse(new TextDecoder().decode(facts)) : undefined
      return isFacts(read) && read.route === route ? read : undefined
    },
  }
}

/** Sealed by us, so made by `issue`: when facts change their form, the name of the derived key must change with them. */
const isFacts = (value: unknown): value is ReceiptFacts =>
  typeof value === 'object' && value !== null && 'headers' in value

// Not `CryptoKey`: that name is the DOM's alone.
type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

async function deriveKey(secret: string): Promise<HmacKey> {
  const own = await crypto.subtle.importKey('raw', utf8.encode(secret), hmac, false, ['sign'])
  const bytes = await crypto.subtle.sign(hmac.name, own, utf8.encode('s3-upload-kit receipt v2'))
  return crypto.subtle.importKey('raw', bytes, hmac, false, ['sign', 'verify'])
}

const toBase64Url = (bytes: Uint8Array): string =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

function fromBase64Url(text: string | undefined): Uint8Array<ArrayBuffer> | undefined {
  if (text === undefined || !/^[\w-]+$/.test(text) || text.length % 4 === 1) return undefined
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))
}
