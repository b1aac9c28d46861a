/**
 * The types that a router of the server lends to the browser: `import type { router } from './server'` is all that
 * crosses. Nothing of this exists when the program runs.
 */

/** What is known of one route. */
export interface RouteShape {
  /** What `add()` must be given for each file; `undefined` where the route takes no metadata. */
  readonly metadata: unknown
  /** What `prepare` made, after its way through JSON. */
  readonly record: unknown
  /** What `onComplete` returned, after its way through JSON. */
  readonly result: unknown
  /** The codes that its rejections carry. */
  readonly rejectCode?: string
}

/** A router, as far as the browser's types care. */
export interface RouterShape<
  Routes extends Readonly<Record<string, RouteShape>> = Readonly<Record<string, RouteShape>>,
> {
  /** Only for the compiler. */
  readonly '~routes'?: Routes | undefined
}

/** The routes of a router, by name. */
export type RoutesOf<Router extends RouterShape> = NonNullable<Router['~routes']>

/** The names of a router's routes. */
export type RouteName<Router extends RouterShape> = keyof RoutesOf<Router> & string

/** What a route wants to be told of each file. */
export type RouteMetadata<
  Router extends RouterShape,
  Name extends RouteName<Router>,
> = RoutesOf<Router>[Name]['metadata']

/** What a route's `prepare` made of a file: it comes with the grant. */
export type RouteRecord<
  Router extends RouterShape,
  Name extends RouteName<Router>,
> = RoutesOf<Router>[Name]['record']

/** What a route's `onComplete` answered. */
export type RouteResult<
  Router extends RouterShape,
  Name extends RouteName<Router>,
> = RoutesOf<Router>[Name]['result']

/** The codes that a route's rejections carry beside the words for the user; `never` where it names none. */
export type RouteRejectCode<
  Router extends RouterShape,
  Name extends RouteName<Router>,
> = RoutesOf<Router>[Name] extends { readonly rejectCode: infer Code } ? Code : never

/**
 * A type after its way through `JSON.stringify` and back: dates are strings, functions and `undefined` are left out
 * of objects, and are null by themselves.
 */
export type JsonOf<T> = unknown extends T
  ? unknown
  : T extends { toJSON(): infer Said }
    ? JsonOf<Said>
    : T extends string | number | boolean | null
      ? T
      : T extends undefined | void | symbol | ((...args: never[]) => unknown)
        ? null
        : T extends readonly unknown[]
          ? { -readonly [Index in keyof T]: JsonOf<T[Index]> }
          : T extends object
            ? {
                -readonly [Name in keyof T as JsonName<T, Name>]:
                  | JsonOf<Exclude<T[Name], undefined>>
                  | Extract<T[Name], undefined>
              }
            : never

type JsonName<T, Name extends keyof T> = Name extends string | number
  ? Exclude<T[Name], undefined> extends symbol | ((...args: never[]) => unknown)
    ? never
    : Name
  : never
