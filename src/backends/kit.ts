/** The client of our own signer, `createUploadHandler()` of `s3-upload-kit/server`. */
import { UploadError } from '../core/errors.ts'
import type { BackendCall, Grant, Json, StoredObject, UploadBackend, UploadRequest } from '../core/ports.ts'
import {
  parseDone,
  parseLimits,
  parseList,
  parseSignedParts,
  parseStoredAnswer,
  parseStoredParts,
  parseView,
} from '../protocol/action-answers.ts'
import type { ReadVerdict } from '../protocol/answers.ts'
import { parseConfirmAnswer, parseSignAnswer } from '../protocol/answers.ts'
import { ProtocolError } from '../protocol/json.ts'
import { defaultRoute, wireLimits } from '../protocol/limits.ts'
import type { SignerRequest } from '../protocol/wire-actions.ts'
import type { SignFile } from '../protocol/wire.ts'
import type { JsonServerOptions, ProblemReader } from './http-json.ts'
import { badAnswer, getJson, postJson } from './http-json.ts'
import { confirmProblem, refusalError, uploadProblem } from './kit-errors.ts'

/** Options of {@link kit}. */
export interface KitOptions extends JsonServerOptions {
  /** Which of the router's routes. Default: the only one of a handler without a router. */
  readonly route?: string
}

/** What the app may say with each file. */
export interface KitFileOptions {
  /** What the route's schema wants to know. */
  readonly metadata?: unknown
}

/**
 * What the backend fills in: `ref` is the signer's receipt, `record` what the route's `prepare` made, `result` what
 * its `onComplete` returned.
 */
export type KitTypes = { ref: string; options: KitFileOptions | undefined; record: Json; result: Json }

/** From this size on a file may go in parts, and asking leaves an open upload behind: see the route's `multipartFrom`. */
const partsFrom = 64 * 1024 ** 2

/**
 * The backend for our own signer: targets for 50 files in one call, a receipt per file, and the app's answer at the end.
 * @example createUploader({ backend: kit({ endpoint: '/api/uploads' }) })
 */
export function kit(options: KitOptions): UploadBackend<KitTypes> {
  const endpoint = withRoute(options)
  const server: JsonServerOptions = { ...options, endpoint }

  async function ask<T>(
    request: SignerRequest,
    call: BackendCall,
    parse: (text: string) => T,
    readProblem?: ProblemReader,
  ): Promise<T> {
    const text = await postJson(server, request, call, readProblem)
    return parseAnswer(endpoint, () => parse(text))
  }

  return {
    name: 'kit',
    batchSize: 50,
    // A grant of a whole file is only a signature; what `prepare` made is given back by `release`.
    signsAhead: ({ size }) => size < partsFrom,
    parseRef: (value) =>
      typeof value === 'string' && value !== '' && value.length <= wireLimits.receipt ? value : undefined,
    async createUploads(files, call) {
      const sent = files.filter((file) => unsendable(file) === undefined)
      const request = { v: 1, action: 'sign', files: sent.map(toWire) } as const
      const verdicts =
        sent.length === 0 ? [] : await ask(request, call, (text) => parseSignAnswer(text, sent.length))
      const left = verdicts.values()
      return files.map((file) => {
        const error = unsendable(file)
        if (error) return { ok: false, error }
        const verdict = left.next().value
        return verdict ? toGrant(verdict) : { ok: false, error: badAnswer(endpoint, 'A verdict is missing.') }
      })
    },
    multipart: {
      async signParts(receipt, parts, call) {
        const request = { v: 1, action: 'sign-parts', receipt, parts } as const
        const signed = await ask(request, call, parseSignedParts, uploadProblem)
        return {
          parts: signed.map(({ number, url, headers, expiresIn }) => ({
            number,
            request: { url, headers },
            expiresIn,
          })),
        }
      },
      listParts: (receipt, call) =>
        ask({ v: 1, action: 'list-parts', receipt }, call, parseStoredParts, uploadProblem),
      async complete(receipt, parts, call) {
        const sent = parts.map(({ number, etag }) => ({ number, ...(etag !== undefined && { etag }) }))
        const request = { v: 1, action: 'complete', receipt, parts: sent } as const
        const stored = await ask(request, call, parseStoredAnswer, uploadProblem)
        if (!stored) throw badAnswer(endpoint, 'It completed an upload, and there is no object.')
        return toStored(stored)
      },
      abort: (receipt, call) => ask({ v: 1, action: 'abort', receipt }, call, parseDone, uploadProblem),
    },
    async probe(receipt, call) {
      const stored = await ask({ v: 1, action: 'probe', receipt }, call, parseStoredAnswer, uploadProblem)
      return stored ? toStored(stored) : 'absent'
    },
    async confirm(receipt, _stored, _file, call) {
      const request = { v: 1, action: 'confirm', receipt } as const
      return (await ask(request, call, parseConfirmAnswer, confirmProblem)).result
    },
    release: (receipt, call) => ask({ v: 1, action: 'abort', receipt }, call, parseDone, uploadProblem),
    deleteObject: (receipt, call) => ask({ v: 1, action: 'delete', receipt }, call, parseDone, uploadProblem),
    async view(receipt, call) {
      const { url, expiresIn } = await ask({ v: 1, action: 'view', receipt }, call, parseView, uploadProblem)
      return { url, expiresIn }
    },
    async list(cursor, call) {
      const request = { v: 1, action: 'list', ...(cursor !== undefined && { cursor }) } as const
      const { files, ...more } = await ask(request, call, parseList)
      const listed = files.map(({ receipt, name, size, url }) => ({
        ref: receipt,
        name,
        size,
        ...(url !== undefined && { url }),
      }))
      return { files: listed, ...more }
    },
    async limits(call) {
      const text = await getJson(server, call)
      const limits = parseAnswer(endpoint, () => parseLimits(text)).get(options.route ?? defaultRoute)
      if (!limits) throw badAnswer(endpoint, `It has no route ${options.route ?? defaultRoute}.`)
      const { accept, minSize, maxSize, maxFiles } = limits
      return { accept, minSize, maxSize, ...(maxFiles !== undefined && { maxFiles }) }
    },
  }
}

