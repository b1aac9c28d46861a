/**
 * What a grant really allows, read from the grant itself and compared with the rules of its route. Written apart from
 * the signer: nothing of `src/` is imported, signatures are made anew from the specifications.
 */
import { createHash, createHmac } from 'node:crypto'

import { secrets, type RouteRules } from './rules.ts'

export interface AskedFile {
  readonly name: string
  readonly size: number
  readonly type: string
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

function signatureOf(date: string, text: string): string {
  const day = hmac(`AWS4${secrets.secretAccessKey}`, date.slice(0, 8))
  return hmac(hmac(hmac(hmac(day, secrets.region), 's3'), 'aws4_request'), text).toString('hex')
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)

/** All that is wrong; empty if the grant is what its route allows. */
export type Faults = string[]

/** AWS: sigv4-query-string-auth. `hidden`: headers that are signed but left to the browser. */
export function checkPresigned(
  method: string,
  address: string,
  headers: readonly (readonly [string, string])[],
  hidden: Readonly<Record<string, string>>,
): { faults: Faults; key: string; headers: ReadonlyMap<string, string>; query: URLSearchParams } {
  const faults: Faults = []
  const url = new URL(address)
  const all = new Map<string, string>([['host', url.host], ...headers, ...Object.entries(hidden)])
  const signed = (url.searchParams.get('X-Amz-SignedHeaders') ?? '').split(';')
  if (signed.toSorted().join() !== [...all.keys()].toSorted().join())
    faults.push(`signs ${signed.join()}, sends ${[...all.keys()].join()}`)
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&')
  const canonical = [
    method,
    url.pathname,
    query,
    ...signed.map((name) => `${name}:${(all.get(name) ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    signed.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n')
  const date = url.searchParams.get('X-Amz-Date') ?? ''
  const scope = `${date.slice(0, 8)}/${secrets.region}/s3/aws4_request`
  const right = signatureOf(date, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n'))
  if (right !== url.searchParams.get('X-Amz-Signature')) faults.push('has a signature of something else')
  const life = Number(url.searchParams.get('X-Amz-Expires'))
  if (!(life > 0 && life <= 604_800)) faults.push(`lives ${life} s`)
  const bucket = `/${secrets.bucket}/`
  if (!url.pathname.startsWith(bucket)) faults.push('is for another bucket')
  return {
    faults,
    key: decodeURIComponent(url.pathname.slice(bucket.length)),
    headers: all,
    query: url.searchParams,
  }
}

/** AWS: sigv4-HTTPPOSTConstructPolicy. */
export function checkPolicy(
  fields: readonly (readonly [string, string])[],
  size: number,
  now: number,
): { faults: Faults; key: string; headers: ReadonlyMap<string, string> } {
  const faults: Faults = []
  const form = new Map(fields.map(([name, value]) => [name.toLowerCase(), value]))
  const text = form.get('policy') ?? ''
  if (signatureOf(form.get('x-amz-date') ?? '', text) !== form.get('x-amz-signature'))
    faults.push('has a signature of something else')
  const policy = JSON.parse(Buffer.from(text, 'base64').toString()) as {
    expiration: string
    conditions: (Record<string, string> | [string, ...unknown[]])[]
  }
  const life = Date.parse(policy.expiration) - now
  if (!(life > 0 && life <= 604_800_000)) faults.push(`lives ${life} ms`)
  const covered = new Set(['policy', 'x-amz-signature'])
  let ranges = 0
  for (const condition of policy.conditions) {
    if (Array.isArray(condition)) {
      if (condition[0] !== 'content-length-range') faults.push(`has a condition of kind ${condition[0]}`)
      else if (condition[1] !== size || condition[2] !== size)
        faults.push(`takes ${condition.slice(1).join()} bytes`)
      ranges += 1
      continue
    }
    const [[name, value] = ['', undefined]] = Object.entries(condition)
    if (name === 'bucket' ? value !== secrets.bucket : form.get(name.toLowerCase()) !== value)
      faults.push(`has a condition on ${name} that the form does not keep`)
    covered.add(name.toLowerCase())
  }
  if (ranges !== 1) faults.push(`has ${ranges} ranges`)
  for (const name of form.keys()) if (!covered.has(name)) faults.push(`leaves ${name} open`)
  if (!covered.has('bucket') || !covered.has('key') || !covered.has('content-type'))
    faults.push('leaves too much open')
  if ([...form.values()].some((value) => value.includes('${'))) faults.push('holds a variable')
  return { faults, key: form.get('key') ?? '', headers: form }
}

/** Does the route take this file, and may it lie there, and be shown so? */
export function checkRoute(
  file: AskedFile,
  rules: RouteRules,
  user: string,
  key: string,
  headers: ReadonlyMap<string, string>,
): Faults {
  const faults: Faults = []
  if (file.size < rules.minSize || file.size > rules.maxSize) faults.push(`is of ${file.size} bytes`)
  if (!rules.takes(file)) faults.push(`is of type ${file.type}, name ${file.name}`)
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  if (/[\u0000-\u001F\u007F-\u009F]/.test(file.name)) faults.push('has a name with control characters')
  faults.push(...checkKey(key, rules, user))
  const type = headers.get('content-type') ?? ''
  if (!/^[a-z0-9][\w.+-]*\/[a-z0-9][\w.+-]*$/.test(type)) faults.push(`is stored as ${type}`)
  if (rules.storesOnly && !rules.storesOnly.test(type)) faults.push(`is stored as ${type}`)
  const disposition = headers.get('content-disposition') ?? ''
  const isShown = !/^attachment(;|$)/.test(disposition)
  if (isShown && !rules.shows.includes(type)) faults.push(`is shown: ${disposition}, ${type}`)
  // oxlint-disable-next-line no-control-regex -- see above
  if (/[\u0000-\u001F\u007F-\uFFFF]/.test(disposition)) faults.push('has a name that is no header')
  for (const [name, value] of Object.entries(rules.sends))
    if (headers.get(name) !== value) faults.push(`lacks ${name}`)
  const known = new Set([...always, ...Object.keys(rules.sends), ...rules.mayHave])
  for (const name of headers.keys()) if (!known.has(name)) faults.push(`sends ${name}`)
  return faults
}

const always = [
  'host',
  'key',
  'content-type',
  'content-length',
  'content-disposition',
  'success_action_status',
  'policy',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-signature',
  'x-amz-checksum-algorithm',
  'x-amz-checksum-type',
  'x-amz-checksum-crc32',
  'x-amz-checksum-sha256',
]

export function checkKey(key: string, { folders }: RouteRules, user: string): Faults {
  const faults: Faults = []
  if (!folders(user).some((folder) => key.startsWith(folder))) faults.push(`lies at ${key}`)
  const parts = key.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) faults.push(`has the key ${key}`)
  if (/[\\$]|\p{Cc}|\p{Surrogate}/u.test(key) || Buffer.byteLength(key) > 1024)
    faults.push(`has the key ${key}`)
  return faults
}
