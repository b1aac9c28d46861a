/** JSON calls to the app's own server, and what their failures mean. */
import { isUploadError, toUploadError, UploadError } from '../core/errors.ts'
import type { BackendCall, Entries, HttpRequest, HttpResponse } from '../core/ports.ts'
import { readRetryAfter } from '../core/rules/retry-after.ts'
import type { ReadProblem } from '../protocol/answers.ts'
import { parseProblem } from '../protocol/answers.ts'

/** Headers by name. */
export type HeadersValue = Readonly<Record<string, string>>

/** How a server is called. */
export interface JsonServerOptions {
  /** Where the calls go: a path on the page's own origin, or an address. */
  readonly endpoint: string
  /** Sent with each call, such as a token. A function is asked each time, so that the token can be fresh. */
  readonly headers?: HeadersValue | (() => HeadersValue | Promise<HeadersValue>)
  /**
   * Cookies: `same-origin` sends them to the page's own origin only, `include` to other origins too, which must allow
   * it (`origins` of our signer does). Default `same-origin`.
   */
  readonly credentials?: 'same-origin' | 'include'
}

/** Words a failure before the general rules; undefined leaves it to them. */
export type ProblemReader = (problem: ReadProblem, status: number) => UploadError | undefined

/**
 * POSTs JSON and returns the text of a successful answer.
 * @param readProblem looks first at answers that carry problem details
 * @throws UploadError `signer-unreachable`, `signer-failed`, `throttled`, `unauthorized`, `refused`, `bad-answer`, or
 * what `headers()` threw
 */
export function postJson(
  options: JsonServerOptions,
  body: object,
  call: BackendCall,
  readProblem: ProblemReader = () => undefined,
): Promise<string> {
  const text = JSON.stringify(body)
  const request = { method: 'POST', body: { kind: 'text', text } } as const
  return exchange(options, request, [['Content-Type', 'application/json']], call, readProblem)
}

/**
 * GETs JSON and returns the text of a successful answer.
 * @throws UploadError as {@link postJson}
 */
export function getJson(options: JsonServerOptions, call: BackendCall): Promise<string> {
  return exchange(options, { method: 'GET' }, [], call, () => undefined)
}

async function exchange(
  options: JsonServerOptions,
  part: Pick<HttpRequest, 'method' | 'body'>,
  typed: Entries,
  call: BackendCall,
  readProblem: ProblemReader,
): Promise<string> {
  const headers: Entries = [...typed, ['Accept', 'application/json, application/problem+json']]
  const answer = await callServer(options, { ...part, headers }, call)
  if (answer.status >= 200 && answer.status < 300) return answer.text
  const problem = parseProblem(answer.text)
  throw (
    (problem && readProblem(problem, answer.status)) ??
    errorOfStatus(options.endpoint, answer, call.now(), problem)
  )
}

/**
 * One call, with the headers and cookies of the options. Resolves for every status.
 * @throws UploadError `signer-unreachable`, or what `headers()` threw
 */
export async function callServer(
  options: JsonServerOptions,
  part: Pick<HttpRequest, 'method' | 'body' | 'headers'>,
  call: BackendCall,
): Promise<HttpResponse> {
  const { endpoint, credentials } = options
  const request: HttpRequest = {
    ...part,
    url: endpoint,
    headers: [...(part.headers ?? []), ...Object.entries(await ownHeaders(options))],
    ...(credentials !== undefined && { credentials }),
  }
  try {
    return await call.send(request)
  } catch (cause) {
    if (!isUploadError(cause) || cause.code !== 'network') throw cause
    const message = `The signer at ${bareUrl(endpoint)} gave no answer. ${cause.message}`
    throw new UploadError('signer-unreachable', 'later', message, { cause })
  }
}

/** What a problem means that was told of one file of many. */
export function problemError(
  endpoint: string,
  { status, problem }: { readonly status: number; readonly problem: ReadProblem },
  readProblem: ProblemReader,
): UploadError {
  return readProblem(problem, status) ?? errorOfStatus(endpoint, { status, headers: new Map() }, 0, problem)
}

/** An answer that is not what it should be: `why` ends the sentence. Trying again would bring the same. */
export function badAnswer(endpoint: string, why: string, cause?: unknown): UploadError {
  const message = `The signer at ${bareUrl(endpoint)} answered what cannot be used: ${why}`
  return new UploadError('bad-answer', 'never', message, { cause })
}

async function ownHeaders({ headers = {} }: JsonServerOptions): Promise<HeadersValue> {
  if (typeof headers !== 'function') return headers
  try {
    return await headers()
  } catch (cause) {
    throw toUploadError(cause, 'asking headers() for the headers of a call to the signer')
  }
}

/** What a server says to a call that went to the wrong place. */
const isLost: ReadonlySet<number> = new Set([301, 302, 303, 304, 307, 308, 404, 405])

/** What an answer means that is no success; `now` in milliseconds since 1970. */
export function errorOfStatus(
  endpoint: string,
  { status, headers }: Pick<HttpResponse, 'status' | 'headers'>,
  now: number,
  problem?: ReadProblem,
): UploadError {
  const type = headers.get('content-type')?.split(';')[0]
  const said = problem ? `: ${problem.detail}` : type ? `, with a body of type ${type}.` : '.'
  const message = `The signer at ${bareUrl(endpoint)} answered ${status}${said}`
  if (status === 401 || status === 403) return new UploadError('unauthorized', 'never', message, { status })
  // 408 and 425 say themselves that the same call may work later.
  if (status >= 500 || status === 408 || status === 425 || status === 429)
    return new UploadError(status === 429 ? 'throttled' : 'signer-failed', 'later', message, {
      status,
      ...readRetryAfter(headers, now),
    })
  if (problem || !isLost.has(status)) return new UploadError('refused', 'never', message, { status })
  const advice = ' Is the endpoint right, and does it lead to the upload handler?'
  return new UploadError('bad-answer', 'never', message + advice, { status })
}

/** For messages: queries and passwords may be secrets. */
function bareUrl(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^(\w+:)?\/\/[^/]*@/, '$1//')
}
