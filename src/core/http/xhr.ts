/** The transport over XMLHttpRequest: the only browser API that reports upload progress (November 2026). */
import { UploadError } from '../errors.ts'
import type { HttpBody, HttpRequest, HttpResponse, HttpSendOptions, HttpTransport } from '../ports.ts'

/** Makes the transport. Nothing is opened before the first `send`. */
export function xhrTransport(): HttpTransport {
  return { send }
}

function send(request: HttpRequest, { signal, onProgress }: HttpSendOptions): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(aborted(signal))
      return
    }
    const xhr = new XMLHttpRequest()
    const onAbort = (): void => xhr.abort()
    const settle = (then: () => void): void => {
      signal.removeEventListener('abort', onAbort)
      then()
    }
    const fail = (): void =>
      settle(() => {
        if (signal.aborted) reject(aborted(signal))
        else whyNoAnswer(request).then(reject, reject)
      })
    xhr.open(request.method, request.url)
    xhr.withCredentials = request.credentials === 'include'
    for (const [name, value] of request.headers ?? []) xhr.setRequestHeader(name, value)
    // A listener on `upload` makes even a plain form a preflighted request (FACTS 4.1): only where it is wanted.
    if (onProgress && request.body) listen(xhr, request.body, onProgress)
    xhr.addEventListener('load', () => settle(() => resolve(readAnswer(xhr))))
    xhr.addEventListener('error', fail)
    xhr.addEventListener('timeout', fail)
    // A browser's own abort (navigation, a blocked request) is a network error; only ours means cancel.
    xhr.addEventListener('abort', fail)
    signal.addEventListener('abort', onAbort)
    try {
      xhr.send(bodyOf(request.body))
    } catch (cause) {
      settle(() => reject(networkError(request, cause)))
    }
  })
}

/**
 * Progress counts the whole multipart body (a 5-byte file was reported as 275 bytes in Chromium, 320 in Firefox):
 * scaled here to the file. A file is never more than sent.
 */
function listen(xhr: XMLHttpRequest, body: HttpBody, onProgress: (loaded: number) => void): void {
  const size = body.kind === 'form' ? body.file.size : body.kind === 'blob' ? body.blob.size : 0
  let last = -1
  xhr.upload.addEventListener('progress', ({ loaded, total, lengthComputable }) => {
    const bytes = lengthComputable && total > 0 ? Math.floor((loaded / total) * size) : Math.min(loaded, size)
    if (bytes > last) onProgress((last = bytes))
  })
}

function bodyOf(body: HttpBody | undefined): XMLHttpRequestBodyInit | null {
  if (!body) return null
  if (body.kind === 'text') return body.text
  if (body.kind === 'blob') return body.blob
  const form = new FormData()
  for (const [name, value] of body.fields) form.append(name, value)
  form.append('file', body.file, body.fileName)
  return form
}

function readAnswer(xhr: XMLHttpRequest): HttpResponse {
  const headers = new Map<string, string>()
  for (const line of xhr.getAllResponseHeaders().split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return { status: xhr.status, headers, text: xhr.responseText }
}

/**
 * Status 0 is all a browser says of a refused connection, a failed preflight and a file that was changed or deleted
 * since it was chosen. Only the last one can be told apart: such a file cannot be read (FACTS 4.2).
 */
async function whyNoAnswer(request: HttpRequest): Promise<UploadError> {
  const { body } = request
  const blob = body?.kind === 'form' ? body.file : body?.kind === 'blob' ? body.blob : undefined
  try {
    await blob?.slice(0, 1).arrayBuffer()
  } catch (cause) {
    return new UploadError(
      'file-unreadable',
      'never',
      'The file cannot be read any more: it was changed, moved or deleted since it was chosen. Choose it again.',
      { cause },
    )
  }
  return networkError(request)
}

function networkError({ method, url }: HttpRequest, cause?: unknown): UploadError {
  return new UploadError(
    'network',
    'later',
    `No answer to ${method} ${withoutQuery(url)}. The browser does not say why: offline, a refused connection, TLS, ` +
      'or CORS (does the server allow this origin and these headers?). The console may know more.',
    cause === undefined ? {} : { cause },
  )
}

/** A signed URL's query is a credential, and messages are logged. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '')
}

function aborted(signal: AbortSignal): UploadError {
  const cause: unknown = signal.reason
  return new UploadError('aborted', 'never', 'The request was aborted by the kit.', { cause })
}
