/**
 * Thrown by the app in `key`, `prepare` or `onComplete`: this file is not taken, and asking again will not help. The
 * message is shown to the user as it is. An object that is stored already is removed.
 */
export class Reject extends Error {
  override readonly name = 'Reject'
}

/** Holds across doubled copies of the package, where `instanceof` does not. */
export function isReject(value: unknown): value is Reject {
  return value instanceof Reject || (value instanceof Error && value.name === 'Reject')
}
