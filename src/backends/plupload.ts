/**
 * Plupload with a policy per file, after Ben Nadel: the app makes its record of the file first and answers with it and
 * with a form that lives for a minute. Nothing is told to the app afterwards.
 */
import { isUploadError, toUploadError, UploadError } from '../core/errors.ts'
import type {
  BackendCall,
  Entries,
  Grant,
  HttpResponse,
  Json,
  StoredFile,
  UploadBackend,
  UploadRequest,
} from '../core/ports.ts'
import { encodeKey } from '../s3/key.ts'
import type { JsonServerOptions } from './http-json.ts'
import { badAnswer, callServer, errorOfStatus } from './http-json.ts'

/** What the engine keeps of one upload. */
export type PluploadRef = {
  /** The app's record. */
  readonly image: Json
  /** Where the object goes, of uploads that this browser made. */
  readonly location?: string
}

/** What the backend fills in: the app's record is there before the upload, and is its result. */
export type PluploadTypes = { ref: PluploadRef; options: unknown; record: Json; result: Json }

/** Options of {@link plupload}. */
export interface PluploadOptions extends Omit<JsonServerOptions, 'endpoint'> {
  /** Makes the record: is sent `POST {"name": "photo.png"}` and answers `{image, formUrl, formData}`. */
  readonly save: string
  /**
   * Removes a record: is sent `POST {"id": …}`, the record's own. Called for files whose upload is given up, or asked
   * for anew. Default: they stay.
   */
  readonly remove?: string
  /** Answers a GET with all records, as `[{id, clientFile, imageUrl}]`. Default: there are no lists. */
  readonly list?: string
  /**
   * Fields that go before those of the server. Default: the file's name as `name`, which Plupload sends by itself and
   * policies made for it demand. What the server names itself is left to it.
   */
  readonly extraFields?: (file: UploadRequest<PluploadTypes>) => Entries
  /** How long the server's policies live, in seconds. Default 60. */
  readonly expiresIn?: number
}

const shape = 'It must be {"image": …, "formUrl": "https://…", "formData": {…}}.'

/**
 * The backend for servers of Plupload's `BeforeUpload`. Asking makes a record, so that no file is asked for before its
 * turn; a retry after the policy ran out makes another one, under another key, and removes the first where it can.
 * @example createUploader({ backend: plupload({ save: '/api/index.cfm?action=save' }) })
 */
export function plupload(options: PluploadOptions): UploadBackend<PluploadTypes> {
  const { save, remove, list, expiresIn = 60 } = options
  const { extraFields = ({ name }) => [['name', name]] } = options

  async function grant(
    file: UploadRequest<PluploadTypes>,
    call: BackendCall,
  ): Promise<Grant<PluploadTypes> & { ok: true }> {
    const { image, formUrl, formData } = parseSaved(save, await ask(save, { name: file.name }, call))
    const theirs = new Set(formData.map(([name]) => name))
    const fields = [...extraFields(file).filter(([name]) => !theirs.has(name)), ...formData]
    const key = formData.find(([name]) => name.toLowerCase() === 'key')?.[1] ?? ''
    const location = `${formUrl.replace(/\/?$/, '/')}${encodeKey(key)}`
    if (file.previous) await forget(file.previous, call)
    return {
      ok: true,
      ref: { image, location },
      record: image,
      target: { type: 'post', urls: [formUrl], fields, expiresIn },
    }
  }

  async function ask(endpoint: string, body: object, call: BackendCall): Promise<unknown> {
    const answer = await callServer(
      { ...options, endpoint },
      {
        method: 'POST',
        body: { kind: 'text', text: JSON.stringify(body) },
        headers: [
          ['Content-Type', 'application/json;charset=utf-8'],
          ['Accept', 'application/json, text/plain, */*'],
        ],
      },
      call,
    )
    return read(endpoint, answer, call)
  }

  async function removeRecord(ref: PluploadRef, call: BackendCall): Promise<void> {
    const id = isRecord(ref.image) ? ref.image['id'] : undefined
    if (id === undefined)
      throw new UploadError('refused', 'never', 'The record has no id: it cannot be removed.')
    if (remove !== undefined) await ask(remove, { id }, call)
  }

  /** The upload goes on under another record: that one is left over is no reason to stop it. */
  async function forget(ref: PluploadRef, call: BackendCall): Promise<void> {
    if (remove === undefined) return
    try {
      await removeRecord(ref, call)
    } catch (error) {
      if (!isUploadError(error) || error.code === 'aborted') throw error
    }
  }

  return {
    name: `plupload:${save}`,
    batchSize: 1,
    signsAhead: () => false,
    parseRef,
    async createUploads(files, call) {
      const grants: Grant<PluploadTypes>[] = []
      // One after another: each makes a record, in the order of the list.
      for (const file of files)
        grants.push(
          await grant(file, call).catch((cause: unknown) => ({
            ok: false,
            error: toUploadError(cause, 'asking for a target'),
          })),
        )
      return grants
    },
    async probe({ image, location }, call) {
      const url = isRecord(image) ? image['imageUrl'] : undefined
      if (typeof url !== 'string' || !isHttp(url) || location === undefined) return 'unknown'
      // Signed for GET only, so not HEAD. 416: it is there, and empty.
      const { status } = await call
        .send({ method: 'GET', url, headers: [['Range', 'bytes=0-0']] })
        .catch(withoutAnswer)
      if (status === 404) return 'absent'
      return status === 200 || status === 206 || status === 416 ? { location } : 'unknown'
    },
    // Nobody need be told. What was made before the upload is what comes out of it.
    confirm: (ref) => Promise.resolve(ref.image),
    ...(remove !== undefined && { release: removeRecord, deleteObject: removeRecord }),
    ...(list !== undefined && {
      async list(_cursor, call) {
        const answer = await callServer({ ...options, endpoint: list }, { method: 'GET' }, call)
        const records = read(list, answer, call)
        if (!Array.isArray(records)) throw badAnswer(list, 'It must be a list of records.')
        return { files: records.filter(isRecord).map(toStoredFile) }
      },
    }),
  }
}

