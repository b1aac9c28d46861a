/** The signer on AWS Lambda: behind a function URL or an HTTP API of API Gateway, which send the same events. */

import { checkAdapter, lambdaChecks } from './adapter-checks.ts'
import { fixHost, isHost, isMethod, readHeaders } from './request-parts.ts'

/** What is used of an event of payload format 2.0. */
export interface LambdaHttpEvent {
  readonly rawPath: string
  readonly rawQueryString: string
  /** Names in lower case; several values with commas between them. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The cookies that the browser sent, which need not be among the headers. */
  readonly cookies?: readonly string[] | undefined
  readonly body?: string | undefined
  readonly isBase64Encoded: boolean
  readonly requestContext: {
    readonly domainName: string
    readonly http: { readonly method: string }
  }
}

/** An answer of payload format 2.0. */
export interface LambdaHttpResult {
  statusCode: number
  headers: Record<string, string>
  cookies: string[]
  body: string
  isBase64Encoded: boolean
}

/** Options of {@link toLambdaHandler}. */
export interface LambdaHandlerOptions {
  /** Where the function is reached from, such as `https://app.example.com`. Default: `https` and the Host header. */
  readonly origin?: string
}

/** What Lambda calls. */
export type LambdaHandler = (event: LambdaHttpEvent) => Promise<LambdaHttpResult>

/**
 * Lets a function from Request to Response serve a function URL, or an HTTP API with payload format 2.0.
 *
 * Leave the CORS settings of the URL or the API empty: else both answer, and browsers refuse doubled headers.
 * @example export const handler = toLambdaHandler(createUploadHandler({ … }))
 */
export function toLambdaHandler(
  handler: (request: Request) => Promise<Response>,
  options: LambdaHandlerOptions = {},
): LambdaHandler {
  checkAdapter('toLambdaHandler', handler, options, lambdaChecks)
  return async (event) => {
    if (!isFormat2(event))
      throw new TypeError(
        'toLambdaHandler() got an event that is not of payload format 2.0. Use a function URL, or an HTTP API whose integration has that format; REST APIs and load balancers send others.',
      )
    const request = toRequest(event, options.origin)
    if (!request) return { statusCode: 400, headers: {}, cookies: [], body: '', isBase64Encoded: false }
    return toResult(await handler(request))
  }
}

/** What Lambda hands over is whatever the function was hooked up to. */
function isFormat2({ requestContext }: Partial<LambdaHttpEvent>): boolean {
  return requestContext?.http !== undefined
}

function toRequest(event: LambdaHttpEvent, origin: string | undefined): Request | undefined {
  const { rawPath, rawQueryString, requestContext, cookies, body } = event
  const { method } = requestContext.http
  const pairs = Object.entries(event.headers ?? {}).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name.toLowerCase(), value] as const],
  )
  // Function URLs have cookies in both places.
  const own = cookies && cookies.length > 0 ? [['cookie', cookies.join('; ')] as const] : undefined
  const headers = readHeaders(own ? [...pairs.filter(([name]) => name !== 'cookie'), ...own] : pairs)
  if (!headers || !isMethod(method)) return undefined
  const host = headers.get('host') ?? requestContext.domainName
  if (!isHost(host)) return undefined
  const base = origin ?? `https://${host}`
  if (origin !== undefined) fixHost(headers, new URL(origin).host)
  // API Gateway has decoded the path.
  const path = rawPath.replace(/[?#]/g, encodeURIComponent)
  const url = `${base}${path}${rawQueryString && `?${rawQueryString}`}`
  if (!URL.canParse(url)) return undefined
  if (method === 'GET' || method === 'HEAD' || body === undefined)
    return new Request(url, { method, headers })
  return new Request(url, {
    method,
    headers,
    body: event.isBase64Encoded ? new Uint8Array(Buffer.from(body, 'base64')) : body,
  })
}

async function toResult(answer: Response): Promise<LambdaHttpResult> {
  const bytes = Buffer.from(await answer.arrayBuffer())
  const text = bytes.toString()
  // What is no UTF-8 comes back changed.
  const isBase64Encoded = !Buffer.from(text).equals(bytes)
  const headers = [...answer.headers].filter(([name]) => name !== 'set-cookie')
  return {
    statusCode: answer.status,
    headers: Object.fromEntries(headers),
    cookies: answer.headers.getSetCookie(),
    body: isBase64Encoded ? bytes.toString('base64') : text,
    isBase64Encoded,
  }
}
