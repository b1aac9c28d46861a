/**
 * Receipts: what was granted, signed by us (HMAC-SHA256), so that a later call cannot speak of another object, another
 * size, or another user's file. A receipt grants nothing by itself: `authorize` runs at each call.
 */
import type { Json } from '../protocol/json.ts'
import { parseJson, readInteger, readList, readRecord, readText } from '../protocol/json.ts'
import { wireLimits } from '../protocol/limits.ts'
import type { WireChecksum, WireEntries } from '../protocol/wire.ts'
import { checksumAlgorithms } from '../protocol/wire.ts'

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
  /** As the browser gave it. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** The object's Content-Type. */
  readonly type: string
  /** Milliseconds since 1970. */
  readonly issued: number
  /** Of an upload in parts. */
  readonly multipart?: { readonly uploadId: string; readonly partSize: number; readonly createOnly: boolean }
  /** The object's `x-amz-meta-*`, encoded. */
  readonly kept: WireEntries
  readonly checksum?: WireChecksum
  /** As the browser gave it: the route's schema reads it anew. */
  readonly metadata?: Json
  /** What `prepare` made. */
  readonly record: Json
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
 * @param audience what they are good for: receipts of another bucket are none
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
      const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
      // Version 8 is for UUIDs of one's own making: RFC 9562, section 5.8.
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
    },
    async open(receipt, user, route) {
      const [payload, seal, ...rest] = receipt.split('.')
      const bytes = fromBase64Url(seal)
      const facts = fromBase64Url(payload)
      if (payload === undefined || !bytes || !facts || rest.length > 0) return undefined
      // verify() compares in constant time; a comparison of texts would not.
      const isOurs = await crypto.subtle.verify(hmac.name, await sealingKey(), bytes, sealed(payload, user))
      const read = isOurs ? readFacts(new TextDecoder().decode(facts)) : undefined
      return read?.route === route ? read : undefined
    },
  }
}

// What is read here was sealed by us: the readers only give it its types back.
function readFacts(text: string): ReceiptFacts {
  const facts = readRecord(parseJson(text), 'The receipt')
  const at = (name: string): string => readText(facts.get(name), name, Infinity)
  const multipart = facts.has('multipart') ? readRecord(facts.get('multipart'), 'multipart') : undefined
  const checksum = facts.has('checksum') ? readRecord(facts.get('checksum'), 'checksum') : undefined
  const algorithm = checksumAlgorithms.find((one) => one === checksum?.get('algorithm'))
  const metadata = facts.get('metadata')
  return {
    kind: facts.get('kind') === 'stored' ? 'stored' : 'upload',
    route: at('route'),
    id: at('id'),
    key: at('key'),
    name: at('name'),
    type: at('type'),
    size: readInteger(facts.get('size'), 'size'),
    issued: readInteger(facts.get('issued'), 'issued'),
    kept: readList(facts.get('kept'), 'kept', 100).map((entry) => {
      const [name, value] = readList(entry, 'kept', 2)
      return [readText(name, 'kept', Infinity), readText(value, 'kept', Infinity)]
    }),
    record: facts.get('record') ?? null,
    ...(facts.has('finalKey') && { finalKey: at('finalKey') }),
    ...(metadata !== undefined && { metadata }),
    ...(checksum &&
      algorithm && { checksum: { algorithm, value: readText(checksum.get('value'), 'checksum', Infinity) } }),
    ...(multipart && {
      multipart: {
        uploadId: readText(multipart.get('uploadId'), 'uploadId', Infinity),
        partSize: readInteger(multipart.get('partSize'), 'partSize'),
        createOnly: multipart.get('createOnly') === true,
      },
    }),
  }
}

// Not `CryptoKey`: that name is the DOM's alone.
type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

async function deriveKey(secret: string): Promise<HmacKey> {
  const own = await crypto.subtle.importKey('raw', utf8.encode(secret), hmac, false, ['sign'])
  const bytes = await crypto.subtle.sign(hmac.name, own, utf8.encode('s3-upload-kit receipt v1'))
  return crypto.subtle.importKey('raw', bytes, hmac, false, ['sign', 'verify'])
}

// btoa and atob: Buffer is Node's alone.
function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function fromBase64Url(text: string | undefined): Uint8Array<ArrayBuffer> | undefined {
  if (text === undefined || !/^[\w-]+$/.test(text) || text.length % 4 === 1) return undefined
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))
}
