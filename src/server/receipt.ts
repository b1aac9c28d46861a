/**
 * Receipts: what was granted, signed by us (HMAC-SHA256), so that a later call cannot speak of another object, another
 * size, or another user's file. A receipt grants nothing by itself: `authorize` runs at each call.
 */
import { parseJson, readInteger, readRecord, readText } from '../protocol/json.ts'

/** What a receipt says. */
export interface ReceiptFacts {
  /** The item's id in the browser. */
  readonly id: string
  readonly key: string
  /** As the browser gave it. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** The object's Content-Type. */
  readonly type: string
  /** Milliseconds since 1970. */
  readonly issued: number
}

/** Makes and checks receipts of one signer. */
export interface Receipts {
  issue(facts: ReceiptFacts, user: string): Promise<string>
  /** What the receipt says; undefined if it is not one that this signer made for this user. */
  open(receipt: string, user: string): Promise<ReceiptFacts | undefined>
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
    async issue({ id, key, name, size, type, issued }, user) {
      const facts = JSON.stringify({ id, key, name, size, type, issued })
      const payload = toBase64Url(utf8.encode(facts))
      const seal = await crypto.subtle.sign(hmac.name, await sealingKey(), sealed(payload, user))
      return `${payload}.${toBase64Url(new Uint8Array(seal))}`
    },
    async open(receipt, user) {
      const [payload, seal, ...rest] = receipt.split('.')
      const bytes = fromBase64Url(seal)
      const facts = fromBase64Url(payload)
      if (payload === undefined || !bytes || !facts || rest.length > 0) return undefined
      // verify() compares in constant time; a comparison of texts would not.
      const isOurs = await crypto.subtle.verify(hmac.name, await sealingKey(), bytes, sealed(payload, user))
      return isOurs ? readFacts(new TextDecoder().decode(facts)) : undefined
    },
  }
}

function readFacts(text: string): ReceiptFacts {
  const facts = readRecord(parseJson(text), 'The receipt')
  const at = (name: string): string => readText(facts.get(name), name, Infinity)
  return {
    id: at('id'),
    key: at('key'),
    name: at('name'),
    type: at('type'),
    size: readInteger(facts.get('size'), 'size'),
    issued: readInteger(facts.get('issued'), 'issued'),
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
