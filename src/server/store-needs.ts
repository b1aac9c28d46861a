/** What a route's options need of the store. A store that ignores a condition or drops a tag would break them silently. */
import { Refused } from './admit.ts'
import type { CallContext } from './call-context.ts'
import type { ObjectOptions } from './object-options.ts'
import type { AnyRouteOptions } from './route.ts'
import type { StoreCapabilities } from './storage/capabilities.ts'

/** How the options are to be used. */
export interface StoreNeeds {
  readonly options: ObjectOptions
  readonly inParts: boolean
  /** The route takes forms only. */
  readonly asForm: boolean
  /** A copy makes the object. */
  readonly promotes: boolean
}

/**
 * Checks options that a function made for one file.
 * @throws Refused if the store cannot keep what they promise; the app is told why
 */
export function requireCapable(needs: StoreNeeds, { bucket, report }: CallContext): void {
  const problem = problemOf(needs, bucket.can)
  if (problem === undefined) return
  report(new TypeError(`object: ${problem}`), 'granting an upload')
  throw new Refused('refused', 'The server cannot take this file; its log says why.')
}

/**
 * Must the file go whole? So it is with `createOnly` on a store that looks at its condition on PUT alone. Options that a
 * function makes are known too late.
 */
export const mustGoWhole = ({ object }: AnyRouteOptions, can: StoreCapabilities): boolean =>
  !can.conditionalCompletion && typeof object === 'object' && object.createOnly === true

/**
 * Could a form lose options, so that parts are better? Options that a function makes are known too late, and parts keep
 * all of them.
 */
export const mayLoseHeaders = ({ object }: AnyRouteOptions, can: StoreCapabilities): boolean =>
  !can.formHeaders && (typeof object === 'function' || hasHeaders(object))

const hasHeaders = ({ cacheControl, contentDisposition, contentEncoding }: ObjectOptions = {}): boolean =>
  (cacheControl ?? contentDisposition ?? contentEncoding) !== undefined

function problemOf(
  { options, inParts, asForm, promotes }: StoreNeeds,
  can: StoreCapabilities,
): string | undefined {
  const { createOnly = false, tags = {}, metadata = {} } = options
  if (createOnly && !can.conditionalWrites)
    return 'this store is not known to refuse a replacement (If-None-Match), so createOnly would promise too much.'
  if (createOnly && promotes && !can.conditionalCopy)
    return 'this store is not known to refuse a copy onto an existing object (If-None-Match of CopyObject), so createOnly and promote do not go together. Leave one out, or set capabilities.conditionalCopy after you have seen it refuse.'
  if (createOnly && inParts && !can.conditionalCompletion)
    return 'this store does not look at If-None-Match when parts are completed, so createOnly needs a route that sends whole files: transport put.'
  if (createOnly && asForm)
    return 'forms cannot say If-None-Match, so createOnly needs PUT or parts: leave out transport post.'
  if (asForm && !can.formHeaders && hasHeaders(options))
    return 'this store drops Cache-Control, Content-Disposition and Content-Encoding of forms: leave out transport post.'
  const changed = can.metadataUnderscores
    ? undefined
    : Object.keys(metadata).find((name) => name.includes('_'))
  if (changed !== undefined)
    return `this store makes "-" of "_" in names of metadata such as ${changed}. Use "-".`
  if (Object.keys(tags).length > 0 && !can.tags) return 'this store keeps no tags. Leave out tags.'
  return refusedValue(options, can)
}

function refusedValue(
  { acl, storageClass, sse }: ObjectOptions,
  { acls, storageClasses, encryption }: StoreCapabilities,
): string | undefined {
  const values = [
    ['acl', acl, acls],
    ['storageClass', storageClass, storageClasses],
    ['sse', typeof sse === 'object' ? 'KMS' : sse, encryption],
  ] as const
  for (const [name, value, taken] of values)
    if (value !== undefined && taken !== 'any' && !taken.includes(value))
      return `this store refuses or ignores ${name} ${value}${taken.length > 0 ? ` and takes only ${taken.join(' or ')}` : ''}. Leave out ${name}.`
  return undefined
}

/**
 * Checks at start all that shows without a file.
 * @throws TypeError that names the route
 */
export function checkStoreNeeds(routes: ReadonlyMap<string, AnyRouteOptions>, can: StoreCapabilities): void {
  for (const [name, { object, promote, transport = 'auto', maxOpenUploads = Infinity }] of routes) {
    if (maxOpenUploads < Infinity && !can.listsUploads && (transport === 'auto' || transport === 'multipart'))
      throw new TypeError(
        `The route ${name}: maxOpenUploads: this store does not list open uploads, so nobody can count them. Leave it out.`,
      )
    if (transport === 'post' && !can.post)
      throw new TypeError(`The route ${name}: this store takes no forms, so transport cannot be post.`)
    if (object === undefined || typeof object === 'function') continue
    const problem = problemOf(
      {
        options: object,
        inParts: transport === 'multipart',
        asForm: transport === 'post',
        promotes: promote !== undefined,
      },
      can,
    )
    if (problem !== undefined) throw new TypeError(`The route ${name}, object: ${problem}`)
  }
}
