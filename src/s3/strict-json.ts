/**
 * JSON as S3 reads it in POST policies: stricter than `JSON.parse`. It knows objects, arrays, strings and whole
 * numbers; `512.0` and `null` are "Invalid JSON" there (FACTS 1.2). Names that come twice are refused, since
 * whatever S3 makes of them, two readers could disagree.
 */

/** What a policy can hold. Objects are lists of entries, in order. */
export type StrictJson =
  | { readonly type: 'object'; readonly entries: readonly (readonly [name: string, value: StrictJson])[] }
  | { readonly type: 'array'; readonly items: readonly StrictJson[] }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'integer'; readonly value: number }

const maxDepth = 8 // a policy needs 3

/** @returns the value, or `undefined` if the text is anything else than one such value */
export function parseStrictJson(text: string): StrictJson | undefined {
  let at = 0

  const skipSpace = () => {
    while (' \t\r\n'.includes(text[at] ?? 'x')) at += 1
  }
  const take = (expected: string) => {
    skipSpace()
    if (text[at] !== expected) return false
    at += 1
    return true
  }

  const value = (depth: number): StrictJson => {
    if (depth > maxDepth) throw new NotStrictJson()
    if (take('{')) return { type: 'object', entries: members(depth) }
    if (take('[')) return { type: 'array', items: list(']', () => value(depth + 1)) }
    if (text[at] === '"') return { type: 'string', value: string() }
    const digits = /^-?(?:0|[1-9]\d*)(?![\d.eE])/.exec(text.slice(at, at + 24))?.[0]
    const number = Number(digits)
    if (digits === undefined || !Number.isSafeInteger(number)) throw new NotStrictJson()
    at += digits.length
    return { type: 'integer', value: number }
  }

  const members = (depth: number) => {
    const names = new Set<string>()
    return list('}', (): readonly [string, StrictJson] => {
      skipSpace()
      const name = string()
      if (names.has(name) || !take(':')) throw new NotStrictJson()
      names.add(name)
      return [name, value(depth + 1)]
    })
  }

  const list = <T>(end: string, item: () => T): T[] => {
    const items: T[] = []
    if (take(end)) return items
    do items.push(item())
    while (take(','))
    if (!take(end)) throw new NotStrictJson()
    return items
  }

  const string = (): string => {
    const literal = /^"(?:[^"\\]|\\.)*"/s.exec(text.slice(at))?.[0]
    if (literal === undefined) throw new NotStrictJson()
    at += literal.length
    // The literal's escapes and forbidden control characters are those of JSON.parse.
    const parsed: unknown = JSON.parse(literal)
    if (typeof parsed !== 'string') throw new NotStrictJson()
    return parsed
  }

  try {
    const parsed = value(0)
    skipSpace()
    return at === text.length ? parsed : undefined
  } catch (error) {
    if (error instanceof NotStrictJson || error instanceof SyntaxError) return undefined
    throw error
  }
}

class NotStrictJson extends Error {}
