/** The client of the model's server: an `UploadBackend` as an app would write it. */
import { UploadError } from '../../src/core/index.ts'
import type {
  BackendCall,
  BackendTypes,
  FileFacts,
  HttpResponse,
  HttpTransport,
  StoredObject,
  StoredPart,
  UploadBackend,
} from '../../src/core/index.ts'
import { errorOfAnswer } from '../../src/core/rules/s3-error.ts'
import { InstantFile } from './model-s3-file.ts'
import type { SignerCall, Verdict } from './model-s3-signer.ts'

/** What the backend can do, and how it goes about it. */
export interface BackendOptions {
  batchSize: number
  signsAhead: boolean
  partsFrom: number
  /** Where complete, abort and list go: to the signer or to the store, through the engine's `send`; or past it. */
  control: 'signer' | 'store' | 'direct'
  probes: boolean
  lists: boolean
  confirms: boolean
  tells: boolean
  /** Are fewer parts signed than were asked for? */
  signsFew: boolean
}

/** What the model's backend fills in. */
export interface ModelTypes extends BackendTypes {
  ref: { session: number }
  options: unknown
  record: { made: number }
  result: { taken: string }
}

/** The model's backend. */
export type ModelBackend = UploadBackend<ModelTypes>

const servers: Readonly<Record<BackendOptions['control'], string>> = {
  signer: 'https://app.test/api',
  store: 'https://s3-0.test/',
  // Past the engine, and so past its budgets.
  direct: 'https://direct.test/api',
}

/** Makes the backend; `transport` serves its calls past the engine. What the port does not allow is noted in `violations`. */
export function createModelBackend(
  options: BackendOptions,
  transport: HttpTransport,
  violations: string[],
): ModelBackend {
  /** Sessions whose server is being told of a part. */
  const telling = new Set<number>()
  const ask = async (body: SignerCall, call: BackendCall): Promise<HttpResponse> => {
    const isControl = body.action === 'complete' || body.action === 'abort' || body.action === 'list'
    const control = isControl ? options.control : 'signer'
    const toStore = control === 'store'
    const request = {
      method: 'POST',
      url: servers[control],
      body: { kind: 'text', text: JSON.stringify(body) },
    } as const
    const answer = await (
      control === 'direct' ? transport.send(request, { signal: call.signal }) : call.send(request)
    ).catch((cause: unknown) => {
      const isSilence = cause instanceof UploadError && cause.code === 'network' && !toStore
      throw isSilence ? new UploadError('signer-unreachable', 'later', cause.message, { cause }) : cause
    })
    if (answer.status > 299 || answer.text.includes('<Error')) throw errorOf(answer, body.action, toStore)
    return answer
  }
  const read = async <T>(body: SignerCall, call: BackendCall): Promise<T> => {
    const value: T = JSON.parse((await ask(body, call)).text)
    return value
  }

  return {
    name: 'model',
    batchSize: options.batchSize,
    signsAhead: ({ size }: FileFacts) => options.signsAhead && size < options.partsFrom,
    parseRef: (value) =>
      typeof value === 'object' && value !== null && 'session' in value && typeof value.session === 'number'
        ? { session: value.session }
        : undefined,
    async createUploads(files, call) {
      const asked = files.map(({ id, source, name, size, options: own, reason, previous, ...rest }) => ({
        id,
        file: source instanceof InstantFile ? source.index : -1,
        name,
        size,
        options: own,
        reason,
        previous: previous?.session,
        minimumLife: rest.minimumLife,
        accepts: rest.accepts,
      }))
      const verdicts = await read<Verdict[]>({ action: 'create', files: asked }, call)
      return verdicts.map((verdict) =>
        verdict.ok
          ? {
              ok: true,
              ref: { session: verdict.session },
              target: verdict.target,
              record: { made: verdict.session },
            }
          : { ok: false, error: verdict.code === 'gone' ? gone() : refused() },
      )
    },
    multipart: {
      async signParts({ session }, parts, call) {
        const all = parts.map(({ number, size }) => ({ number, size }))
        const asked = options.signsFew ? all.slice(0, 1) : all
        const signed = await read<{ number: number; url: string; expiresIn: number }[]>(
          { action: 'sign', session, parts: asked },
          call,
        )
        return {
          parts: signed.map(({ number, url, expiresIn }) => ({
            number,
            request: { url, headers: [] },
            expiresIn,
          })),
        }
      },
      async complete({ session }, parts, call) {
        const named = parts.map(({ number, etag }) => ({ number, etag }))
        const { text } = await ask({ action: 'complete', session, parts: named }, call)
        const tag = (name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)?.[1] ?? ''
        return { location: tag('Location'), bucket: tag('Bucket'), key: tag('Key'), etag: tag('ETag') }
      },
      async abort({ session }, call) {
        await ask({ action: 'abort', session }, call)
      },
      ...(options.tells && {
        async partStored({ session }, { number }, call) {
          if (telling.has(session)) violations.push(`two parts of session ${session} were told at a time`)
          telling.add(session)
          await ask({ action: 'tell', session, part: number }, call).finally(() => telling.delete(session))
        },
      }),
      ...(options.lists && {
        async listParts({ session }, call) {
          try {
            const all: StoredPart[] = []
            for (let after = 0; ;) {
              const body = { action: 'list', session, after } as const
              const { parts, more } = await read<{ parts: StoredPart[]; more: boolean }>(body, call)
              all.push(...parts)
              if (!more) return all
              after = all.at(-1)?.number ?? 0
            }
          } catch (error) {
            if (error instanceof UploadError && error.retry === 'restart') return 'gone'
            throw error
          }
        },
      }),
    },
    ...(options.probes && {
      async probe({ session }, call): Promise<StoredObject | 'absent'> {
        const { found } = await read<{ found?: string }>({ action: 'probe', session }, call)
        return found === undefined ? 'absent' : { location: `${servers.store}${session}`, etag: found }
      },
    }),
    ...(options.confirms && {
      confirm: ({ session }, _stored, _file, call) =>
        read<ModelTypes['result']>({ action: 'confirm', session }, call),
    }),
    async release({ session }, call) {
      await ask({ action: 'release', session }, call)
    },
  }
}

const refused = (): UploadError => new UploadError('refused', 'never', 'The signer does not want this file.')
const gone = (): UploadError =>
  new UploadError('expired', 'restart', 'The signer no longer knows the upload.')

/** What a failure means: the app's server speaks as S3 does here, with three words of its own. */
function errorOf(answer: HttpResponse, action: SignerCall['action'], isStore: boolean): UploadError {
  const { status } = answer
  const error = errorOfAnswer(answer, action, 0)
  if (isStore) return error
  if (status === 401) return new UploadError('unauthorized', 'never', error.message, { status })
  if (status === 409) return new UploadError('confirm-failed', 'restart', error.message, { status })
  if (status === 422) return new UploadError('confirm-failed', 'never', error.message, { status })
  // Another list of parts than S3's own: what it has is asked for again.
  if (error.s3Code === 'InvalidPart')
    return new UploadError('storage-refused', 'sign-again', error.message, { status })
  return error
}
