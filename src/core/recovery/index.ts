/**
 * What happens when something goes wrong. A chunk of its own, fetched beside the first upload: a day on which nothing
 * fails need not wait for it.
 */
import { toUploadError, UploadError } from '../errors.ts'
import type { HeldGrant } from '../grants.ts'
import type { BackendCall, HttpResponse, UploadBackend } from '../ports.ts'
import type { RetryDecision } from '../rules/retry.ts'
import { backoff } from '../rules/retry.ts'
import { errorOfAnswer } from '../rules/s3-error.ts'
import type { UploaderSettings } from '../settings.ts'
import type { Alarms, Line } from './alarms.ts'
import { createAlarms } from './alarms.ts'
import { createTries } from './tries.ts'

export type { Line } from './alarms.ts'

/** What recovery needs of the engine. */
export interface RecoveryContext {
  backend: UploadBackend
  line: Line
  /** Milliseconds since 1970. */
  now: () => number
  /** 0 to 1, by chance. */
  random: () => number
  settings: () => UploaderSettings
  /** Told of what could not be cleaned up, and of callbacks that throw. */
  report: (error: unknown) => void
}

/** See {@link createRecovery}. */
export interface Recovery {
  readonly alarms: Alarms
  /** The error that an answer stands for; `doing` names the request. */
  readonly errorOfAnswer: (answer: HttpResponse, doing: string) => UploadError
  /**
   * Counts a failure and decides on it; a 401 asks the app for a login first.
   * @param key an item's id, or `id#number` of a part
   * @param loaded bytes that this try had handed over
   */
  readonly judge: (key: string, error: UploadError, loaded: number) => Promise<RetryDecision>
  /** Forgets what was tried for an item. */
  readonly forget: (id: string) => void
  /**
   * Tells the server that a grant will not be used, as often as it takes. Resolves with whether it heard.
   * @param find the grant; undefined where there is none. Repeated as well, where its failure may pass
   */
  readonly giveBack: (find: () => Promise<HeldGrant | undefined>, call: BackendCall) => Promise<boolean>
}

/** How often the server is told that a grant will not be used. */
const farewells = 8

/** Makes the recovery of one engine. */
export function createRecovery({ backend, line, now, random, settings, report }: RecoveryContext): Recovery {
  const alarms = createAlarms(line)
  const tries = createTries(line, random)
  let login: Promise<boolean> | undefined

  const logIn = (error: UploadError): Promise<boolean> => {
    const ask = async (): Promise<boolean> => {
      try {
        return (await settings().onUnauthorized?.(error)) !== false
      } catch (cause) {
        report(cause)
        return false
      } finally {
        login = undefined
      }
    }
    return (login ??= ask())
  }

  return {
    alarms,
    errorOfAnswer: (answer, doing) => errorOfAnswer(answer, doing, now()),
    async judge(key, error, loaded) {
      const mayLogIn = error.status === 401 && settings().onUnauthorized !== undefined
      const isIn = mayLogIn && (await logIn(error))
      try {
        // A login is worth its second try, whatever is said of failures.
        return isIn
          ? tries.judge(key, withNewLogin(error), loaded, { retry: true })
          : tries.judge(key, error, loaded, settings())
      } catch (cause) {
        report(cause) // `retry` or `retryDelay` threw
        return { do: 'fail' }
      }
    },
    forget: tries.forget,
    async giveBack(find, call) {
      let grant: HeldGrant | undefined
      for (let failures = 0, answers = 0; ; failures++) {
        try {
          grant ??= await find()
          const isParts = grant?.target.type === 'multipart'
          if (grant)
            await (isParts ? backend.multipart?.abort(grant.ref, call) : backend.release?.(grant.ref, call))
          return true
        } catch (cause) {
          if (call.signal.aborted) return false
          const error = toUploadError(cause, 'giving back what was granted')
          // It does not know the upload, or never granted one: that is what was wanted.
          if (error.retry === 'restart' || (!grant && error.retry === 'never')) return true
          // Silence is no refusal: as long as the page lives, it is tried.
          if (error.status !== undefined) answers++
          if (error.retry === 'never' || answers > farewells) {
            report(error)
            return false
          }
          await alarms.sleep(backoff(failures, random()), true, call.signal).catch(() => undefined)
        }
      }
    },
  }
}

/** The same failure, of which the cause is gone: once more, at once. */
const withNewLogin = (error: UploadError): UploadError =>
  new UploadError(error.code, 'sign-again', error.message, { status: 401, cause: error })
