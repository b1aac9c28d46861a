/** What an operation returns: an answer as plain data, so that CORS and faults can still change it. */
import type { S3Error } from '../errors.ts'
import { document, element, type Markup } from './xml-writer.ts'

/** An HTTP answer, not sent yet. */
export interface Answer {
  readonly status: number
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Nothing, a text, or bytes as they come from the store. */
  readonly body?: string | AsyncIterable<Uint8Array>
}

/** An answer without a body. */
export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers }
}

/** An XML document with S3's namespace, under 200 unless said otherwise. */
export function xmlAnswer(
  root: Markup,
  options: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): Answer {
  return {
    status: options.status ?? 200,
    headers: { 'content-type': 'application/xml', ...options.headers },
    body: document(root, { namespace: true }),
  }
}

/** An error as S3 sends it: `Code` and `Message` first, the ids last, no namespace. */
export function errorAnswer(
  error: S3Error,
  ids: { readonly requestId: string; readonly hostId: string },
): Answer {
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', ...error.headers },
    body: document(
      element(
        'Error',
        element('Code', error.code),
        element('Message', error.message),
        error.fields.map(([name, value]) => element(name, value)),
        element('RequestId', ids.requestId),
        element('HostId', ids.hostId),
      ),
    ),
  }
}

/** An ETag as a header or element carries it: in quotes. */
export function quoteEtag(etag: string): string {
  return `"${etag}"`
}
