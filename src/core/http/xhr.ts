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
        else void failure(request).then(reject)
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
      settle(() => void failure(request, cause).then(reject))
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

/** Why there is no answer, in detail; without the words for it where even their chunk cannot be had: that says enough. */
async function failure(request: HttpRequest, cause?: unknown): Promise<UploadError> {
  try {
    const { whyNoAnswer } = await import('./no-answer.ts')
    return await whyNoAnswer(request, cause)
  } catch {
    return new UploadError('network', 'later', 'No answer.', { cause })
  }
}

function aborted(signal: AbortSignal): UploadError {
  const cause: unknown = signal.reason
  return new UploadError('aborted', 'never', 'The request was aborted by the kit.', { cause })
}
