/** Checks of the options of a route, and of the routes of a router. */
import { partLimits } from '../protocol/part-plan.ts'
import { isTypePattern } from './content.ts'
import type { ObjectOptions } from './object-options.ts'
import { metadataHeaders, objectHeaders } from './object-options.ts'
import type { Check, ChecksOf } from './option-checks.ts'
import {
  amount,
  checkOptions,
  count,
  flag,
  hook,
  isNumber,
  isPlain,
  isText,
  limit,
  listOf,
  maybe,
  oneOf,
  refuse,
  shape,
  text,
  that,
  whole,
} from './option-checks.ts'
import type { AnyRouteOptions, Route } from './route.ts'

const isPattern = (value: unknown): boolean =>
  typeof value === 'string' && isTypePattern(value.trim().toLowerCase())

const isExtension = (value: unknown): boolean =>
  typeof value === 'string' && /^\s*\.?[^\s./*][^\s/*]*\s*$/.test(value)

const accept: Check = (value, name) => {
  if (!isPlain(value)) return refuse(`${name} must be`, "an object such as { 'image/*': ['.png'] }", value)
  for (const [type, extensions] of Object.entries(value)) {
    if (!isPattern(type))
      throw new TypeError(
        `${name} has ${JSON.stringify(type)}, which is no media type. Write image/*, application/pdf or .pdf.`,
      )
    listOf('extensions such as .png', isExtension)(extensions, `${name}[${JSON.stringify(type)}]`)
  }
}

const texts = that(
  'an object of texts',
  (value) => isPlain(value) && Object.values(value).every((one) => typeof one === 'string'),
)

const kmsKey = shape({ kmsKeyId: text })

/** The options of a stored object by name. */
export const objectChecks: ChecksOf<ObjectOptions> = {
  cacheControl: maybe(text),
  contentDisposition: maybe(text),
  contentEncoding: maybe(text),
  storageClass: maybe(text),
  sse: limit((value, name) => (isPlain(value) ? kmsKey : oneOf('AES256', '{ kmsKeyId }'))(value, name)),
  tags: maybe(texts),
  metadata: maybe(texts),
  acl: maybe(text),
  createOnly: limit(flag),
}

const objectOptions = shape(objectChecks)

/** @throws TypeError for what `object` must not answer */
export function checkObject(options: unknown): void {
  objectOptions(options, 'object()')
}

const isSchema = (value: unknown): boolean => {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  const standard: unknown = Reflect.get(value, '~standard')
  return (
    typeof standard === 'object' &&
    standard !== null &&
    typeof Reflect.get(standard, 'validate') === 'function'
  )
}

// More than S3's 7 days is cut where a grant is signed.
const seconds = that('a whole number from 1 on', (value) => Number.isSafeInteger(value) && Number(value) >= 1)

const isHook = (value: unknown): boolean => typeof value === 'function'

const orHook =
  (check: Check): Check =>
  (value, name) => {
    if (!isHook(value)) check(value, name)
  }

/** The options of a route by name. */
export const routeChecks: ChecksOf<AnyRouteOptions> = {
  authorize: that(
    'a function: without it anyone could write to the bucket. If that is meant, let it return true',
    isHook,
  ),
  userId: maybe(hook),
  rejects: maybe(listOf('codes', isText)),
  metadata: maybe(that('a Standard Schema, such as of zod, valibot or arktype', isSchema)),
  accept: limit(accept),
  minSize: limit(that('a number from 0 on', (value) => isNumber(value) && value >= 0 && value < Infinity)),
  maxSize: limit(amount),
  maxFiles: limit(count),
  quota: limit(hook),
  prefix: limit(text),
  key: maybe(hook),
  object: maybe(orHook(objectOptions)),
  inline: maybe(listOf('media types such as image/*', isPattern)),
  transport: maybe(oneOf('auto', 'post', 'put', 'multipart')),
  multipartFrom: maybe(amount),
  partSize: maybe(whole(partLimits.minSize, partLimits.maxSize)),
  promote: limit(text),
  prepare: maybe(hook),
  onComplete: maybe(hook),
  onAbort: maybe(hook),
  uploadState: maybe(hook),
  list: maybe(hook),
  view: maybe(orHook(flag)),
  delete: maybe(orHook(flag)),
  maxGrantLife: limit(seconds),
  maxOpenUploads: limit(count),
}

/**
 * @param who such as `The route files`
 * @throws TypeError for an option that is wrong, missing or unknown
 */
export function checkRouteOptions(options: AnyRouteOptions, who: string): void {
  checkOptions(options, routeChecks, `${who}: `)
  const { minSize = 0, maxSize = partLimits.maxSize, object } = options
  if (minSize > maxSize) throw new TypeError(`${who}: minSize must be less than maxSize.`)
  if (typeof object !== 'object') return
  objectHeaders(object)
  metadataHeaders(object)
}

/** @throws TypeError for what is no object of routes, each made by route() */
export function checkRoutes(routes: Readonly<Record<string, Route>>): void {
  if (!isPlain(routes)) return refuse('The routes must be', 'a plain object', routes)
  for (const [name, made] of Object.entries(routes))
    if (!isPlain(made) || !isPlain(made.options)) refuse(`The route ${name} must be`, 'made by route()', made)
}
