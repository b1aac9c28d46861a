/** The line between page and servers: takes its time, breaks, and counts what goes over it. */
import { UploadError } from '../../src/core/index.ts'
import type { HttpRequest, HttpResponse, HttpTransport, Line } from '../../src/core/index.ts'
import type { Moment, Operation, Trouble } from './model-s3-faults.ts'
import { stagesOf } from './model-s3-way.ts'
import type { Stage } from './model-s3-way.ts'

/** What the line needs to know of the servers. */
export interface NetworkContext {
  /** Milliseconds of each leg of a way, in turn. */
  latencies: readonly number[]
  /** What the request is: for faults, budgets and the log. */
  describe: (request: HttpRequest) => { operation: Operation; what: string; size: number; item: string }
  /** Called when a request begins, before anything is sent. */
  onStart: (request: HttpRequest, origin: string, inFlight: number) => void
  /** Called when the page gets its answer. */
  onAnswer: (request: HttpRequest, answer: HttpResponse) => void
  /** Ends the upload in parts that the request is about. */
  kill: (request: HttpRequest) => void
  /** Lets run out what authorises the request. */
  expire: (request: HttpRequest) => void
  /** Carries the request out. */
  serve: (request: HttpRequest) => HttpResponse
  /** The trouble of a request. */
  draw: (operation: Operation, origin: string) => Trouble | undefined
  log: (line: string) => void
}

/** See {@link createNetwork}. */
export interface ModelNetwork {
  readonly transport: HttpTransport
  readonly line: Line
  /** Cuts the line for so many milliseconds; `admits`: the browser says so. */
  cut(milliseconds: number, admits: boolean): void
  /** The page is gone: what it asks to be begun is not begun any more. */
  leave(): void
  /** Runs after so many milliseconds, as an app's own timer. */
  later(milliseconds: number, run: () => void): void
  /** Does the line work? */
  isUp(): boolean
  /** Timers that are not the engine's. */
  timers(): number
  /** The most requests that were under way to an origin at a time. */
  readonly most: ReadonlyMap<string, number>
  /** Says whose request it was, once the next such moment has come. */
  watchFor(operation: Operation, moment: Moment): () => string | undefined
  /** Bytes of files that have arrived, repeated ones too. */
  received(): number
  readonly requests: ReadonlyMap<Operation, number>
}

/** Makes the line. */
export function createNetwork(context: NetworkContext): ModelNetwork {
  const inFlight = new Map<string, number>()
  const most = new Map<string, number>()
  const requests = new Map<Operation, number>()
  const listeners = new Set<() => void>()
  const open = new Set<(error: UploadError) => void>()
  const watchers = new Set<(operation: Operation, moment: Moment, item: string) => void>()
  const creations = new Set<() => void>()
  let downs = 0
  let isAdmitted = false
  let bytes = 0
  let timers = 0
  let leg = 0

  const after = (milliseconds: number, run: Stage): (() => void) => {
    let isSet = true
    const unset = (): void => {
      if (isSet) timers--
      isSet = false
    }
    timers++
    const timer = setTimeout(() => {
      unset()
      run()
    }, milliseconds)
    return () => {
      unset()
      clearTimeout(timer)
    }
  }

  const count = (origin: string, by: 1 | -1): number => {
    const now = (inFlight.get(origin) ?? 0) + by
    inFlight.set(origin, now)
    most.set(origin, Math.max(now, most.get(origin) ?? 0))
    return now
  }

  const reach = (operation: Operation, moment: Moment, item: string): void => {
    for (const watcher of watchers) watcher(operation, moment, item)
  }

  const transport: HttpTransport = {
    send: (request, { signal, onProgress }) =>
      new Promise<HttpResponse>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const { operation, what, size, item } = context.describe(request)
        const isBody = operation === 'post' || operation === 'put' || operation === 'part'
        const origin = /^\w+:\/\/[^/]+/.exec(request.url)?.[0] ?? ''
        const trouble = downs === 0 ? context.draw(operation, origin) : undefined
        requests.set(operation, (requests.get(operation) ?? 0) + 1)
        context.onStart(request, origin, count(origin, 1))
        let isOver = false
        let answer: HttpResponse | undefined
        let callOff: () => void = () => undefined

        const end = (how: string, settle: () => void): void => {
          if (isOver) return
          isOver = true
          open.delete(fail)
          signal.removeEventListener('abort', onAbort)
          count(origin, -1)
          reach(operation, 'is over', item)
          context.log(`${what}${trouble ? ` [${trouble}]` : ''}: ${how}`)
          settle()
        }
        const fail = (error: UploadError): void => {
          callOff()
          end('no answer', () => reject(error))
        }
        const onAbort = (): void => {
          // A short message is on its way as soon as it was begun, whoever still wants the answer.
          if (isBody || answer || !stages.includes(arrive)) callOff()
          else if (operation === 'create') creations.add(callOff)
          end('called off', () => reject(signal.reason))
        }
        const arrive: Stage = () => {
          if (isBody) bytes += size
          answer = context.serve(request)
          reach(operation, 'has arrived', item)
          if (isOver) context.log(`${what}: arrived after it was called off, ${answer.status}`)
        }
        const progress = (part: number): Stage => {
          return () => onProgress?.(Math.floor(size * part))
        }
        const half: readonly Stage[] = isBody ? [progress(0.5)] : []
        const whole: readonly Stage[] = isBody ? [progress(0.5), progress(1)] : []
        const respond = (given?: HttpResponse): Stage => {
          return () => {
            const { status, headers, text } = given ?? answer ?? { status: 500, headers: new Map(), text: '' }
            end(String(status), () => {
              context.onAnswer(request, { status, headers, text })
              resolve({ status, headers, text })
            })
          }
        }
        const lose: Stage = () => fail(noAnswer())
        const stages =
          downs > 0
            ? [lose]
            : stagesOf(trouble, {
                half,
                whole,
                die: () => context.kill(request),
                expire: () => context.expire(request),
                arrive,
                lose,
                respond,
              })

        const next = (at: number): void => {
          const stage = stages[at]
          if (!stage) return
          callOff = after(context.latencies[leg++ % context.latencies.length] ?? 0, () => {
            stage()
            // Nobody listens any more, but what is on its way arrives.
            if (!isOver || (!answer && stages.includes(arrive) && !isBody)) next(at + 1)
          })
        }
        open.add(fail)
        signal.addEventListener('abort', onAbort, { once: true })
        next(0)
        reach(operation, 'begins', item)
      }),
  }

  return {
    transport,
    most,
    requests,
    received: () => bytes,
    timers: () => timers,
    isUp: () => downs === 0,
    watchFor(operation, moment) {
      let found: string | undefined
      const watcher = (...[whose, which, item]: [Operation, Moment, string]): void => {
        if (whose !== operation || which !== moment) return
        found = item
        watchers.delete(watcher)
      }
      watchers.add(watcher)
      return () => found
    },
    line: {
      isOnline: () => !isAdmitted,
      onOnline(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    later: (milliseconds, run) => void after(milliseconds, run),
    leave() {
      for (const callOff of creations) callOff()
    },
    cut(milliseconds, admits) {
      downs++
      isAdmitted ||= admits
      context.log(`the line is down for ${milliseconds} ms${admits ? '' : ', and nobody says so'}`)
      for (const fail of open) fail(noAnswer())
      after(milliseconds, () => {
        if (--downs > 0) return
        context.log('the line is back')
        if (!isAdmitted) return
        isAdmitted = false
        for (const listener of listeners) listener()
      })
    },
  }
}

const noAnswer = (): UploadError => new UploadError('network', 'later', 'No answer.')
