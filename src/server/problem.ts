/** Answers of the signer: JSON that no cache keeps, and problem details that say why, but never more. */
import type { Json } from '../protocol/json.ts'
import type { Problem, ProblemCode } from '../protocol/wire.ts'
import { refuse } from './option-checks.ts'
import type { Report } from './options.ts'

const titles: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [408, 'Request Timeout'],
  [409, 'Conflict'],
  [410, 'Gone'],
  [413, 'Content Too Large'],
  [415, 'Unsupported Media Type'],
  [422, 'Unprocessable Content'],
  [429, 'Too Many Requests'],
  [500, 'Internal Server Error'],
  [502, 'Bad Gateway'],
])

/** Ends a call with a problem. Its `message` goes to the client as `detail`: no secrets, no foreign text. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly status: number
  readonly code: ProblemCode
  /** Seconds, for `Retry-After`. */
  readonly retryAfter: number | undefined
  /** The app's own code, where it rejected a file. */
  readonly rejectCode: string | undefined

  constructor(
    status: number,
    code: ProblemCode,
    detail: string,
    more: ErrorOptions & { readonly retryAfter?: number; readonly rejectCode?: string } = {},
  ) {
    const { retryAfter, rejectCode, ...options } = more
    super(detail, options)
    this.retryAfter = retryAfter
    this.rejectCode = rejectCode
    this.status = status
    this.code = code
  }
}

/** What the client is told of an error; the app is told of those that are the server's, the cause rather than our words. */
export function toProblem(error: unknown, report: Report): ProblemError {
  const isProblem = error instanceof ProblemError
  if (!isProblem || error.status >= 500)
    report(isProblem ? (error.cause ?? error) : error, 'answering an upload call')
  return isProblem ? error : new ProblemError(500, 'internal', 'The signer failed; its log says why.')
}

// `nosniff`: an answer that repeats a file's name must not be taken for a page.
const always = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }

/** A successful answer. */
export function jsonResponse(body: object): Response {
  return new Response(JSON.stringify(body), { headers: { ...always, 'Content-Type': 'application/json' } })
}

/** A failed call, as RFC 9457 has it. */
export function problemResponse({ status, code, message, retryAfter }: ProblemError): Response {
  const title = titles.get(status) ?? 'Error'
  const problem: Problem = { type: 'about:blank', title, status, detail: message, code }
  const headers = new Headers({ ...always, 'Content-Type': 'application/problem+json' })
  if (status === 405) headers.set('Allow', 'GET, POST, OPTIONS')
  if (retryAfter !== undefined) headers.set('Retry-After', String(Math.max(1, Math.ceil(retryAfter))))
  return new Response(JSON.stringify(problem), { status, headers })
}

/**
 * What a hook of the app returned, as JSON; what has no JSON form (`undefined`, functions) is null.
 * @throws TypeError for cycles and bigints
 */
export function toJson(value: unknown, hook: string): Json {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    return refuse(`${hook} must return`, 'JSON, without bigints and cycles', value)
  }
  return text === undefined ? null : JSON.parse(text)
}
