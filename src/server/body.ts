import { ProblemError } from './problem.ts'

/** Milliseconds in which a body must arrive: the largest at 280 kbit/s, which has the ETags of 10,000 parts. */
const bodyTimeout = 30_000

/**
 * A request's body as text, counted while it arrives: what is longer than `limit` bytes is never held in memory.
 * @throws ProblemError 413 if it is longer, 408 if it takes more than 30 s, 400 if it broke off or is not UTF-8
 */
export async function readBody(request: Request, limit: number): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit)
  if (request.bodyUsed)
    throw new TypeError(
      'The request was read before it came to the upload handler. Hand it over unread: no body parser before it, and no request.json() in authorize().',
    )
  if (request.body === null) return ''
  const reader = request.body.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let length = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tooSlow()), bodyTimeout)
  })
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late])
      if (done) return text + decoder.decode()
      length += value.byteLength
      if (length > limit) throw tooLarge(limit)
      text += decoder.decode(value, { stream: true })
    }
  } catch (error) {
    // Not awaited: a source that never settles must not hold the answer back.
    reader.cancel().catch(() => {})
    if (error instanceof ProblemError) throw error
    throw new ProblemError(400, 'bad-request', 'The body broke off or is not UTF-8.', { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

const tooSlow = (): ProblemError =>
  new ProblemError(408, 'body-timeout', 'The body did not arrive in time. Send the call again.')

const tooLarge = (limit: number): ProblemError =>
  new ProblemError(
    413,
    'body-too-large',
    `The body must have at most ${limit} bytes. Send fewer files in one call.`,
  )
