/** A backend whose verdicts a test or a story writes. */
import type {
  BackendTypes,
  FileFacts,
  Grant,
  Json,
  MultipartBackend,
  StoredObject,
  UploadBackend,
  UploadRequest,
} from '../core/index.ts'

/** What the scripted backend fills in. */
export interface ScriptedTypes extends BackendTypes {
  ref: Json
  options: unknown
  record: unknown
  result: unknown
}

/** What may be scripted; each may throw an `UploadError`. Default: every file is granted and nothing is confirmed. */
export interface ScriptedBackendOptions extends Partial<
  Pick<
    UploadBackend<ScriptedTypes>,
    'name' | 'signsAhead' | 'parseRef' | 'probe' | 'release' | 'deleteObject' | 'limits'
  >
> {
  /** Verdict on one file. Default: a post target for `https://bucket.test/`, key `<id>/<name>`, living 60 s. */
  grant?: (request: UploadRequest<ScriptedTypes>) => Grant<ScriptedTypes> | Promise<Grant<ScriptedTypes>>
  /** The app's answer at the end. Without it there is no confirm step. */
  confirm?: (ref: Json, stored: StoredObject, file: FileFacts) => unknown
  /** Calls of uploads in parts; what is left out is {@link scriptedParts}'s. Default: none, only single requests. */
  multipart?: Partial<MultipartBackend<ScriptedTypes>>
  /** Files per call. Default 50. */
  batchSize?: number
}

/** See {@link scriptedBackend}. */
export interface ScriptedBackend extends UploadBackend<ScriptedTypes> {
  /** What was asked for, call by call. */
  readonly calls: readonly (readonly UploadRequest<ScriptedTypes>[])[]
}

/** The default verdict, to be varied: a post target for `https://bucket.test/`. */
export function grantOf(
  { id, name }: Pick<FileFacts, 'id' | 'name'>,
  expiresIn = 60,
): Grant<ScriptedTypes> & { ok: true } {
  const key = `${id}/${name}`
  return {
    ok: true,
    ref: { key },
    target: { type: 'post', urls: ['https://bucket.test/'], fields: [['key', key]], expiresIn },
  }
}

/** A verdict for an upload in parts of `partSize` bytes. */
export function partsGrantOf(
  { id, name }: Pick<FileFacts, 'id' | 'name'>,
  partSize: number,
): Grant<ScriptedTypes> & { ok: true } {
  return {
    ok: true,
    ref: { key: `${id}/${name}`, uploadId: `u-${id}` },
    target: { type: 'multipart', partSize, stored: [] },
  }
}

/** Signs `https://bucket.test/<number>` for each part, living 60 s; completes and aborts whatever it is asked to. */
export const scriptedParts: MultipartBackend<ScriptedTypes> = {
  signParts: async (_ref, parts) => ({
    parts: parts.map(({ number }) => ({
      number,
      request: { url: `https://bucket.test/${number}`, headers: [] },
      expiresIn: 60,
    })),
  }),
  complete: async () => ({ location: 'https://bucket.test/done' }),
  abort: async () => undefined,
}

/** Makes a backend for tests and stories. */
export function scriptedBackend(options: ScriptedBackendOptions = {}): ScriptedBackend {
  const { grant = grantOf, confirm, batchSize = 50, multipart, ...rest } = options
  const calls: (readonly UploadRequest<ScriptedTypes>[])[] = []
  return {
    name: 'scripted',
    batchSize,
    calls,
    signsAhead: () => true,
    parseRef: () => null,
    ...rest,
    createUploads(files) {
      calls.push(files)
      return Promise.all(files.map(async (file) => grant(file)))
    },
    ...(multipart && { multipart: { ...scriptedParts, ...multipart } }),
    ...(confirm && {
      confirm: async (ref: Json, stored: StoredObject, file: FileFacts) => confirm(ref, stored, file),
    }),
  }
}
