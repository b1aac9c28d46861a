/** Requests signed by query or by header, by the kit's own signer. */
import { createHash } from 'node:crypto'

import { encodeKey } from '../../../src/s3/key.ts'
import type { RequestToSign } from '../../../src/s3/sigv4.ts'
import { createSigner, unsignedPayload } from '../../../src/s3/sigv4.ts'
import type { S3 } from '../../conformance/client.ts'
import { md5 } from '../../conformance/client.ts'
import type { Draft } from './draft.ts'
import { draftOf } from './draft.ts'
import type { Random } from './random.ts'
import type { Recipe } from './recipe.ts'
import { body, keyOf, sharedKey } from './recipe.ts'

export interface Signing {
  readonly method: RequestToSign['method']
  /** With its query, after the bucket's URL. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
}

/** How it is signed, and what is wrong with that. */
export interface Manner {
  readonly traits: readonly string[]
  readonly sign: (s3: S3, request: Signing) => Promise<Draft>
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

const faults = ['expired', 'future', 'other region', 'other secret', 'unknown key', 'other bucket'] as const

export function manner(random: Random, by: 'query' | 'header'): Manner {
  const fault = random.chance(0.18) ? random.pick(faults) : undefined
  const expiresIn = random.pick([1, 60, 600, 604_800])
  const shift = fault === 'expired' ? -604_900 : fault === 'future' ? 3600 : random.chance(0.3) ? -30 : 0
  /** Within the skew that S3 allows to requests signed by header. */
  const skew = by === 'header' && !fault ? random.pick([-600, 0, 600]) : 0
  const payload = random.chance(0.5)
  return {
    traits: fault ? [fault] : [],
    sign: async (s3, { method, path, headers = {}, body: bytes }) => {
      const credentials = {
        ...s3.credentials,
        ...(fault === 'other secret' && { secretAccessKey: 'other' }),
        ...(fault === 'unknown key' && { accessKeyId: 'NOSUCHKEY00000000000' }),
      }
      const region = fault === 'other region' ? 'eu-west-9' : s3.region
      const signer = createSigner({ credentials, region })
      const url = `${s3.url}${fault === 'other bucket' ? '-nope' : ''}${path}`
      const now = new Date(Date.now() + (shift + skew) * 1000)
      if (by === 'query') {
        // Never so short that it matters how fast the machine is.
        const life = shift < 0 ? Math.max(expiresIn, 600) : Math.max(expiresIn, 60)
        const signed = await signer.presign({ method, url, headers, now, expiresIn: life })
        return draftOf(method, signed.url, signed.headers, bytes)
      }
      const bodyHash = payload || !bytes ? sha256(bytes ?? Buffer.alloc(0)) : unsignedPayload
      return draftOf(method, url, await signer.sign({ method, url, headers, now, bodyHash }), bytes)
    },
  }
}

const headerChoices: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ['content-type', 'image/png'],
  ['x-amz-meta-owner', 'ann'],
  ['cache-control', 'max-age=60'],
  ['content-disposition', 'attachment; filename="a.txt"'],
  ['content-md5', md5(body)],
  ['content-md5', md5(Buffer.from('other'))],
  ['content-md5', 'malformed'],
  ['if-none-match', '*'],
  ['x-amz-tagging', 'a=b'],
]

function write(by: 'query' | 'header') {
  return (random: Random, number: number): Recipe => {
    const headers = new Map<string, string>()
    for (let n = random.below(4); n > 0; n--) headers.set(...random.pick(headerChoices))
    const { traits, sign } = manner(random, by)
    const unsigned: [string, string][] = []
    const roll = random.next()
    if (roll < 0.06) unsigned.push(['x-amz-meta-unsigned', 'eve'])
    else if (roll < 0.12 && !headers.has('cache-control')) unsigned.push(['cache-control', 'no-store'])
    const path = `/${encodeKey(`${keyOf(number)}${random.pick(['', ' ü+&', "'()*!~"])}`)}`
    return {
      kind: by === 'query' ? 'presigned PUT' : 'signed PUT',
      traits: [...traits, ...unsigned.map(([name]) => `unsigned ${name}`)],
      build: async (s3) => {
        const draft = await sign(s3, { method: 'PUT', path, headers: Object.fromEntries(headers), body })
        return { ...draft, headers: [...draft.headers, ...unsigned] }
      },
    }
  }
}

const readChoices: readonly [Signing, ...Signing[]] = [
  { method: 'GET', path: `/${sharedKey}` },
  { method: 'HEAD', path: `/${sharedKey}` },
  { method: 'GET', path: `/${sharedKey}?response-content-type=text%2Fcsv&response-cache-control=no-store` },
  { method: 'GET', path: `/${sharedKey}`, headers: { range: 'bytes=0-4' } },
  { method: 'GET', path: `/${sharedKey}`, headers: { range: 'bytes=900-' } },
  { method: 'GET', path: '/fuzz/none' },
  { method: 'GET', path: '?list-type=2&prefix=fuzz%2Fshared' },
  { method: 'GET', path: '?list-type=2&max-keys=2&delimiter=%2F' },
  { method: 'GET', path: '?uploads=&prefix=fuzz%2Fnone' },
  { method: 'GET', path: '?cors=' },
  { method: 'HEAD', path: '' },
  { method: 'DELETE', path: '/fuzz/none' },
]

function read(random: Random): Recipe {
  const choice = random.pick(readChoices)
  const by = random.chance(0.6) ? 'query' : 'header'
  const { traits, sign } = manner(random, by)
  return {
    kind: `${by === 'query' ? 'presigned' : 'signed'} ${choice.method}`,
    traits,
    build: (s3) => sign(s3, choice),
  }
}

export const requestKinds = { presigned: write('query'), signed: write('header'), read }
