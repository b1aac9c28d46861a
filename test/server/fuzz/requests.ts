/** Calls as an attacker, a mistaken page and an honest one might make them. */

/** mulberry32: small, and the same on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const names = [
  'photo.png',
  'brief.pdf',
  'report.DOCX',
  'film.mp4',
  'a.svg',
  'page.html',
  'x.heic',
  'archive.tar.gz',
  '写真 😀.jpg',
  '.env',
  '../bob/photo.png',
  './x.png',
  '/etc/passwd',
  'a//b.png',
  '..',
  '.',
  'a\\b.png',
  '%2e%2e%2fx.png',
  '${filename}',
  'a$$b.pdf',
  'a#b.png',
  'a?versionId=1.pdf',
  'a\0b.png',
  'a\r\nx-amz-acl: public-read.png',
  '\uDFFF.png',
  '\u202Egnp.exe',
  '',
  ' ',
  'x"; filename=evil.html',
  '__proto__',
  'constructor',
  `${'n'.repeat(300)}.png`,
]
const types = [
  'image/png',
  'image/jpeg',
  'application/pdf',
  'video/mp4',
  '',
  'application/octet-stream',
  'text/html',
  'image/svg+xml',
  'image/png,text/html',
  'IMAGE/PNG; charset=x',
  'image/',
  '*/*',
  'image/$key',
  'text/plain',
  'image/png\r\nx: y',
  'application/xhtml+xml',
]
const sizes = [
  0,
  1,
  10,
  4999,
  5000,
  5001,
  999_999,
  1_000_000,
  1_000_001,
  6_000_000,
  70_000_000,
  2_000_000_000,
  2_000_000_001,
  5_368_709_120,
  5_368_709_121,
  2 ** 53 - 1,
]
const albums = ['a1', 'a', '../bob', '..', '', 'x/y', '$x', 'a\\b', 'a b', '#?%', 'Ä', '.', 'a\0']
const routes = ['avatar', 'docs', 'video', 'any', 'checked']
const strange = ['toString', '__proto__', 'constructor', 'default', '', 'avatar ', 'Avatar', 'hasOwnProperty']

const batched = new Set(['confirm', 'abort', 'probe', 'delete', 'view'])

export interface Fuzzed {
  readonly request: Request
  readonly route: string
  readonly user: string
  readonly files: readonly {
    id: string
    name: string
    size: number
    type: string
    reason: string
    receipt?: string
  }[]
  readonly parts: readonly { number: number; size: number }[]
  readonly receipt: string | undefined
  readonly action: string
}

/** A receipt that was granted, and to whom. */
export interface Held {
  readonly receipt: string
  readonly route: string
  readonly user: string
  readonly size: number
  readonly partSize: number | undefined
  readonly facts: { id: string; name: string; size: number; type: string; metadata?: unknown }
}

