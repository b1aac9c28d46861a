/** Who is asking? */
import type { Report } from './options.ts'
import { ProblemError } from './problem.ts'

const notLoggedIn = (): ProblemError => new ProblemError(401, 'unauthorized', 'Log in to upload files.')
const notAllowed = (): ProblemError => new ProblemError(403, 'forbidden', 'You may not upload files here.')

/**
 * Runs the app's `authorize`.
 * @throws ProblemError 401 or 403 if there is no user, or none who may upload
 */
export async function authorizeCall(
  request: Request,
  authorize: (request: Request) => unknown,
  report: Report,
): Promise<unknown> {
  let user: unknown
  try {
    user = await authorize(request)
  } catch (error) {
    // Frameworks throw responses; what else is thrown may be an outage, so that the app should hear of it.
    if (error instanceof Response) throw error.status === 403 ? notAllowed() : notLoggedIn()
    report(error, 'authorizing an upload call')
    throw notLoggedIn()
  }
  if (user === false) throw notAllowed()
  // Whatever is empty is no user: an id read from a missing cookie must not let anyone in.
  if (user === null || user === undefined || user === '' || user === 0) throw notLoggedIn()
  return user
}

/**
 * What tells users apart where the app does not say.
 * @throws TypeError if nothing does: receipts of one user would then be good for all
 */
export function userIdOf(user: unknown): string {
  const id: unknown = typeof user === 'object' && user !== null && 'id' in user ? user.id : user
  if (typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint') return `${typeof id}:${id}`
  if (id === true) return 'true'
  throw new TypeError(
    'authorize() returned a user that cannot be told from others. Return a string, a number, an object with such an `id`, or true where all users are one; or give `userId`.',
  )
}
