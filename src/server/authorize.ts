/** Who is asking? */
import { isId, isResponse, readUserId } from './hook-answers.ts'
import { refuse, wrong } from './option-checks.ts'
import type { Report } from './options.ts'
import { ProblemError } from './problem.ts'
import type { AnyRouteOptions } from './route.ts'

const notLoggedIn = (): ProblemError => new ProblemError(401, 'unauthorized', 'Log in to upload files.')
const notAllowed = (): ProblemError => new ProblemError(403, 'forbidden', 'You may not upload files here.')

/** The user, and what tells users apart: receipts of one are none for another. */
export interface Caller {
  readonly user: unknown
  readonly userId: string
}

/**
 * Runs the app's `authorize`, and `userId` if it has one.
 * @throws ProblemError 401 or 403 if there is no user, or none who may upload
 * @throws TypeError if nothing tells the user from others: receipts of one user would then be good for all
 */
export async function authorizeCall(
  request: Request,
  route: AnyRouteOptions,
  report: Report,
): Promise<Caller> {
  const user = await ask(request, route, report)
  return { user, userId: route.userId ? readUserId(route.userId(user)) : userIdOf(user, report) }
}

async function ask(request: Request, route: AnyRouteOptions, report: Report): Promise<unknown> {
  let user: unknown
  try {
    user = await route.authorize(request)
  } catch (error) {
    // Frameworks throw responses; what else is thrown may be an outage, so that the app should hear of it.
    if (isResponse(error)) throw refusalOf(error)
    report(error, 'authorizing an upload call')
    throw notLoggedIn()
  }
  if (isResponse(user)) throw refusalOf(user)
  if (user === false) throw notAllowed()
  if (user === null || user === undefined) throw notLoggedIn()
  const isObject = typeof user === 'object' && !(user instanceof Error) && !Array.isArray(user)
  if (user !== true && !isObject && !isId(user)) throw noUser('authorize() must return', user, report)
  return user
}

const refusalOf = ({ status }: Response): ProblemError => (status === 403 ? notAllowed() : notLoggedIn())

/** Such as an id read from a missing cookie: it must not let anyone in. */
function noUser(subject: string, found: unknown, report: Report): ProblemError {
  report(wrong(subject, 'a user, or null or false for none', found), 'authorizing an upload call')
  return notLoggedIn()
}

function userIdOf(user: unknown, report: Report): string {
  if (user === true) return 'true'
  const hasId = typeof user === 'object' && user !== null && 'id' in user
  const id: unknown = hasId ? user.id : user
  if (isId(id)) return `${typeof id}:${id}`
  if (hasId) throw noUser('The id that authorize() returns must be of', id, report)
  return refuse('authorize() must return', 'a user with an `id`, as the route has no `userId`', user)
}
