/** A backend's calls without an engine and without a network. */
import type { BackendCall, HttpRequest, HttpResponse } from '../../src/core/index.ts'
import { UploadError } from '../../src/core/index.ts'

/** What one request is answered with. Default: 200 with no body. */
export interface WireAnswer {
  readonly status?: number
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** See {@link wire}. */
export interface Wire extends BackendCall {
  /** What was sent, in order. */
  readonly sent: readonly HttpRequest[]
}

/** Lends a backend a network that gives these answers, in order, or those of a function; `now` stands still. */
export function wire(
  answers: readonly WireAnswer[] | ((request: HttpRequest) => WireAnswer),
  now = Date.UTC(2026, 10, 20, 17, 18, 11),
): Wire {
  const sent: HttpRequest[] = []
  return {
    sent,
    signal: new AbortController().signal,
    now: () => now,
    send(request): Promise<HttpResponse> {
      sent.push(request)
      const answer = typeof answers === 'function' ? answers(request) : answers[sent.length - 1]
      if (!answer) return Promise.reject(new UploadError('network', 'later', 'The script has no answer.'))
      const { status = 200, text = '', headers = {} } = answer
      return Promise.resolve({ status, text, headers: new Map(Object.entries(headers)) })
    },
  }
}
