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

/** Checks one value; `place` is for the message. */
export type Reader<T> = (value: Json | undefined, place: string) => T

/** Texts of up to so many UTF-16 units. */
export const text =
  (maximum: number): Reader<string> =>
  (value, place) =>
    readText(value, place, maximum)

/** One of these texts. */
export const oneOf =
  <const T extends string>(...choices: readonly T[]): Reader<T> =>
  (value, place) =>
    readOneOf(value, place, choices)

/** Lists of up to so many. */
export const listOf =
  <T>(item: Reader<T>, maximum: number): Reader<readonly T[]> =>
  (value, place) =>
    readList(value, place, maximum).map((one, at) => item(one, `${place}[${at}]`))

/** The same, of one at least. */
export const someOf =
  <T>(item: Reader<T>, maximum: number): Reader<readonly T[]> =>
  (value, place) => {
    const list = listOf(item, maximum)(value, place)
    return list.length > 0 ? list : fail(place, 'must not be empty.')
  }

/** A member that may be missing; {@link shape} then leaves it out. */
export const maybe =
  <T>(reader: Reader<T>): Reader<T | undefined> =>
  (value, place) =>
    value === undefined ? undefined : reader(value, place)

/** Objects with these members and no others, which may be meant to matter. */
export const shape =
  <T extends object>(members: { readonly [Name in keyof Required<T>]: Reader<T[Name]> }): Reader<T> =>
  (value, place) => {
    const readers = Object.entries<Reader<unknown>>(members)
    const given = readRecord(
      value,
      place,
      readers.map(([name]) => name),
    )
    const read = readers.map(([name, reader]) => [
      name,
      reader(given.get(name), place === 'The body' ? name : `${place}.${name}`),
    ])
    return Object.fromEntries(read.filter(([, one]) => one !== undefined))
  }