export function createFuzzer(seed: number): (held: readonly Held[]) => Fuzzed {
  const random = randomFrom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const chance = (of: number): boolean => random() < of
  function pick<T>(list: readonly T[]): T {
    const found = list[below(list.length)]
    if (found === undefined) throw new Error('an empty list')
    return found
  }
  let made = 0

  const spoil = (receipt: string): string => {
    const at = below(receipt.length)
    return receipt.slice(0, at) + pick(['A', 'z', '.', '_', '', '=']) + receipt.slice(at + 1)
  }
  const aReceipt = (held: readonly Held[]): string =>
    held.length === 0 || chance(0.1)
      ? pick(['', 'a.b', 'x', '.', 'a.b.c'])
      : chance(0.15)
        ? spoil(pick(held).receipt)
        : pick(held).receipt

  function aFile(held: readonly Held[], route: string) {
    const reason = pick(['first', 'first', 'first', 'renew', 'restart'] as const)
    const old = reason === 'first' || held.length === 0 ? undefined : pick(held)
    const facts =
      old && chance(0.7)
        ? old.facts
        : { id: `item-${made++}`, name: pick(names), size: pick(sizes), type: pick(types) }
    // Half of all files fit their route: a fuzz that is only refused tests little.
    const fits = old || chance(0.45) ? {} : fitting(route)
    return {
      ...facts,
      ...fits,
      reason,
      accepts: pick([
        ['post'],
        ['put'],
        ['multipart'],
        ['post', 'put', 'multipart'],
        ['post', 'put'],
        [],
        ['beam'],
      ]),
      ...(old && chance(0.9) && { receipt: chance(0.1) ? spoil(old.receipt) : old.receipt }),
      ...(chance(0.1) && { minimumLife: pick([0, 60, 604_800, 2 ** 50]) }),
      ...(chance(0.2) && { relativePath: pick(names) }),
      ...(chance(0.05) && { checksum: { algorithm: 'crc32', value: 'AAAAAA==' } }),
      ...(route === 'docs' &&
        chance(0.9) &&
        !old && { metadata: { album: chance(0.6) ? 'a1' : pick(albums) } }),
    }
  }

  function fitting(route: string) {
    if (route === 'avatar')
      return { name: 'photo.png', type: 'image/png', size: below(5001), accepts: ['post', 'put'] }
    if (route === 'docs')
      return { name: pick(['a.pdf', 'b.docx']), type: '', size: 1 + below(1_000_000), accepts: ['put'] }
    if (route === 'video')
      return { name: 'a.mp4', type: 'video/mp4', size: 1 + below(2_000_000_000), accepts: ['multipart'] }
    return {
      name: pick(['a.txt', 'b.png', 'c.zip']),
      size: below(10_000_000),
      type: '',
      accepts: ['put', 'multipart'],
    }
  }

  const junk = (): unknown =>
    pick<unknown>([
      null,
      5,
      -1,
      2 ** 60,
      'x',
      true,
      [],
      {},
      [[]],
      { __proto__: 1 },
      'x'.repeat(600),
      0.5,
      '\0',
    ])

  /** One member too many, too few, or of another kind, anywhere. */
  function damage(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || chance(0.2)) return junk()
    const copy: [string, unknown][] = Object.entries(value)
    const at = below(Math.max(1, copy.length))
    if (Array.isArray(value)) return value.map((one: unknown, index) => (index === at ? damage(one) : one))
    const how = below(3)
    if (how === 0)
      copy.push([pick(['key', 'bucket', 'acl', 'userId', '__proto__', 'conditions', 'route']), junk()])
    else if (how === 1) copy.splice(at, 1)
    else copy[at] = [copy[at]?.[0] ?? 'x', damage(copy[at]?.[1])]
    return Object.fromEntries(copy)
  }

  return (held) => {
    const inParts = held.filter(({ partSize }) => partSize !== undefined)
    const from = inParts.length > 0 && chance(0.3) ? inParts : held
    const own = from.length > 0 && chance(0.5) ? pick(from) : undefined
    const route = own?.route ?? (chance(0.05) ? pick(strange) : pick(routes))
    const user = own && chance(0.8) ? own.user : pick(['ann', 'ann', 'bob', 'bob', 'mallory', ''])
    const action =
      own && chance(0.4)
        ? pick(['sign-parts', 'list-parts', 'complete', 'confirm', 'probe', 'abort', 'view', 'delete'])
        : chance(0.1)
          ? pick(['list', 'confirm', 'view', 'rename', 'sign-parts'])
          : 'sign'
    const receipt = own && chance(0.8) ? own.receipt : aReceipt(held)
    const files = Array.from({ length: 1 + below(chance(0.1) ? 6 : 2) }, () =>
      aFile(
        held.filter((one) => one.route === route && one.user === user),
        route,
      ),
    )
    const parts = Array.from({ length: 1 + below(3) }, () => {
      const partSize = own?.partSize ?? 5_242_880
      const most = Math.max(1, Math.ceil((own?.size ?? 0) / partSize))
      const number = chance(0.8) ? 1 + below(most) : pick([1, 2, 3, 10_000])
      const left = (own?.size ?? 0) - (number - 1) * partSize
      return { number, size: chance(0.9) ? Math.max(0, Math.min(partSize, left)) : pick(sizes) }
    })
    const body: Record<string, unknown> = { v: 1, action }
    if (action === 'sign') body['files'] = files
    else if (batched.has(action))
      body['receipts'] = chance(0.2) ? [receipt, aReceipt(held), receipt] : [receipt]
    else if (action !== 'list') body['receipt'] = receipt
    if (action === 'sign-parts') body['parts'] = parts
    if (action === 'complete') body['parts'] = parts.map(({ number }) => [number])
    const sent: unknown = chance(0.2) ? damage(body) : body
    const text = chance(0.02)
      ? pick(['', '{', 'null', '[]', '\uFEFF{}', '{"v":1,'.repeat(99)])
      : JSON.stringify(sent)
    const headers = new Headers({
      'content-type': chance(0.98)
        ? 'application/json'
        : pick(['text/plain', 'application/x-www-form-urlencoded']),
    })
    if (user !== '') headers.set('x-user', user)
    if (chance(0.03)) headers.set('origin', pick(['https://evil.example', 'null', 'https://app.example.com']))
    const method = chance(0.98) ? 'POST' : pick(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])
    const address = `https://app.example.com/api/uploads?route=${encodeURIComponent(route)}`
    const hasBody = method !== 'GET' && method !== 'HEAD'
    const request = new Request(address, { method, headers, ...(hasBody && { body: text }) })
    return {
      request,
      route,
      user,
      files: sent === body ? files : [],
      parts,
      receipt,
      action: sent === body ? action : 'damaged',
    }
  }
}
