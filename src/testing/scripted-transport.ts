/** A transport whose answers a test or a story writes: no network, no timers, no sleeping. */
import { UploadError } from '../core/index.ts'
import type { HttpRequest, HttpResponse, HttpTransport } from '../core/index.ts'

/** One request that waits for its answer. */
export interface ScriptedExchange {
  readonly request: HttpRequest
  /** Has the engine called it off? */
  readonly aborted: boolean
  /** Reports bytes of the file as handed over. */
  progress: (loaded: number) => void
  /** Answers. Default: 204 with no body. */
  respond: (answer?: { status?: number; headers?: Readonly<Record<string, string>>; text?: string }) => void
  /** No answer, as after a cut line. Default: UploadError `network`. */
  fail: (error?: Error) => void
}

/** See {@link scriptedTransport}. */
export interface ScriptedTransport extends HttpTransport {
  /** The oldest request nobody took yet; waits until there is one. `match` picks by URL. */
  next: (match?: string | RegExp) => Promise<ScriptedExchange>
  /** Requests that wait for their answer now. */
  open: () => readonly ScriptedExchange[]
  /** Every request so far. */
  readonly requests: readonly HttpRequest[]
}

/**
 * Makes a transport for tests: `const sent = await transport.next()`, then `sent.progress(10)`, `sent.respond()`.
 */
export function scriptedTransport(): ScriptedTransport {
  const requests: HttpRequest[] = []
  const untaken: ScriptedExchange[] = []
  const open = new Set<ScriptedExchange>()
  const waiting = new Set<() => boolean>()

  const take = (match: string | RegExp | undefined): ScriptedExchange | undefined => {
    const fits = ({ request: { url } }: ScriptedExchange): boolean =>
      match === undefined || (typeof match === 'string' ? url.includes(match) : match.test(url))
    const index = untaken.findIndex(fits)
    return index < 0 ? undefined : untaken.splice(index, 1)[0]
  }

  return {
    requests,
    open: () => [...open],
    next(match) {
      return new Promise((resolve) => {
        const attempt = (): boolean => {
          const exchange = take(match)
          if (!exchange) return false
          waiting.delete(attempt)
          resolve(exchange)
          return true
        }
        if (!attempt()) waiting.add(attempt)
      })
    },
    send(request, { signal, onProgress }) {
      requests.push(request)
      return new Promise<HttpResponse>((resolve, reject) => {
        const end = (then: () => void): void => {
          if (open.delete(exchange)) then()
        }
        const exchange: ScriptedExchange = {
          request,
          get aborted() {
            return signal.aborted
          },
          progress: (loaded) => onProgress?.(loaded),
          respond({ status = 204, headers = {}, text = '' } = {}) {
            end(() => resolve({ status, headers: new Map(Object.entries(headers)), text }))
          },
          fail(error = new UploadError('network', 'later', 'The script cut the line.')) {
            end(() => reject(error))
          },
        }
        open.add(exchange)
        untaken.push(exchange)
        signal.addEventListener('abort', () => end(() => reject(signal.reason)), { once: true })
        for (const attempt of waiting) if (attempt()) break
      })
    },
  }
}