/** The route goes into the address, behind what is there already. */
function withRoute({ endpoint, route }: KitOptions): string {
  if (route === undefined) return endpoint
  const [address = '', fragment] = endpoint.split('#')
  const query = `${address.includes('?') ? '&' : '?'}route=${encodeURIComponent(route)}`
  return address + query + (fragment === undefined ? '' : `#${fragment}`)
}

function toStored(stored: { key: string; etag: string; location?: string }): StoredObject {
  const { key, etag, location = key } = stored
  return { location, key, ...(etag !== '' && { etag }) }
}

// One absurd file must not fail the whole call: the signer refuses messages that are out of bounds.
function unsendable({ name, options }: UploadRequest<KitTypes>): UploadError | undefined {
  if (name.length > wireLimits.name)
    return tooLong(`The file's name has more than ${wireLimits.name} characters.`)
  const metadata = options?.metadata === undefined ? '' : JSON.stringify(options.metadata)
  return metadata.length > wireLimits.metadata
    ? tooLong(`The file's metadata has more than ${wireLimits.metadata} characters.`)
    : undefined
}

const tooLong = (message: string): UploadError =>
  new UploadError('refused', 'never', message, { userMessage: message })

function toWire(file: UploadRequest<KitTypes>): SignFile {
  const { id, name, size, type, lastModified, relativePath, reason, previous, minimumLife, accepts } = file
  const { checksum, options } = file
  return {
    id,
    name,
    size,
    type: type.length <= wireLimits.type ? type : '',
    reason,
    accepts,
    lastModified: Math.trunc(lastModified),
    ...(relativePath !== undefined && relativePath.length <= wireLimits.relativePath && { relativePath }),
    ...(previous !== undefined && { receipt: previous }),
    ...(minimumLife !== undefined && { minimumLife: Math.ceil(minimumLife) }),
    ...(options?.metadata !== undefined && { metadata: jsonOf(options.metadata) }),
    ...(checksum && { checksum }),
  }
}

/** What JSON makes of a value: dates become texts. */
const jsonOf = (value: unknown): Json => JSON.parse(JSON.stringify(value) ?? 'null')

function toGrant(verdict: ReadVerdict): Grant<KitTypes> {
  if (!verdict.ok) return { ok: false, error: refusalError(verdict.error) }
  const { receipt: ref, target, record } = verdict
  const more = { ref, ...(record !== undefined && { record }) }
  switch (target.type) {
    case 'post':
      return { ok: true, ...more, target }
    case 'put': {
      const { url, headers, expiresIn } = target
      return { ok: true, ...more, target: { type: 'put', request: { url, headers }, expiresIn } }
    }
    case 'multipart': {
      const { partSize, resumes } = target
      return { ok: true, ...more, target: { type: 'multipart', partSize, stored: resumes ? 'ask' : [] } }
    }
    case 'unknown': {
      const message = `The signer granted a target of type "${target.kind}", which this version of the kit does not know. Update it.`
      return { ok: false, error: new UploadError('unsupported-target', 'never', message) }
    }
  }
}

function parseAnswer<T>(endpoint: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw badAnswer(
      endpoint,
      `${cause.message} Is the endpoint right, and does it lead to the upload handler?`,
      cause,
    )
  }
}
