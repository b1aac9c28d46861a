/** The app's server in the model: what it grants, remembers, confirms and takes back. */
import type { HttpResponse, StoredPart, UploadTarget } from '../../src/core/index.ts'
import { s3Error } from './model-s3-bucket.ts'
import type { BucketOptions, ModelBucket, NamedPart } from './model-s3-bucket.ts'
import type { Ban } from './model-s3-faults.ts'

/** How the signer grants. */
export interface SignerOptions extends BucketOptions {
  /** How files go in one piece; `post-unknown`: the store answers 501 to a POST. */
  whole: 'post' | 'put' | 'post-unknown'
  /** Host names of the one bucket. */
  hosts: 1 | 2
  partSize: number
  /** Bytes from which on files go in parts. */
  partsFrom: number
  /** Seconds that a target lives. */
  life: number
  /** How the parts are said that an upload has already. */
  says: 'ask' | 'list'
  /** Does an abort that comes too late remove the object, as our own signer does? S3 alone says NoSuchUpload. */
  abortRemoves: boolean
  /** Is the server told of each part that is stored? */
  tells: boolean
  /** Is the page loaded anew now and then? */
  reloads: boolean
}

/** One file that was granted. */
export interface Session {
  readonly number: number
  /** The item's. */
  readonly id: string
  /** {@link InstantFile.index} */
  readonly file: number
  readonly name: string
  readonly options: unknown
  readonly size: number
  readonly key: string
  readonly kind: UploadTarget['type']
  readonly uploadId: string | undefined
  /** What makes it the same upload when it is asked for twice. */
  readonly facts: string
  state: 'open' | 'released' | 'confirmed'
  /** The app was asked to take it, whatever it said. */
  wasOffered: boolean
  /** Parts that the server was told of. */
  readonly told: Set<number>
}

/** One file of a `create`, on the wire. */
export interface CreateFile {
  id: string
  file: number
  name: string
  size: number
  options: unknown
  reason: 'first' | 'renew' | 'restart'
  previous: number | undefined
  minimumLife: number | undefined
  accepts: readonly UploadTarget['type'][]
}

/** A call to the server, on the wire. */
export type SignerCall =
  | { action: 'create'; files: readonly CreateFile[] }
  | { action: 'sign'; session: number; parts: readonly { number: number; size: number }[] }
  | { action: 'tell'; session: number; part: number }
  | { action: 'list'; session: number; after: number }
  | { action: 'complete'; session: number; parts: readonly NamedPart[] }
  | { action: 'abort' | 'probe' | 'confirm' | 'release'; session: number }

/** Its answer to one file. */
export type Verdict =
  | { ok: true; session: number; target: UploadTarget }
  | { ok: false; code: 'refused' | 'gone' }

/** See {@link createSigner}. */
export interface ModelSigner {
  readonly sessions: readonly Session[]
  /** Carries the call out. Statuses that are no success carry S3's kind of body. */
  serve(call: SignerCall): HttpResponse
  sessionOf(key: string): Session | undefined
}

/** Parts in one page of a list. */
const page = 2

