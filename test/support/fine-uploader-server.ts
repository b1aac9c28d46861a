/**
 * The server side of Fine Uploader S3 with v4 signatures, as strict as `server-examples` are: it knows its bucket and
 * its host, signs what it has looked into, and hears of successes.
 */
import { createHash, createHmac } from 'node:crypto'

import type { S3Server } from '../../src/testing/s3-server/index.ts'
import type { AppAnswer, AppCallKind, AppRequest } from './app-server.ts'
import { jsonAnswer } from './app-server.ts'

type Condition = Readonly<Record<string, string>> | readonly [string, string, string]

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** One line of a v4 string after another: what the server-examples take apart with regular expressions. */
const shape =
  /^AWS4-HMAC-SHA256\n(?<date>\d{8}T\d{6}Z)\n(?<scope>(?<day>\d{8})\/(?<region>[a-z\d-]+)\/s3\/aws4_request)\n(?<canonical>[\s\S]+)$/

/** What a call is, by what the server is asked to sign. */
export function kindOf({ method, path, query, text }: AppRequest): AppCallKind {
  if (path === '/success') return 'confirm'
  if (path.startsWith('/delete')) return 'other'
  if (path === '/session') return 'list'
  if (method !== 'POST' || query.get('v4') !== 'true') return 'other'
  const body: { headers?: string } = JSON.parse(text)
  const [verb, , search = ''] = shape.exec(body.headers ?? '')?.groups?.['canonical']?.split('\n') ?? []
  if (verb === undefined || search === 'uploads=') return 'create'
  const kinds: Readonly<Record<string, AppCallKind>> = {
    PUT: 'sign-parts',
    GET: 'list-parts',
    POST: 'complete',
    DELETE: 'abort',
    HEAD: 'probe',
  }
  return kinds[verb] ?? 'other'
}

/** What the server needs, and what it writes down. */
export interface FineUploaderServerContext {
  readonly s3: S3Server
  readonly bucket: string
  readonly granted: { name: string; key: string }[]
  /** A name that it does not approve. */
  readonly refuses: string
}

const invalid = jsonAnswer({ invalid: true }, 400)

export function handle(request: AppRequest, context: FineUploaderServerContext): AppAnswer {
  const { path, text } = request
  if (path === '/success') return succeeded(request, context)
  if (path !== '/sign' || !request.headers['content-type']?.startsWith('application/json'))
    return { status: 404 }
  const body: { headers?: string; conditions?: readonly Condition[] } = JSON.parse(text)
  return body.headers === undefined
    ? signPolicy(body.conditions ?? [], text, context)
    : signText(body.headers, context)
}

function signPolicy(
  conditions: readonly Condition[],
  text: string,
  { s3, bucket, granted, refuses }: FineUploaderServerContext,
): AppAnswer {
  const named = new Map<string, string>()
  for (const condition of conditions)
    if (!Array.isArray(condition)) for (const entry of Object.entries(condition)) named.set(...entry)
  const name = decodeURIComponent(named.get('x-amz-meta-qqfilename') ?? '')
  const credential = /^[^/]+\/(\d{8})\/([^/]+)\/s3\/aws4_request$/.exec(named.get('x-amz-credential') ?? '')
  if (named.get('bucket') !== bucket || credential?.[2] !== s3.region || !named.get('key')) return invalid
  if (name === refuses) return jsonAnswer({ error: 'This file has not been approved.' })
  granted.push({ name, key: named.get('key') ?? '' })
  // As PHP does it: other bytes than ours, so ours must not be sent.
  const policy = Buffer.from(text.replaceAll('/', String.raw`\/`)).toString('base64')
  return jsonAnswer({ policy, signature: sign(policy, credential[1] ?? '', s3) })
}

function signText(text: string, { s3, bucket, granted, refuses }: FineUploaderServerContext): AppAnswer {
  const { date = '', scope = '', day = '', region, canonical = '' } = shape.exec(text)?.groups ?? {}
  const [method, path = '', query] = canonical.split('\n')
  const headers = new Map(
    canonical
      .split('\n')
      .slice(3, -3)
      .map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  )
  const host = new URL(s3.endpoint).host
  const isOurs = headers.get('host') === host && path.startsWith(`/${bucket}/`) && region === s3.region
  const hash = headers.get('x-amz-content-sha256') ?? ''
  if (!isOurs || !date.startsWith(day) || !/^[\da-f]{64}$/.test(hash)) return invalid
  if (method === 'POST' && query === 'uploads=') {
    const name = decodeURIComponent(headers.get('x-amz-meta-qqfilename') ?? '')
    if (name === refuses) return jsonAnswer({ error: 'This file has not been approved.' })
    granted.push({ name, key: decodeURIComponent(path.slice(bucket.length + 2)) })
  }
  const hashed = createHash('sha256').update(canonical).digest('hex')
  return jsonAnswer({ signature: sign(`AWS4-HMAC-SHA256\n${date}\n${scope}\n${hashed}`, day, s3) })
}

function sign(text: string, day: string, { credentials, region }: S3Server): string {
  const key = [region, 's3', 'aws4_request'].reduce(
    (before, part) => hmac(before, part),
    hmac(`AWS4${credentials.secretAccessKey}`, day),
  )
  return hmac(key, text).toString('hex')
}

function succeeded({ headers, text }: AppRequest, { bucket, granted }: FineUploaderServerContext): AppAnswer {
  const said = new URLSearchParams(text)
  const isForm = headers['content-type'] === 'application/x-www-form-urlencoded'
  const isKnown = granted.some(({ name, key }) => name === said.get('name') && key === said.get('key'))
  if (!isForm || !isKnown || said.get('bucket') !== bucket || !said.get('uuid'))
    return jsonAnswer({ error: 'What is this?' }, 400)
  return jsonAnswer({ tempLink: `https://view.test/${said.get('uuid')}` })
}
