/** What can be said of a request that got no answer. A chunk of its own: it loads when there is one. */
import { UploadError } from '../errors.ts'
import type { HttpRequest } from '../ports.ts'

/**
 * Status 0 is all a browser says of a refused connection, a failed preflight and a file that was changed or deleted
 * since it was chosen. Only the last one can be told apart: such a file cannot be read (FACTS 4.2).
 */
export async function whyNoAnswer(request: HttpRequest, cause?: unknown): Promise<UploadError> {
  const { body } = request
  const blob = body?.kind === 'form' ? body.file : body?.kind === 'blob' ? body.blob : undefined
  try {
    await blob?.slice(0, 1).arrayBuffer()
  } catch (error) {
    return new UploadError(
      'file-unreadable',
      'never',
      'The file cannot be read any more: it was changed, moved or deleted since it was chosen. Choose it again.',
      { cause: error },
    )
  }
  return networkError(request, cause)
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
