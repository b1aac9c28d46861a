/** Requests within their budgets: one per storage origin, one for the app's own server. */
import { isUploadError } from './errors.ts'
import type { Lane } from './lanes.ts'
import { createLane } from './lanes.ts'
import type { BackendCall, HttpRequest, HttpResponse, HttpTransport } from './ports.ts'
import type { SendOptions } from './transfers/context.ts'
import { staleError } from './transfers/context.ts'
import type { Patience } from './watchdog.ts'
import { sendWatched } from './watchdog.ts'

/** What the network needs of the engine. */
export interface NetworkContext {
  transport: HttpTransport
  /** Milliseconds since 1970. */
  now: () => number
  /** Requests to one storage origin at a time. */
  concurrency: () => number
  patience: () => Patience
  credentialsExpiring: (expiresAt: number) => void
}

/** See {@link createNetwork}. */
export interface Network {
  /** Sends bytes to the store. */
  readonly send: (request: HttpRequest, options: SendOptions) => Promise<HttpResponse>
  /** What a backend is lent. Its calls to a store share the store's budget with the bytes. */
  readonly callFor: (signal: AbortSignal, urgent?: boolean) => BackendCall
  /** The address of these whose origin has least to do. */
  readonly pick: (urls: readonly [string, ...string[]]) => string
  /** The budgets follow a new `concurrency`. */
  refresh(): void
}

/** Calls to the app's own server at a time. */
const signerBudget = 2

/** Makes the budgets. */
export function createNetwork({ transport, now, patience, ...context }: NetworkContext): Network {
  const { concurrency, credentialsExpiring } = context
  // One per origin, whoever was first to use it: a store may be spoken to before bytes are sent there.
  const lanes = new Map<string, Lane>()
  const stores = new Set<Lane>()
  const others = (): number => Math.min(signerBudget, concurrency())

  const laneOf = (url: string): Lane => {
    const origin = originOf(url)
    const lane = lanes.get(origin) ?? createLane(others(), now)
    lanes.set(origin, lane)
    return lane
  }

  const store = (url: string): Lane => {
    const lane = laneOf(url)
    if (!stores.has(lane)) lane.setMost(concurrency())
    stores.add(lane)
    return lane
  }

  const send = async (
    lane: Lane,
    request: HttpRequest,
    { signal, onProgress, isOld, urgent }: SendOptions,
  ): Promise<HttpResponse> => {
    const release = await lane.acquire(signal, urgent)
    try {
      if (isOld?.()) throw staleError()
      onProgress?.(0)
      const answer = await sendWatched(
        transport,
        request,
        { signal, ...(onProgress && { onProgress }) },
        { now, ...patience() },
      )
      if (answer.status === 503 || answer.status === 429) lane.suffer()
      else lane.succeed()
      return answer
    } catch (error) {
      if (!signal.aborted && isUploadError(error) && error.retry === 'later') lane.suffer()
      throw error
    } finally {
      release()
    }
  }

  return {
    send: (request, options) => send(store(request.url), request, options),
    callFor: (signal, urgent) => ({
      signal,
      now,
      credentialsExpiring,
      send: (request) =>
        send(laneOf(request.url), request, {
          signal,
          ...(urgent && { urgent }),
        }),
    }),
    pick: (urls) => urls.reduce((best, url) => (store(url).load() < store(best).load() ? url : best)),
    refresh() {
      for (const lane of lanes.values()) lane.setMost(stores.has(lane) ? concurrency() : others())
    },
  }
}

/** `https://host:port`; `''` for a path on the page's own origin. */
const originOf = (url: string): string => /^\w+:\/\/[^/?#]+/.exec(url)?.[0] ?? ''
