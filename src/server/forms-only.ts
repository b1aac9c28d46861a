/**
 * Some stores act on headers that nobody signed. A browser with a URL for PUT or for a part could copy any object there
 * that the signing key can read. Forms hold, because these stores ignore the headers of a form's request.
 */
import { defaultRoute } from '../protocol/limits.ts'
import type { CallContext } from './call-context.ts'
import { ProblemError } from './problem.ts'
import type { AnyRouter } from './router.ts'
import type { KnownStore } from './storage/known-capabilities.ts'

/**
 * May this call grant forms only? Asks the store once where that is not known.
 * @throws ProblemError 502 if the store cannot be asked
 */
export function formsOnly({ bucket, session, route, report }: CallContext): Promise<boolean> {
  const folder = route.promote ?? route.prefix ?? ''
  return bucket.formsOnly(folder, session, (error) => report(error, 'asking what the store refuses'))
}

/**
 * For parts of an upload that was begun when URLs were still granted.
 * @throws ProblemError 410, so that the browser begins a new upload
 */
export async function requireUrls(context: CallContext): Promise<void> {
  if (!(await formsOnly(context))) return
  throw new ProblemError(410, 'no-such-upload', 'The server grants no more parts. Begin a new upload.')
}

/** @throws TypeError for routes that can grant nothing to a store of which it is known */
export function checkTransports({ routes }: AnyRouter, { can, isFormsOnly }: KnownStore): void {
  if (!isFormsOnly) return
  for (const [name, { transport, object }] of routes) {
    const needs =
      transport === 'put' || transport === 'multipart'
        ? `transport: '${transport}'`
        : !can.post
          ? 'a store without forms'
          : typeof object === 'object' && object.createOnly === true
            ? 'createOnly'
            : undefined
    if (needs === undefined) continue
    throw new TypeError(
      `${name === defaultRoute ? 'The upload handler' : `The route ${name}`}: ${needs} needs storage.grantCredentials, a second key that may only write: see iamPolicy(). The store acts on headers that nobody signed. A browser with a presigned PUT could copy any object that storage.credentials can read.`,
    )
  }
}
