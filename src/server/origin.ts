/**
 * Which pages may call the signer. A browser attaches cookies to calls of foreign pages too, so the signer looks at
 * where a call comes from (CSRF), and answers the preflights of the origins that are allowed (CORS).
 */
import { ProblemError } from './problem.ts'

/** Decides by origin. */
export interface OriginGuard {
  /**
   * Lets own pages, allowed origins and callers that are no browsers pass.
   * @throws ProblemError 403 for pages of other origins
   */
  check(request: Request): void
  /** The answer to a preflight; undefined if the request is none, or its origin is not allowed. */
  preflight(request: Request): Response | undefined
  /** Lets a page of an allowed origin read the answer. */
  expose(request: Request, response: Response): Response
}

/** `https://*.example.com` means all hosts below, at any depth, and no other text that ends so. */
function matches(pattern: string, origin: string): boolean {
  const [head = '', tail] = pattern.split('*')
  if (tail === undefined) return pattern === origin
  const isBelow = origin.startsWith(head) && origin.endsWith(tail)
  return isBelow && /^[a-z\d_-]+(\.[a-z\d_-]+)*$/.test(origin.slice(head.length, -tail.length))
}

/**
 * @param origins see {@link HandlerOptions}
 */
export function createOriginGuard(origins: readonly string[]): OriginGuard {
  const isAllowed = (origin: string | null): origin is string =>
    origin !== null && origins.some((pattern) => matches(pattern, origin))

  return {
    check(request) {
      const origin = request.headers.get('origin')
      if (isAllowed(origin)) return
      // Set by the browser itself, out of reach of scripts. Behind a proxy, this knows better than a comparison with
      // the Host that the proxy made. Browsers leave it out for plain http (but localhost) and before 2023.
      const site = request.headers.get('sec-fetch-site')
      if (site === null ? isOwn(origin, request) : site === 'same-origin' || site === 'none') return
      throw new ProblemError(
        403,
        'cross-origin',
        "This signer does not take calls from pages of this origin. Name the origin in the handler's `origins` to allow it.",
      )
    },
    preflight(request) {
      const origin = request.headers.get('origin')
      if (!isAllowed(origin) || !request.headers.has('access-control-request-method')) return undefined
      const asked = request.headers.get('access-control-request-headers') ?? ''
      const headers = new Headers({
        ...corsHeaders(origin),
        'Access-Control-Allow-Methods': 'GET, POST',
        'Access-Control-Max-Age': '600',
        'Cache-Control': 'no-store',
      })
      // An allowed origin may send any header: tokens and trace ids have names that only the app knows.
      const names = asked.split(',').filter((name) => /^\s*[\w-]+\s*$/.test(name))
      if (names.length > 0) headers.set('Access-Control-Allow-Headers', names.join(','))
      return new Response(null, { status: 204, headers })
    },
    expose(request, response) {
      if (origins.length === 0) return response
      const origin = request.headers.get('origin')
      if (isAllowed(origin))
        for (const [name, value] of Object.entries(corsHeaders(origin))) response.headers.set(name, value)
      else response.headers.append('Vary', 'Origin')
      return response
    },
  }
}

const corsHeaders = (origin: string): Record<string, string> => ({
  'Access-Control-Allow-Origin': origin,
  'Access-Control-Allow-Credentials': 'true',
  Vary: 'Origin',
})

/** No Origin: no browser, so no foreign page either. `null` is the origin of sandboxed frames: never ours. */
function isOwn(origin: string | null, { url, headers }: Request): boolean {
  if (origin === null) return true
  // Apps of another scheme may have any host.
  if (!/^https?:/.test(origin) || !URL.canParse(origin)) return false
  // Hosts only: behind a proxy that ends TLS, the signer sees http where the page has https.
  const { host, protocol } = new URL(origin)
  // Next.js calls itself localhost in `url`, whatever the browser asked for. No page can send these headers of itself: its
  // JSON makes the browser ask first.
  const named = ['host', 'x-forwarded-host'].flatMap((name) => headers.get(name)?.split(',') ?? [])
  // A proxy may add the port that the scheme has anyway.
  const isSame = (text: string): boolean =>
    URL.canParse(`${protocol}//${text.trim()}`) && new URL(`${protocol}//${text.trim()}`).host === host
  return host === new URL(url).host || named.some((one) => isSame(one))
}
