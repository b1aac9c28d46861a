/** Routes by name. */
import { defaultRoute, wireLimits } from '../protocol/limits.ts'
import { partLimits } from '../protocol/part-plan.ts'
import type { RouterShape } from '../protocol/router-shape.ts'
import { checkAccept, isTypePattern } from './content.ts'
import { keyProblem } from './keys.ts'
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
  const entries = Object.entries(routes)
  if (entries.length === 0) throw new TypeError('createUploadRouter needs at least one route.')
  for (const [name, { options }] of entries) {
    if (!/^[\w-]+$/.test(name) || name.length > wireLimits.route)
      throw new TypeError(
        `The route's name ${JSON.stringify(name)} must be made of up to ${wireLimits.route} letters, digits, - and _.`,
      )
    checkRoute(options, name === defaultRoute ? 'The upload handler' : `The route ${name}`)
  }
  return { routes: new Map(entries.map(([name, { options }]) => [name, options])) }
}

function checkRoute(options: AnyRouteOptions, who: string): void {
  const { accept, inline = [], prefix, promote, maxSize, partSize, transport } = options
  if (typeof options.authorize !== 'function')
    throw new TypeError(
      `${who} needs \`authorize\`. Without it anyone could write to the bucket; if that is meant, return true.`,
    )
  if (accept) checkAccept(accept)
  for (const pattern of inline)
    if (!isTypePattern(pattern))
      throw new TypeError(`inline has ${JSON.stringify(pattern)}, which is no media type.`)
  for (const [name, value] of Object.entries({ prefix, promote })) {
    const problem = value === undefined ? undefined : keyProblem(`${value}x`)
    if (problem !== undefined) throw new TypeError(`${who}: ${name} makes keys of which each ${problem}.`)
  }
  if (promote === '') throw new TypeError(`${who}: promote must name a folder, such as incoming/.`)
  if (partSize !== undefined && (partSize < partLimits.minSize || partSize > partLimits.maxSize))
    throw new TypeError(`${who}: partSize must be from 5 MiB to 5 GiB.`)
  if ((transport === 'post' || transport === 'put') && (maxSize ?? 0) > partLimits.maxSize)
    throw new TypeError(`${who}: more than 5 GiB goes in parts only.`)
}
