/** Where credentials come from: given once, by a function, or from the environment. */
import { environmentCredentials } from './environment.ts'
import type { CredentialsSource, SignerCredentials } from './options.ts'
import { checkCredentials } from './storage-checks.ts'

/** Credentials for a call at `now`, in milliseconds since 1970. */
export type GetCredentials = (now: number) => Promise<SignerCredentials>

/** Without an end of their own, credentials may have been changed meanwhile. */
const longestKept = 5 * 60_000
/** What is signed just before credentials end would hardly live. */
const margin = 60_000
/** An answer that never comes is asked for anew. */
const longestWait = 10_000

/**
 * Credentials of `source`. A function is asked once for calls that come together, and again a minute before what it gave
 * ends, at the latest after 5 minutes.
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
  let kept: { from: number; until: number; credentials: Promise<SignerCredentials> } | undefined
  const ask = (now: number): Promise<SignerCredentials> => {
    const credentials = Promise.resolve()
      .then(source)
      .then((found) => {
        checkCredentials(found, name)
        const end = found.expiration ? found.expiration.getTime() - margin : Infinity
        asked.until = Math.min(now + longestKept, end)
        return found
      })
    const asked = { from: now, until: now + longestWait, credentials }
    credentials.catch(() => {
      if (kept === asked) kept = undefined
    })
    kept = asked
    return credentials
  }
  return (now) => (kept && now >= kept.from && now < kept.until ? kept.credentials : ask(now))
}
