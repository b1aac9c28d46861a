/**
 * Thrown by the app in `key`, `prepare` or `onComplete`: this file is not taken, and asking again will not help. The
 * message is shown to the user as it is. An object that is stored already is removed.
 * @example throw new Reject('This photo is upside down.', 'upside-down')
 */
export class Reject extends Error {
  override readonly name = 'Reject'
  /** For the page's code; one of the route's `rejects`. */
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}

/** Holds across doubled copies of the package, where `instanceof` does not. */
export function isReject(value: unknown): value is Reject {
  return value instanceof Reject || (value instanceof Error && value.name === 'Reject')
}

/** The code of a rejection, if the route has it: the page's types know no other. */
export function rejectCodeOf(
  { code }: Reject,
  { rejects = [] }: { readonly rejects?: readonly string[] },
): { rejectCode?: string } {
  return code !== undefined && rejects.includes(code) ? { rejectCode: code } : {}
}
