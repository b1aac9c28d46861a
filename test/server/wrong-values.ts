/** Values of the wrong type, as a missing variable, a forgotten await or a program without types gives them. */
import type { UploadHandler } from '../../src/server/index.ts'
import { createUploadHandler, createUploadRouter, route, sweep } from '../../src/server/index.ts'
import { storage } from './support.ts'

/** A named bag of options, of which any may be wrong. */
export type Loose = Record<string, unknown>

/** Right for no option and no hook but those that take any value. */
export const neverRight: readonly (readonly [name: string, value: unknown])[] = [
  ['null', null],
  ['NaN', NaN],
  ['-1', -1],
  ['a bigint', 0n],
  ['a symbol', Symbol('wrong')],
  ['an empty text', ''],
  ['a blank text', ' \t'],
  ['the text undefined', 'undefined'],
  ['the text NaN', 'NaN'],
  ['the text [object Object]', '[object Object]'],
  ['a list of nothing', [undefined]],
  ['a Map', new Map([['image/*', []]])],
  ['a Set', new Set(['image/*'])],
  ['an invalid Date', new Date(Number.NaN)],
  ['a Promise', Promise.resolve({})],
  ['a Response', new Response(null, { status: 403 })],
  ['an Error', new Error('no')],
  ['an instance of a class', new URLSearchParams()],
]

/** Calls a function without its types. */
export const untyped = (run: object, ...given: unknown[]): unknown =>
  typeof run === 'function' ? Reflect.apply(run, undefined, given) : undefined

const authorize = (): string => 'ann'

/** Where options go in, by what they belong to. Each fills in what must be there. */
export const doors = {
  route: (options: Loose): unknown =>
    untyped(createUploadRouter, { files: { options: { authorize, ...options } } }),
  shortForm: (options: Loose): unknown => untyped(createUploadHandler, { storage, authorize, ...options }),
  handler: (options: Loose): unknown =>
    untyped(createUploadHandler, createUploadRouter({ files: route({ authorize }) }), {
      storage,
      ...options,
    }),
  storage: (options: Loose): unknown =>
    untyped(createUploadHandler, { storage: { ...storage, ...options }, authorize }),
} as const

/** `sweep()` with options of any kind. */
export const looseSweep = (options: Loose): unknown =>
  untyped(sweep, createUploadRouter({ files: route({ authorize }) }), { storage, ...options })

const isHandler = (value: unknown): value is UploadHandler => typeof value === 'function'

/** A handler of the short form, made without types. */
export function looseHandler(options: Loose): UploadHandler {
  const handler = doors.shortForm({ onError: () => {}, ...options })
  if (!isHandler(handler)) throw new Error('createUploadHandler() made no function.')
  return handler
}

/** What is thrown; undefined if nothing is. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
}

/** The TypeError that is thrown, as text; a text that names no option if there is none. */
export function refusalBy(run: () => unknown): string {
  const error = thrownBy(run)
  return error instanceof TypeError ? String(error) : `No TypeError, but ${typeof error}.`
}

/** A hook that must not run. */
export const never = (): never => {
  throw new Error('not called')
}
