/** Checks of routers, of the options of a handler, and of `sweep()`. */
import type { Checks, ChecksOf } from './option-checks.ts'
import {
  checkOptions,
  hook,
  isNumber,
  isPlain,
  isText,
  limit,
  maybe,
  origins,
  refuse,
  text,
  that,
} from './option-checks.ts'
import type { HandlerOptions } from './options.ts'
import { checkRouteOptions, routeChecks } from './route-checks.ts'
import type { AnyRouter } from './router.ts'

// Its members have checks of their own, when the bucket is made.
const storage = that('storage options, such as s3({ … })', isPlain)

/** The options of a handler by name, but for those of a single route. */
export const handlerChecks: ChecksOf<HandlerOptions> = {
  storage,
  name: limit(text),
  origins: maybe(origins),
  secret: limit(
    that(
      'a text of 16 characters, since whoever guesses it can forge receipts',
      (value) => isText(value) && value.length >= 16,
    ),
  ),
  rateLimit: limit(hook),
  onError: maybe(hook),
  fetch: maybe(hook),
  now: maybe(hook),
}

/**
 * The options of a handler for a router.
 * @throws TypeError for an option that is wrong, missing or unknown
 */
export function checkHandlerOptions(options: unknown): asserts options is HandlerOptions {
  checkOptions(options, handlerChecks, 'createUploadHandler: ')
}

/**
 * The options of the short form: of the handler, and of its only route.
 * @throws TypeError for an option that is wrong, missing or unknown
 */
export function checkShortForm(options: unknown): void {
  checkOptions(options, { ...handlerChecks, ...routeChecks }, 'createUploadHandler: ')
}

/** @throws TypeError for what createUploadRouter() did not make */
export function checkRouter(router: AnyRouter): void {
  if (!isPlain(router) || !(router.routes instanceof Map))
    return refuse('The router must be', 'made by createUploadRouter()', router)
  for (const [name, options] of router.routes) checkRouteOptions(options, `The route ${name}`)
}

/** The options of `sweep()` by name. */
export const sweepChecks: Checks = {
  storage,
  days: limit(that('a number of days', (value) => isNumber(value) && value < Infinity)),
  signal: maybe(that('an AbortSignal', (value) => value instanceof AbortSignal)),
  fetch: maybe(hook),
  now: maybe(hook),
}
