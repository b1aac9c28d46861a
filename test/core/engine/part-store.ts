/** A store of uploads in parts behind the scripted backend: it keeps what it is sent, and says what was asked of it. */
import { UploadError } from '../../../src/core/index.ts'
import type { HttpRequest, Json, MultipartBackend, UploaderOptions } from '../../../src/core/index.ts'
import type { ScriptedBackendOptions, ScriptedExchange, ScriptedTypes } from '../../../src/testing/index.ts'
import type { Bench } from '../../support/engine.ts'
import { bench, errorAnswer } from '../../support/engine.ts'

/** The calls that an upload in parts needs, all of them there. */
type PartCalls = Required<Omit<MultipartBackend<ScriptedTypes>, 'partChecksum'>>

/** What a test changes of the store. */
export interface PartStoreOptions {
  /** Bytes. Default 10. */
  partSize?: number
  /** Seconds that a signed part lives. Default 60. */
  expiresIn?: number
  /** Does CORS hide the ETags? Default false. */
  hidesETags?: boolean
  /** What this backend cannot do. */
  without?: readonly ('listParts' | 'probe' | 'partStored')[]
  /** Puts something in the way of the calls; it is handed the ones that work. */
  multipart?: (calls: PartCalls) => Partial<MultipartBackend<ScriptedTypes>>
  /** The rest of the backend. */
  script?: Omit<ScriptedBackendOptions, 'multipart'>
}

/** See {@link partBench}. */
export interface PartBench extends Bench {
  readonly world: PartWorld
  /** Calls to the backend, in order: `create a`, `sign 1,2`, `told 1`, `list`, `complete`, `abort u1`, `probe`. */
  readonly log: readonly string[]
  /** Numbers of parts, by call for signatures. */
  readonly signed: () => readonly (readonly number[])[]
  /** Answers the PUT of a part as S3 does. */
  readonly take: (exchange: ScriptedExchange) => void
  /** Numbers of the parts that were sent, in order. */
  readonly sent: () => readonly number[]
}

/** The number of the part that a request carries. */
export const numberOf = ({ url }: HttpRequest): number => Number(/\/(\d+)(?:\?|$)/.exec(url)?.[1])

/** What an upload's calls say once the store does not know it any more. */
export const noSuchUpload = (): UploadError =>
  new UploadError('storage-refused', 'restart', 'There is no such upload.', { s3Code: 'NoSuchUpload' })

/** Upload id and key, from the backend's handle of an upload. */
function idOf(ref: Json): { uploadId: string; key: string } {
  const { uploadId, key } = new Object(ref) as { uploadId?: unknown; key?: unknown }
  if (typeof uploadId !== 'string' || typeof key !== 'string') throw new Error('Not a ref of ours.')
  return { uploadId, key }
}

/** What S3 holds. */
export interface PartWorld {
  /** Parts of the uploads that are neither completed nor aborted, by upload id. */
  readonly uploads: Map<string, Map<number, Blob>>
  /** Objects by key. */
  readonly objects: Map<string, Blob>
  /** Uploads that were ever begun. */
  begun: number
}

/** An S3 that holds nothing yet. */
export const emptyWorld = (): PartWorld => ({ uploads: new Map(), objects: new Map(), begun: 0 })

/** An engine whose backend grants uploads in parts; those of two tabs, or of before and after a reload, share a world. */
export function partBench(
  options: Partial<UploaderOptions> = {},
  {
    partSize = 10,
    expiresIn = 60,
    hidesETags = false,
    without = [],
    multipart,
    script,
  }: PartStoreOptions = {},
  world: PartWorld = emptyWorld(),
): PartBench {
  const { uploads, objects } = world
  const log: string[] = []
  const signed: number[][] = []
  let signatures = 0

  const partsOf = (ref: Json): Map<number, Blob> => {
    const parts = uploads.get(idOf(ref).uploadId)
    if (!parts) throw noSuchUpload()
    return parts
  }
  const etagOf = (uploadId: string, number: number): string => `"${uploadId}-${number}"`

  const calls: PartCalls = {
    async signParts(ref, parts) {
      const numbers = parts.map(({ number }) => number)
      log.push(`sign ${numbers.join(',')}`)
      signed.push(numbers)
      const serial = ++signatures
      return {
        parts: numbers.map((number) => ({
          number,
          request: { url: `https://bucket.test/${idOf(ref).uploadId}/${number}?s=${serial}`, headers: [] },
          expiresIn,
        })),
      }
    },
    async partStored(_ref, { number }) {
      log.push(`told ${number}`)
    },
    async listParts(ref) {
      log.push('list')
      const { uploadId } = idOf(ref)
      const parts = uploads.get(uploadId)
      if (!parts) return 'gone'
      return [...parts].map(([number, { size }]) => ({ number, size, etag: etagOf(uploadId, number) }))
    },
    async complete(ref, parts) {
      log.push('complete')
      const { uploadId, key } = idOf(ref)
      const stored = partsOf(ref)
      const bodies = parts.map(({ number, etag }) => {
        const body = stored.get(number)
        if (!body || etag !== etagOf(uploadId, number))
          throw new UploadError('storage-refused', 'never', `InvalidPart ${number}`)
        return body
      })
      uploads.delete(uploadId)
      objects.set(key, new Blob(bodies))
      return { location: `https://bucket.test/${key}`, key, etag: '"whole"' }
    },
    async abort(ref) {
      log.push(`abort ${idOf(ref).uploadId}`)
      uploads.delete(idOf(ref).uploadId)
    },
  }
  const { listParts, partStored, ...needed } = calls
  const own: Partial<MultipartBackend<ScriptedTypes>> = {
    ...needed,
    ...(!without.includes('listParts') && { listParts }),
    ...(!without.includes('partStored') && { partStored }),
  }
  const probe: ScriptedBackendOptions['probe'] = async (ref) => {
    log.push('probe')
    const { key } = idOf(ref)
    return objects.has(key) ? { location: `https://bucket.test/${key}`, key } : 'absent'
  }
  const made = bench(options, {
    batchSize: 1,
    signsAhead: () => false,
    parseRef: (value) => value as Json,
    grant({ id, name, previous }) {
      log.push(`create ${name}`)
      const key = previous === undefined ? id : idOf(previous).key
      const uploadId = `u${++world.begun}`
      uploads.set(uploadId, new Map())
      return { ok: true, ref: { key, uploadId }, target: { type: 'multipart', partSize, stored: [] } }
    },
    ...(!without.includes('probe') && { probe }),
    ...script,
    multipart: { ...own, ...multipart?.(calls) },
  })
  return {
    ...made,
    log,
    signed: () => signed,
    world,
    take({ request, respond }) {
      const uploadId = request.url.split('/').at(-2) ?? ''
      const number = numberOf(request)
      const parts = uploads.get(uploadId)
      if (!parts || request.body?.kind !== 'blob') return respond(errorAnswer(404, 'NoSuchUpload'))
      parts.set(number, request.body.blob)
      respond({ status: 200, ...(!hidesETags && { headers: { etag: etagOf(uploadId, number) } }) })
    },
    sent: () => made.transport.requests.map(numberOf),
  }
}
