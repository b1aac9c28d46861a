/** A backend whose verdicts a test or a story writes. */
import type {
  BackendTypes,
  FileFacts,
  Grant,
  Json,
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
export interface ScriptedBackendOptions {
  /** Verdict on one file. Default: a post target for `https://bucket.test/`, key `<id>/<name>`, living 60 s. */
  grant?: (request: UploadRequest<ScriptedTypes>) => Grant<ScriptedTypes> | Promise<Grant<ScriptedTypes>>
  /** The app's answer at the end. Without it there is no confirm step. */
  confirm?: (ref: Json, stored: StoredObject, file: FileFacts) => unknown
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

/** Makes a backend for tests and stories. */
export function scriptedBackend(options: ScriptedBackendOptions = {}): ScriptedBackend {
  const { grant = grantOf, confirm, batchSize = 50 } = options
  const calls: (readonly UploadRequest<ScriptedTypes>[])[] = []
  return {
    name: 'scripted',
    batchSize,
    calls,
    signsAhead: () => true,
    parseRef: () => null,
    createUploads(files) {
      calls.push(files)
      return Promise.all(files.map(async (file) => grant(file)))
    },
    ...(confirm && {
      confirm: async (ref: Json, stored: StoredObject, file: FileFacts) => confirm(ref, stored, file),
    }),
  }
}
