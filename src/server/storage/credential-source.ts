/** Credentials that are given once, by a function, or by the environment. */
import { environmentCredentials } from './environment.ts'
import type { CredentialsSource, SignerCredentials } from './options.ts'
import { checkCredentials } from './storage-checks.ts'

/**
 * Credentials for a call at `now`, in milliseconds since 1970.
 * @param tell hears of a failure while what was given before is still good
 */
export type GetCredentials = (now: number, tell?: (error: unknown) => void) => Promise<SignerCredentials>

/** Without an end of their own, credentials may have been changed meanwhile. */
const longestKept = 5 * 60_000
/** Signatures made just before credentials end would hardly live. */
const margin = 60_000
const longestWait = 10_000

interface Kept {
  readonly from: number
  /** Then the function is asked again. */
  until: number
  readonly credentials: Promise<SignerCredentials>
}

/**
 * Credentials of `source`. A function is asked once for calls that come together, and again a minute before what it gave
 * ends, at the latest after 5 minutes. Where it then fails, what it gave is used to its end.
 * @param source default: the environment, read at each call
 * @param name of the option, for messages
 */
export function createCredentials(source: CredentialsSource | undefined, name: string): GetCredentials {
  if (typeof source !== 'function')
    return async () => {
      const found = source ?? environmentCredentials()
      checkCredentials(found, name)
      return found
    }
  let kept: Kept | undefined
  let last: SignerCredentials | undefined
  const ask = (now: number, tell: (error: unknown) => void): Promise<SignerCredentials> => {
    const credentials = inTime(Promise.resolve().then(source), name).then((found) => {
      checkCredentials(found, name)
      asked.until = Math.min(now + longestKept, (found.expiration?.getTime() ?? Infinity) - margin)
      last = found
      return found
    })
    const asked: Kept = { from: now, until: now + longestWait, credentials: credentials.catch(fallBack) }
    function fallBack(error: unknown): SignerCredentials {
      if (kept === asked) kept = undefined
      if (last?.expiration === undefined || now >= last.expiration.getTime()) throw error
      tell(error)
      return last
    }
    kept = asked
    return asked.credentials
  }
  return (now, tell = () => {}) =>
    kept && now >= kept.from && now < kept.until ? kept.credentials : ask(now, tell)
}

/** @throws TypeError if no answer comes in 10 seconds */
function inTime<Answer>(answer: Promise<Answer>, name: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const refuse = (): void =>
      reject(new TypeError(`${name}() gave no credentials within ${longestWait / 1000} seconds.`))
    const timer = setTimeout(refuse, longestWait)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
