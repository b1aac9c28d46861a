/** What Fine Uploader's client says to the app's own server. */
import { UploadError } from '../../core/errors.ts'
import type { BackendCall, Entries, HttpRequest, HttpResponse, Json, StoredFile } from '../../core/ports.ts'
import { badAnswer, callServer, errorOfStatus } from '../http-json.ts'
import { isRecord, isText, isTexts } from './place.ts'
import type { FineUploaderOptions, FineUploaderRef, FineUploaderServer, FineUploaderTypes } from './types.ts'

/** Calls to the app's server. All reject with UploadError. */
export interface AppServer {
  /** The policy as the server gives it back, to be sent to the byte, and its signature. */
  readonly signPolicy: (document: string, call: BackendCall) => Promise<{ policy: string; signature: string }>
  readonly signText: (headers: string, call: BackendCall) => Promise<string>
  readonly tellSuccess: (endpoint: string, body: Entries, call: BackendCall) => Promise<Json>
  readonly remove: (ref: FineUploaderRef, call: BackendCall) => Promise<void>
  readonly list: (call: BackendCall) => Promise<readonly StoredFile<FineUploaderTypes>[]>
}

/** Makes the client; `bucket` is that of session files which name none. */
export function createAppServer(options: FineUploaderOptions, bucket: () => string): AppServer {
  const { signature, uploadSuccess, deleteFile, session, cors = {} } = options

  /** Headers that make a call to another origin ask for permission. */
  const same: Entries = [
    ['X-Requested-With', 'XMLHttpRequest'],
    ['Cache-Control', 'no-cache'],
  ]
  function send(
    { endpoint, customHeaders }: FineUploaderServer,
    request: Pick<HttpRequest, 'method' | 'body' | 'headers'>,
    call: BackendCall,
    own: Entries = cors.expected ? [] : same,
  ): Promise<HttpResponse> {
    const server = {
      endpoint,
      ...(customHeaders && { headers: customHeaders }),
      ...(cors.sendCredentials && { credentials: 'include' as const }),
    }
    const headers: Entries = [...(request.headers ?? []), ['Accept', 'application/json'], ...own]
    return callServer(server, { ...request, headers }, call)
  }

  async function sign(text: string, names: readonly string[], call: BackendCall): Promise<string[]> {
    const { endpoint } = signature
    const request = {
      method: 'POST',
      headers: [['Content-Type', 'application/json; charset=utf-8']],
      body: { kind: 'text', text },
    } as const
    const answer = await send(
      { ...signature, endpoint: withQuery(endpoint, [['v4', 'true']]) },
      request,
      call,
    )
    return readSigned(endpoint, answer, names, call)
  }

  return {
    async signPolicy(document, call) {
      const [policy = '', signed = ''] = await sign(document, ['policy', 'signature'], call)
      return { policy, signature: signed }
    },
    async signText(headers, call) {
      const [signed = ''] = await sign(JSON.stringify({ headers }), ['signature'], call)
      return signed
    },
    async tellSuccess(endpoint, body, call) {
      const method = uploadSuccess?.method ?? 'POST'
      const answer = await send({ ...uploadSuccess, endpoint }, { method, ...formBody(body) }, call)
      return readSuccess(endpoint, answer, call)
    },
    async remove(ref, call) {
      const endpoint = ref.deleteEndpoint ?? deleteFile?.endpoint ?? ''
      const own = Object.entries({ ...deleteFile?.params, ...ref.deleteParams })
      const place: Entries = [
        ['key', ref.key],
        ['bucket', ref.bucket],
      ]
      // Up to 4.3 the uuid was `uuid`, from 4.4 on it is `qquuid`: servers read the one they know.
      const ids: Entries = [
        ['uuid', ref.uuid],
        ['qquuid', ref.uuid],
        ['_method', 'DELETE'],
      ]
      const isPost = deleteFile?.method === 'POST'
      const address = withQuery(withId(endpoint, ref.uuid), [...place, ...own])
      const answer = isPost
        ? await send(
            { ...deleteFile, endpoint },
            { method: 'POST', ...formBody([...place, ...ids, ...own]) },
            call,
          )
        : await send({ ...deleteFile, endpoint: address }, { method: 'DELETE' }, call, same)
      if (answer.status < 200 || answer.status > 204 || (!isPost && [201, 203].includes(answer.status)))
        throw errorOfStatus(endpoint, answer, call.now())
    },
    async list(call) {
      const { endpoint = '', params = {} } = session ?? {}
      const query: Entries = [...Object.entries(params), ['qqtimestamp', String(call.now())]]
      const answer = await send({ ...session, endpoint: withQuery(endpoint, query) }, { method: 'GET' }, call)
      if (answer.status !== 200) throw errorOfStatus(endpoint, answer, call.now())
      const files = parse(answer.text)
      if (!Array.isArray(files))
        throw badAnswer(endpoint, 'It must be a list of files: [{"name", "uuid", "s3Key"}].')
      return files.flatMap((file: unknown) => toStoredFile(file, bucket) ?? [])
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A query goes behind what is there already. */
function withQuery(endpoint: string, entries: Entries): string {
  if (entries.length === 0) return endpoint
  return `${endpoint}${endpoint.includes('?') ? '&' : '?'}${formText(entries)}`
}

/** The uuid goes into the path. */
const withId = (endpoint: string, uuid: string): string =>
  endpoint.replace(/\/?(\?|$)/, `/${encodeURIComponent(uuid)}$1`)

const formText = (entries: Entries): string =>
  new URLSearchParams(entries.map(([name, value]): [string, string] => [name, value])).toString()

const formBody = (entries: Entries): Pick<HttpRequest, 'body' | 'headers'> => ({
  headers: [['Content-Type', 'application/x-www-form-urlencoded']],
  body: { kind: 'text', text: formText(entries) },
})

/** What may pass by itself, or wants a login, whatever the body says. */
const isTrouble = (status: number): boolean => status >= 500 || [401, 403, 408, 425, 429].includes(status)

function readSigned(
  endpoint: string,
  answer: HttpResponse,
  names: readonly string[],
  call: BackendCall,
): string[] {
  const { status } = answer
  const body = parse(answer.text)
  const details = isRecord(body) ? body : {}
  // One real server says so with 200, another with 400, and the manual with 500.
  if (details['invalid'])
    throw new UploadError('refused', 'never', 'The server refuses to sign this: invalid policy or headers.', {
      status,
    })
  const { error, preventRetry } = details
  if (isText(error) && (preventRetry === true || !isTrouble(status)))
    throw new UploadError('refused', 'never', `The server refuses to sign this: ${error}`, {
      status,
      userMessage: error,
    })
  if (status < 200 || status > 204) throw errorOfStatus(endpoint, answer, call.now())
  return names.map((name) => {
    const value = details[name]
    if (!isText(value))
      throw badAnswer(endpoint, `it has no ${name}. It must be {"${names.join('": …, "')}": …}.`)
    if (name === 'signature' && !/^[\da-f]{64}$/i.test(value))
      throw badAnswer(endpoint, 'its signature is none of version 4. The server must look at ?v4=true.')
    return value
  })
}

function readSuccess(endpoint: string, answer: HttpResponse, call: BackendCall): Json {
  const { status } = answer
  const body = parse(answer.text)
  const { error, success, preventRetry, reset } = isRecord(body) ? body : {}
  const isGood = status >= 200 && status <= 204
  const isRefused = isText(error) || success === false
  if (isGood && !isRefused) return (body ?? null) as Json
  // Its words count where it answered, and not where something in between failed.
  if (!isRefused || (isTrouble(status) && preventRetry !== true && reset !== true))
    throw errorOfStatus(endpoint, answer, call.now())
  const said = isText(error) ? error : 'Upload failure reason unknown'
  throw new UploadError(
    'confirm-failed',
    reset === true ? 'restart' : 'never',
    `The app's server did not take the upload: ${said}`,
    { status, ...(isText(error) && { userMessage: error }) },
  )
}

/** Undefined for what lacks what the original demands. */
function toStoredFile(file: unknown, bucket: () => string): StoredFile<FineUploaderTypes> | undefined {
  if (!isRecord(file)) return undefined
  const { name, uuid, s3Key, s3Bucket, size, thumbnailUrl, deleteFileEndpoint, deleteFileParams } = file
  if (!isText(name) || !isText(uuid) || !isText(s3Key)) return undefined
  return {
    ref: {
      uuid,
      key: s3Key,
      bucket: isText(s3Bucket) ? s3Bucket : bucket(),
      ...(isText(deleteFileEndpoint) && { deleteEndpoint: deleteFileEndpoint }),
      ...(isTexts(deleteFileParams) && { deleteParams: deleteFileParams }),
    },
    name,
    ...(typeof size === 'number' && { size }),
    ...(isText(thumbnailUrl) &&
      /^(?:https?:)?\/(?!\/)|^https?:\/\//.test(thumbnailUrl) && { previewUrl: thumbnailUrl }),
  }
}
