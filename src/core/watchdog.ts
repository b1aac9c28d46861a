import { UploadError } from './errors.ts'
import type { HttpRequest, HttpResponse, HttpSendOptions, HttpTransport } from './ports.ts'

/** How long silence is borne, in milliseconds. */
export interface Patience {
  /** Without a byte of the body, once the first one has gone. */
  stall: number
  /** For a request as a whole, before its first byte and after its last, on top of what its size may take. */
  answer: number
}

/** Milliseconds by which a timer rings late when the machine was asleep, and what a request then gets to show life. */
const asleep = 5000

/** The slowest line that is still believed to move, in bytes per millisecond (16 KiB/s). */
const slowest = 16.384

/**
 * Sends, and gives up on a line that is dead without saying so. The watch over single bytes begins with the first of
 * them: a request that waits for a free socket looks just like one that stalled (FACTS 9), and behind a service
 * worker no byte is ever reported; there only the size sets the limit.
 * @throws UploadError `timeout`, or the transport's
 */
export async function sendWatched(
  transport: HttpTransport,
  request: HttpRequest,
  { signal, onProgress }: HttpSendOptions,
  { stall, answer, now }: Patience & { now: () => number },
): Promise<HttpResponse> {
  const size = sizeOf(request)
  const whole = answer + size / slowest
  const watch = new AbortController()
  let stalled: UploadError | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const expect = (within: number): void => {
    clearTimeout(timer)
    const due = now() + within
    timer = setTimeout(() => {
      // The machine was asleep, not the line: it may be alive, but is not given the whole time again.
      if (now() > due + asleep) return expect(asleep)
      stalled = stalledError(request.method, within)
      watch.abort(stalled)
    }, within)
  }
  expect(whole)
  try {
    return await transport.send(request, {
      signal: AbortSignal.any([signal, watch.signal]),
      ...(onProgress && {
        onProgress(loaded) {
          // With its last byte handed over, a request may still have much of itself in buffers on the way.
          expect(loaded < size ? stall : whole)
          onProgress(loaded)
        },
      }),
    })
  } catch (error) {
    throw stalled && !signal.aborted ? stalled : error
  } finally {
    clearTimeout(timer)
  }
}

function sizeOf({ body }: HttpRequest): number {
  if (body?.kind === 'form') return body.file.size
  return body?.kind === 'blob' ? body.blob.size : 0
}

function stalledError(method: string, within: number): UploadError {
  const seconds = Math.round(within / 1000)
  return new UploadError(
    'timeout',
    'later',
    `A ${method} request was given up: nothing moved for ${seconds} seconds. The line is dead, or very slow.`,
  )
}
