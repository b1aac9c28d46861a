/**
 * An S3 with its signer in memory: strict, slow, and failing as it is told to. Time is whatever `now` and the timers
 * say: with fake timers hours pass in milliseconds.
 */
import type { HttpRequest, HttpResponse } from '../../src/core/index.ts'
import { createModelBackend } from './model-s3-backend.ts'
import type { BackendOptions, ModelBackend } from './model-s3-backend.ts'
import { createBucket, s3Error } from './model-s3-bucket.ts'
import type { ModelBucket } from './model-s3-bucket.ts'
import { createFaultBook } from './model-s3-faults.ts'
import type { Ban, Fault, Operation } from './model-s3-faults.ts'
import { bytesOf } from './model-s3-file.ts'
import { createNetwork } from './model-s3-network.ts'
import type { ModelNetwork } from './model-s3-network.ts'
import { createSigner } from './model-s3-signer.ts'
import type { Session, SignerCall, SignerOptions } from './model-s3-signer.ts'

/** The world that the engine is put into. */
export interface ModelOptions extends SignerOptions, BackendOptions {
  /** Milliseconds of each leg of a request's way, in turn. */
  latencies: readonly number[]
}

/** See {@link createModelS3}. */
export interface ModelS3 {
  readonly backend: ModelBackend
  readonly network: ModelNetwork
  readonly bucket: ModelBucket
  readonly sessions: readonly Session[]
  /** What a well-behaved client never does, in words. */
  readonly violations: string[]
  /** What went over the line, in order. */
  readonly log: string[]
  /** Ends all bans. */
  lift(): void
}

/** What surrounds the model. */
export interface ModelSurroundings {
  faults: readonly Fault[]
  bans: readonly Ban[]
  /** Milliseconds since 1970. */
  now: () => number
  /** Requests to one storage origin at a time, as the engine was told. */
  concurrency: () => number
}

/** Requests at a time (DESIGN.md): the signer's are two, what goes past the engine has no budget. */
const budgets: ReadonlyMap<string, number> = new Map([
  ['https://app.test', 2],
  ['https://direct.test', Infinity],
])

