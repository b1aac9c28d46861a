/** Checks JSON that comes from outside (files that somebody may have edited) against a type, field by field. */

/** Returns the value as what it was checked to be, or throws {@link Undecodable}. `path` is for the message. */
export type Decoder<T> = (value: unknown, path: string) => T

/** The value is not what was expected. */
export class Undecodable extends Error {
  override readonly name = 'Undecodable'
}

const fail = (path: string, expected: string): never => {
  throw new Undecodable(`${path} is not ${expected}`)
}

/** Any text. */
export const text: Decoder<string> = (value, path) =>
  typeof value === 'string' ? value : fail(path, 'a text')

/** A whole number, not negative: all of ours are. */
export const count: Decoder<number> = (value, path) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : fail(path, 'a whole number')

/** Any finite number. */
export const decimal: Decoder<number> = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) ? value : fail(path, 'a number')

/** A list of such things. */
export const list =
  <T>(item: Decoder<T>): Decoder<T[]> =>
  (value, path) =>
    Array.isArray(value) ? value.map((one: unknown, at) => item(one, `${path}[${at}]`)) : fail(path, 'a list')

/** Two texts. */
export const pair: Decoder<readonly [string, string]> = (value, path) => {
  const [name, content, ...rest] = list(text)(value, path)
  return name === undefined || content === undefined || rest.length > 0
    ? fail(path, 'a pair')
    : [name, content]
}

/** One of these words. */
export const oneOf =
  <const T extends string>(...words: readonly T[]): Decoder<T> =>
  (value, path) =>
    words.find((word) => word === value) ?? fail(path, words.join(' or '))

/** A field that may be missing; {@link shape} then leaves it out. */
export const maybe =
  <T>(decoder: Decoder<T>): Decoder<T | undefined> =>
  (value, path) =>
    value === undefined ? undefined : decoder(value, path)

/** An object with these fields; others are dropped. */
export const shape =
  <T extends object>(fields: { readonly [Name in keyof Required<T>]: Decoder<T[Name]> }): Decoder<T> =>
  (value, path) => {
    if (typeof value !== 'object' || value === null) return fail(path, 'an object')
    const given = new Map<string, unknown>(Object.entries(value))
    const result: Record<string, unknown> = {}
    for (const [name, decoder] of Object.entries<Decoder<unknown>>(fields)) {
      const decoded = decoder(given.get(name), `${path}.${name}`)
      if (decoded !== undefined) result[name] = decoded
    }
    return result as T // each field has just been decoded to its type
  }
