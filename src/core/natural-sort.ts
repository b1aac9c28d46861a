/** Digits are padded to this length, so that numbers compare as texts. */
const digits = 16

/**
 * What a name is sorted by: without case and accents, numbers by their value. Made once per name: a collator is asked
 * over a hundred thousand times for 10,000 names, and takes a long task for it (measured: 8 times as long).
 */
function keyOf(name: string): string {
  const plain = /[^ -~]/.test(name) ? name.normalize('NFD').replace(/\p{M}/gu, '') : name
  return plain.toLowerCase().replace(/\d+/g, (number) => number.padStart(digits, '0'))
}

/** A copy in natural order of the names: `img2` before `img10`. Equal names keep their order. */
export function naturalSort<T>(things: readonly T[], nameOf: (thing: T) => string): T[] {
  if (things.length < 2) return [...things]
  return things
    .map((thing) => ({ thing, key: keyOf(nameOf(thing)) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ thing }) => thing)
}