/** Makes the world. */
export function createModelS3(
  options: ModelOptions,
  { faults, bans, now, concurrency }: ModelSurroundings,
): ModelS3 {
  const violations: string[] = []
  const log: string[] = []
  const began = now()
  const note = (line: string): void => void log.push(`${String(now() - began).padStart(8)} ${line}`)
  const book = createFaultBook(faults)
  /** Signatures that were refused as too old. */
  const spent = new Set<string>()
  /** Parts that the page knows to be there. */
  const answered = new Set<string>()
  let banned = bans
  const isBanned = ({ file, at }: Ban): boolean => banned.some((ban) => ban.file === file && ban.at === at)
  const bucket = createBucket(options, violations)
  const signer = createSigner(options, bucket, { now, isBanned, violations })

  const hasRunOut = (request: HttpRequest): boolean =>
    spent.has(signatureOf(request)) || now() > Number.parseInt(signatureOf(request))

  const sessionAt = ({ url, body }: HttpRequest): Session | undefined =>
    signer.sessionOf(body?.kind === 'form' ? (field(body.fields, 'key') ?? '') : keyOf(url))

  const serveBytes = (request: HttpRequest, bytes: Uint8Array): HttpResponse => {
    const session = sessionAt(request)
    if (!session) {
      violations.push(`bytes for a key that was never granted: ${keyOf(request.url)}`)
      return s3Error(403, 'AccessDenied')
    }
    const query = new URL(request.url).searchParams
    if (hasRunOut(request)) return s3Error(403, 'AccessDenied', 'Request has expired')
    if (isBanned({ file: session.file, at: 'store' })) return s3Error(403, 'AccessDenied', 'Access Denied')
    if (request.body?.kind === 'form' && options.whole === 'post-unknown')
      return s3Error(501, 'NotImplemented')
    const part = query.get('partNumber')
    if (part !== null) return bucket.writePart(query.get('uploadId') ?? '', Number(part), bytes)
    if (session.state === 'confirmed')
      violations.push(`${session.key} was written after the app had taken it`)
    return bucket.write(session.key, bytes)
  }

  const network = createNetwork({
    latencies: options.latencies,
    draw(operation, origin) {
      const trouble = book.draw(operation)
      // Past the engine nobody but the backend could give up.
      return trouble === 'stall' && budgets.get(origin) === Infinity ? 'cut' : trouble
    },
    log: note,
    describe(request) {
      const call = callOf(request)
      if (call) return { operation: call.action, size: 0, ...nameOf(call, signer.sessions) }
      const size = bodyOf(request)?.length ?? 0
      const { key = '?', id: item = '?' } = sessionAt(request) ?? {}
      const part = new URL(request.url).searchParams.get('partNumber')
      const operation: Operation = part ? 'part' : request.method === 'POST' ? 'post' : 'put'
      return { operation, what: `${operation} ${part ?? ''} ${key}`.replace('  ', ' '), size, item }
    },
    onStart(request, origin, inFlight) {
      const most = budgets.get(origin) ?? concurrency()
      if (inFlight > most) violations.push(`${inFlight} requests at a time to ${origin}, not ${most}`)
      if (callOf(request)) return
      const isOpen = bucket.isOpen(new URL(request.url).searchParams.get('uploadId') ?? '')
      if (isOpen && answered.has(partOf(request) ?? ''))
        violations.push(`${partOf(request)} was sent again, and S3 had it`)
      if (now() > Number.parseInt(signatureOf(request)))
        violations.push(`what was signed had run out when ${keyOf(request.url)} was begun`)
    },
    expire: (request) => void spent.add(signatureOf(request)),
    onAnswer(request, { status }) {
      const part = partOf(request)
      if (status === 200 && part !== undefined) answered.add(part)
    },
    kill(request) {
      const call = callOf(request)
      const session = call && 'session' in call ? signer.sessions[call.session] : sessionAt(request)
      if (session?.uploadId) bucket.abort(session.uploadId)
    },
    serve(request) {
      const call = callOf(request)
      return call ? signer.serve(call) : serveBytes(request, bodyOf(request) ?? new Uint8Array())
    },
  })

  return {
    backend: createModelBackend(options, network.transport, violations),
    network,
    bucket,
    sessions: signer.sessions,
    violations,
    log,
    lift: () => (banned = []),
  }
}

function callOf({ body }: HttpRequest): SignerCall | undefined {
  if (body?.kind !== 'text') return undefined
  const call: SignerCall = JSON.parse(body.text)
  return call
}

function bodyOf({ body }: HttpRequest): Uint8Array | undefined {
  if (body?.kind === 'form') return bytesOf(body.file)
  return body?.kind === 'blob' ? bytesOf(body.blob) : undefined
}

/** What authorises a request for bytes. */
function signatureOf({ url, body }: HttpRequest): string {
  const found =
    body?.kind === 'form' ? field(body.fields, 'signature') : new URL(url).searchParams.get('signature')
  return found ?? ''
}

/** Which part of which upload a request carries. */
function partOf({ url }: HttpRequest): string | undefined {
  const query = new URL(url).searchParams
  const [part, uploadId] = [query.get('partNumber'), query.get('uploadId')]
  return part === null ? undefined : `part ${part} of ${uploadId}`
}

const keyOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1))

const field = (fields: readonly (readonly [string, string])[], wanted: string): string | undefined =>
  fields.find(([name]) => name === wanted)?.[1]

function nameOf(call: SignerCall, sessions: readonly Session[]): { what: string; item: string } {
  if (call.action === 'create') {
    const asked = call.files.map(({ id, reason }) => (reason === 'first' ? id : `${id} (${reason})`))
    return { what: `create ${asked.join(', ')}`, item: call.files[0]?.id ?? '?' }
  }
  const { key = '?', id: item = '?' } = sessions[call.session] ?? {}
  if (call.action !== 'sign') return { what: `${call.action} ${key}`, item }
  return { what: `sign ${call.parts.map(({ number }) => number).join(',')} of ${key}`, item }
}
