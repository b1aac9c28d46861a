/** Routes by name. */
import { defaultRoute, wireLimits } from '../protocol/limits.ts'
import { partLimits } from '../protocol/part-plan.ts'
import type { RouterShape } from '../protocol/router-shape.ts'
import { keyProblem } from './keys.ts'
import { checkRouteOptions, checkRoutes } from './route-checks.ts'
import type { AnyRouteOptions, Route } from './route.ts'

type TypesOf<R> =
  R extends Route<infer Metadata, infer PrepareRecord, infer Result, infer RejectCode>
    ? {
        readonly metadata: Metadata
        readonly record: PrepareRecord
        readonly result: Result
        readonly rejectCode: RejectCode
      }
    : never

/** What a router of these routes lends to the browser's types. */
export type RouterTypes<Routes> = { readonly [Name in keyof Routes]: TypesOf<Routes[Name]> }

/** Named routes. `typeof router` is what `createUploadHooks` takes. */
export interface UploadRouter<
  Routes extends Readonly<Record<string, Route>> = Readonly<Record<string, Route>>,
> extends RouterShape<RouterTypes<Routes>> {
  /** A Map: a route called `toString` or `__proto__` exists only if the app made it. */
  readonly routes: ReadonlyMap<string, AnyRouteOptions>
}

/** Any router, whatever its routes. */
export interface AnyRouter {
  readonly routes: ReadonlyMap<string, AnyRouteOptions>
}

/**
 * Gathers routes under their names, which the browser gives with each call.
 * @throws TypeError if a route is not complete or makes no sense
 * @example createUploadRouter({ avatar: route({ authorize, maxSize: 5_000_000 }), report: route({ authorize }) })
 */
export function createUploadRouter<const Routes extends Readonly<Record<string, Route>>>(
  routes: Routes,
): UploadRouter<Routes> {
  checkRoutes(routes)
  const entries = Object.entries(routes)
  if (entries.length === 0) throw new TypeError('createUploadRouter needs at least one route.')
  for (const [name, { options }] of entries) {
    if (!/^[\w-]+$/.test(name) || name.length > wireLimits.route)
      throw new TypeError(
        `The route's name ${JSON.stringify(name)} must be made of up to ${wireLimits.route} letters, digits, - and _.`,
      )
    checkRoute(options, nameOf(name))
  }
  checkFolders(entries.map(([name, { options }]) => [nameOf(name), options]))
  return { routes: new Map(entries.map(([name, { options }]) => [name, options])) }
}

const nameOf = (name: string): string => (name === defaultRoute ? 'The upload handler' : `The route ${name}`)

/** Old files below a `promote` folder are removed, so no confirmed file may lie there. */
function checkFolders(routes: readonly (readonly [who: string, options: AnyRouteOptions])[]): void {
  for (const [who, { promote }] of routes)
    for (const [other, { prefix = '' }] of routes)
      if (promote !== undefined && prefix.startsWith(promote))
        throw new TypeError(
          `${who}: promote is ${JSON.stringify(promote)}, and ${other} stores files below it (prefix ${JSON.stringify(prefix)}). lifecycleRules() and sweep() would remove them. Give promote a folder of its own.`,
        )
}

function checkRoute(options: AnyRouteOptions, who: string): void {
  const { prefix, promote, maxSize, transport } = options
  checkRouteOptions(options, who)
  for (const [name, value] of Object.entries({ prefix, promote })) {
    const problem = value === undefined ? undefined : keyProblem(`${value}x`)
    if (problem !== undefined) throw new TypeError(`${who}: ${name} makes keys of which each ${problem}.`)
  }
  if (promote !== undefined && !promote.endsWith('/'))
    throw new TypeError(
      `${who}: promote must name a folder and end in a slash, such as incoming/. Without it, incoming-mail/ would be part of incoming.`,
    )
  // Behind it come a UUID, a tidied name of 200 bytes, and the ending of the abort marker.
  if (promote !== undefined && new TextEncoder().encode(promote).length > 700)
    throw new TypeError(`${who}: promote must have at most 700 bytes, since S3 takes keys of up to 1,024.`)
  if (options.quota && options.onAbort && promote === undefined && !options.uploadState)
    throw new TypeError(
      `${who}: with quota and onAbort, give promote or uploadState. Otherwise an aborted grant still works: its quota is given back, and then its file is stored and confirmed.`,
    )
  if ((transport === 'post' || transport === 'put') && (maxSize ?? 0) > partLimits.maxSize)
    throw new TypeError(`${who}: more than 5 GiB goes in parts only.`)
}
