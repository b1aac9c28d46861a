/** A bucket's CORS rules and which of them answers a request (AWS: cors, ManageCorsUsing). */

/** One rule, as PutBucketCors stores it. */
export interface CorsRule {
  readonly id?: string
  /** `*`, or origins with at most one `*` in each. */
  readonly allowedOrigins: readonly string[]
  /** GET, PUT, HEAD, POST, DELETE. */
  readonly allowedMethods: readonly string[]
  /** Names with at most one `*` in each; none allows no header at all. */
  readonly allowedHeaders: readonly string[]
  readonly exposeHeaders: readonly string[]
  /** Seconds a browser may remember a preflight's answer. */
  readonly maxAgeSeconds?: number
}

/** What CORS looks at. */
export interface CrossOriginRequest {
  readonly origin: string
  /** `Access-Control-Request-Method`, or the request's own method. */
  readonly method: string
  /** `Access-Control-Request-Headers`, in lower case. */
  readonly headers: readonly string[]
}

/** The headers that allow a page to read the answer, by the first rule that fits, or `undefined` if none does. */
export function corsHeaders(
  rules: readonly CorsRule[],
  request: CrossOriginRequest,
): Readonly<Record<string, string>> | undefined {
  for (const rule of rules) {
    const pattern = rule.allowedOrigins.find((one) => matches(one, request.origin))
    if (pattern === undefined || !rule.allowedMethods.includes(request.method)) continue
    if (!request.headers.every((name) => rule.allowedHeaders.some((one) => matches(one.toLowerCase(), name))))
      continue
    return {
      'access-control-allow-origin': pattern === '*' ? '*' : request.origin,
      // The rule's methods, not the one asked for, in every recorded answer.
      'access-control-allow-methods': rule.allowedMethods.join(', '),
      ...(request.headers.length > 0 && { 'access-control-allow-headers': request.headers.join(', ') }),
      ...(rule.exposeHeaders.length > 0 && {
        'access-control-expose-headers': rule.exposeHeaders.join(', '),
      }),
      ...(rule.maxAgeSeconds !== undefined && { 'access-control-max-age': String(rule.maxAgeSeconds) }),
      ...(pattern !== '*' && { 'access-control-allow-credentials': 'true' }),
      vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
    }
  }
  return undefined
}

/** `*` stands for any text, nothing included; the rest is compared exactly, from end to end. */
function matches(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === text
  const tail = rest.join('*')
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail)
}