/** Makes the server of one bucket. */
export function createSigner(
  options: SignerOptions,
  bucket: ModelBucket,
  { now, isBanned, violations }: { now: () => number; isBanned: (ban: Ban) => boolean; violations: string[] },
): ModelSigner {
  const sessions: Session[] = []

  let signatures = 0
  /** Until when it holds, and which one it is: a signature that ran out stays so. */
  const sign = (life: number): string => `${now() + life * 1000}.${signatures++}`

  const begin = (file: CreateFile): Session => {
    const { id, name, size, options: own, reason, previous, accepts } = file
    const inParts = size >= options.partsFrom && accepts.includes('multipart')
    const facts = JSON.stringify([id, name, size, own, reason === 'restart' ? previous : null])
    // As our own signer: an upload in parts that is asked for twice is the same one, a whole file gets a new key.
    const same = sessions.find((one) => one.facts === facts && one.uploadId && bucket.isOpen(one.uploadId))
    if (inParts && same) return same
    const number = sessions.length
    const key = `${id}.${number}/${name}`
    const kind = inParts ? 'multipart' : options.whole !== 'put' && accepts.includes('post') ? 'post' : 'put'
    const uploadId = inParts ? bucket.begin(key, size, options.partSize) : undefined
    const session: Session = {
      number,
      id,
      file: file.file,
      name,
      options: own,
      size,
      key,
      kind,
      uploadId,
      facts,
      state: 'open',
      wasOffered: false,
      told: new Set(),
    }
    sessions.push(session)
    return session
  }

  const storedOf = (uploadId: string): readonly StoredPart[] | 'ask' =>
    options.says === 'ask' || options.etags === 'hidden' ? 'ask' : (bucket.parts(uploadId) ?? 'ask')

  const targetOf = ({ key, kind, uploadId = '' }: Session, life: number): UploadTarget => {
    if (kind === 'multipart')
      return { type: kind, partSize: options.partSize, stored: storedOf(uploadId), object: { key } }
    if (kind === 'put')
      return {
        type: kind,
        request: { url: `https://s3-0.test/${key}?signature=${sign(life)}`, headers: [] },
        expiresIn: life,
      }
    const second = options.hosts === 2 ? ['https://s3-1.test/'] : []
    const fields = [
      ['key', key],
      ['signature', sign(life)],
    ] as const
    return { type: kind, urls: ['https://s3-0.test/', ...second], fields, expiresIn: life }
  }

  const grant = (file: CreateFile): Verdict => {
    if (isBanned({ file: file.file, at: 'create' })) return { ok: false, code: 'refused' }
    const life = Math.max(options.life, file.minimumLife ?? 0)
    let session: Session | undefined
    if (file.reason === 'renew') {
      const previous = sessions[file.previous ?? -1]
      if (!previous || previous.id !== file.id)
        violations.push(`a renewal of ${file.id} names no upload of it`)
      if (previous?.state !== 'open') return { ok: false, code: 'gone' }
      const refusesPost = previous.kind === 'post' && !file.accepts.includes('post')
      if (refusesPost) sessions[previous.number] = { ...previous, kind: 'put' }
      session = sessions[previous.number]
    }
    session ??= begin(file)
    return { ok: true, session: session.number, target: targetOf(session, life) }
  }

  const release = (session: Session): HttpResponse => {
    if (session.state === 'confirmed') {
      // The app keeps what it has taken, and a page that was loaded anew cannot know that it has.
      if (!options.reloads) violations.push(`${session.key} was given back after the app had taken it`)
      return json({})
    }
    session.state = 'released'
    bucket.remove(session.key)
    return json({})
  }

  const abort = (session: Session): HttpResponse => {
    const answer = bucket.abort(session.uploadId ?? '')
    if (answer.status === 204) session.state = 'released'
    return answer.status === 404 && options.abortRemoves ? release(session) : answer
  }

  const confirm = (session: Session): HttpResponse => {
    const { file, key } = session
    session.wasOffered = true
    if (isBanned({ file, at: 'confirm' })) return s3Error(422, 'refused')
    if (session.state === 'released' || !bucket.objects.has(key)) return s3Error(409, 'not-stored')
    session.state = 'confirmed'
    return json({ taken: key })
  }

  return {
    sessions,
    sessionOf: (key) => sessions.find((one) => one.key === key),
    serve(call) {
      if (call.action === 'create') return json(call.files.map(grant))
      const session = sessions[call.session]
      if (!session) throw new TypeError(`There is no session ${call.session}.`)
      const { uploadId = '', key } = session
      switch (call.action) {
        case 'sign':
          return json(
            call.parts.map(({ number }) => ({
              number,
              url: `https://s3-0.test/${key}?partNumber=${number}&uploadId=${uploadId}&signature=${sign(options.life)}`,
              expiresIn: options.life,
            })),
          )
        case 'tell':
          session.told.add(call.part)
          return json({})
        case 'list': {
          const rest = bucket.parts(uploadId)?.filter(({ number }) => number > call.after)
          if (!rest) return s3Error(404, 'NoSuchUpload')
          return json({ parts: rest.slice(0, page), more: rest.length > page })
        }
        case 'complete':
          if (options.tells && bucket.isOpen(uploadId))
            for (const { number } of call.parts)
              if (!session.told.has(number))
                violations.push(`${key} was completed before the server heard of part ${number}`)
          return bucket.complete(uploadId, call.parts)
        case 'abort':
          return abort(session)
        case 'probe':
          return json({ found: bucket.objects.get(key)?.etag })
        case 'confirm':
          return confirm(session)
        case 'release':
          return release(session)
      }
    },
  }
}

function json(value: unknown, status = 200): HttpResponse {
  return { status, headers: new Map(), text: JSON.stringify(value) }
}
