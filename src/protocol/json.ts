/** Reading JSON that came over the wire: each reader checks and bounds one value and names its place if it is wrong. */

/** What survives JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** A message that is not what the protocol says. The text names the place and never repeats long foreign values. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

const fail = (place: string, problem: string): never => {
  throw new ProtocolError(`${place} ${problem}`)
}

/** @throws ProtocolError if `text` is not JSON */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return fail('The body', 'must be JSON.')
  }
}

/**
 * An object's own members. A Map, since a member may be called `__proto__` or `toString`.
 * @param known the only names allowed; default: any, as new members may come with a newer peer
 * @throws ProtocolError
 */
export function readRecord(
  value: Json | undefined,
  place: string,
  known?: readonly string[],
): ReadonlyMap<string, Json> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fail(place, 'must be an object.')
  const members = new Map(Object.entries(value))
  if (known)
    for (const name of members.keys())
      if (!known.includes(name)) fail(place, `has an unknown member, ${JSON.stringify(name.slice(0, 40))}.`)
  return members
}

/** @throws ProtocolError */
export function readList(value: Json | undefined, place: string, maximum: number): readonly Json[] {
  if (!Array.isArray(value)) return fail(place, 'must be a list.')
  return value.length > maximum ? fail(place, `must have at most ${maximum} entries.`) : value
}

/**
 * @param maximum in UTF-16 units
 * @throws ProtocolError
 */
export function readText(value: Json | undefined, place: string, maximum: number): string {
  if (typeof value !== 'string') return fail(place, 'must be a string.')
  return value.length > maximum ? fail(place, `must have at most ${maximum} characters.`) : value
}

/** @throws ProtocolError */
export function readInteger(
  value: Json | undefined,
  place: string,
  maximum: number = Number.MAX_SAFE_INTEGER,
): number {
  const isRight = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maximum
  return isRight ? value : fail(place, `must be a whole number from 0 to ${maximum}.`)
}

/** @throws ProtocolError */
export function readOneOf<T extends string>(
  value: Json | undefined,
  place: string,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === value)
  return found ?? fail(place, `must be one of: ${choices.join(', ')}.`)
}
