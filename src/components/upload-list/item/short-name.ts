/** Longer names lose their middle. In characters as people count them; about two lines on a phone. */
const longest = 72
const keptAtEnd = 20

// `invoice<U+202E>fdp.exe` would be drawn as `invoiceexe.pdf`.
const directionMarks = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g

/** The name as it may be drawn: what turns its letters around, and so hides the extension, is left out. */
export const plainName = (name: string): string => name.replace(directionMarks, '')

/** The name, or its beginning and its end with the extension. */
export function shortName(name: string): string {
  if (name.length <= longest) return name
  const letters = lettersOf(name)
  if (letters.length <= longest) return name
  return `${letters.slice(0, longest - keptAtEnd - 1).join('')}…${letters.slice(-keptAtEnd).join('')}`
}

// By grapheme: a cut through a surrogate pair shows as a box, one through an emoji as another emoji.
const lettersOf = (text: string): string[] =>
  typeof Intl.Segmenter === 'function'
    ? Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment)
    : Array.from(text)
