/**
 * `Retry-After` as seconds from now: RFC 9110 10.2.3 has it as seconds or as a date. How long is kept is the retry
 * rules' affair.
 * @param now milliseconds since 1970, by which a date is read where CORS does not expose the server's own `Date`
 */
export function readRetryAfter(headers: ReadonlyMap<string, string>, now: number): { retryAfter?: number } {
  const value = headers.get('retry-after')?.trim() ?? ''
  if (/^\d+$/.test(value)) return { retryAfter: Number(value) }
  const until = readDate(value)
  if (until === undefined) return {}
  // This browser's clock may be hours off: what counts is the distance, by the clock that wrote both.
  return { retryAfter: Math.max(0, Math.ceil((until - (readDate(headers.get('date')) ?? now)) / 1000)) }
}

/** An HTTP date, also in the two old forms, of which asctime's names no zone. `Date.parse` alone reads any nonsense. */
function readDate(text = ''): number | undefined {
  if (!/^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(text)) return undefined
  const date = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(date) ? undefined : date
}