const isHttp = (url: string): boolean => /^https?:\/\//.test(url)

const isRecord = (value: unknown): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseRef(value: unknown): PluploadRef | undefined {
  if (!isRecord(value) || !('image' in value)) return undefined
  const { image = null, location } = value
  if (location !== undefined && typeof location !== 'string') return undefined
  return { image, ...(location !== undefined && { location }) }
}

/** @throws UploadError what the app says, or what its status means */
function read(endpoint: string, answer: HttpResponse, call: BackendCall): Json {
  const { status, text } = answer
  const isGood = status >= 200 && status < 300
  const isLogin = status === 401 || status === 403
  let body: Json
  try {
    // The demo server calls its JSON `application/x-json`: what it is called does not matter.
    body = JSON.parse(text)
  } catch {
    // Without the parser's words: they quote the text, and it may hold a signature.
    throw isGood
      ? badAnswer(endpoint, `it is not JSON. ${shape}`)
      : errorOfStatus(endpoint, answer, call.now())
  }
  // What the app refuses it answers with 500, as it does what it fails at. A proxy's 500 has no such body. The same
  // name would be refused again.
  if (!isLogin && isRecord(body) && typeof body['code'] === 'number' && body['image'] === undefined) {
    const said = typeof body['message'] === 'string' ? body['message'] : 'An unknown error occurred.'
    const message = `The app does not take the file: ${said}`
    throw new UploadError('refused', 'never', message, { status, userMessage: said })
  }
  if (!isGood) throw errorOfStatus(endpoint, answer, call.now())
  return body
}

function parseSaved(
  endpoint: string,
  body: unknown,
): { readonly image: Json; readonly formUrl: string; readonly formData: Entries } {
  if (!isRecord(body)) throw badAnswer(endpoint, `it is not an object. ${shape}`)
  const { image, formUrl, formData } = body
  if (image === undefined || image === null) throw badAnswer(endpoint, `it has no image. ${shape}`)
  if (typeof formUrl !== 'string' || !isHttp(formUrl))
    throw badAnswer(endpoint, `formUrl is not an http(s) URL. ${shape}`)
  if (!isRecord(formData)) throw badAnswer(endpoint, `formData does not map names to values. ${shape}`)
  return { image, formUrl, formData: Object.entries(formData).map((field) => toField(endpoint, field)) }
}

/** ColdFusion writes numbers where it can: the status is one, and may be `201.0`. */
function toField(endpoint: string, [name, value]: readonly [string, Json]): [string, string] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return [name, String(value)]
  throw badAnswer(endpoint, `a value in formData is neither text nor number. ${shape}`)
}

function toStoredFile(image: { readonly [name: string]: Json }): StoredFile<PluploadTypes> {
  const { clientFile, imageUrl } = image
  return {
    ref: { image },
    name: typeof clientFile === 'string' ? clientFile : '',
    ...(typeof imageUrl === 'string' && isHttp(imageUrl) && { url: imageUrl, previewUrl: imageUrl }),
  }
}

/** A bucket whose CORS rules do not let pages read says nothing. */
function withoutAnswer(error: unknown): { status: number } {
  if (isUploadError(error) && error.code === 'network') return { status: 0 }
  throw error
}
