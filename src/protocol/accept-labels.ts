/** How `accept` is read and shown; without the table of media types, since it is shown before anything is judged. */

/** The object form of react-dropzone: media types to extensions, `{'image/*': ['.png'], 'application/pdf': []}`. */
export type Accept = Readonly<Record<string, readonly string[]>>

/** Is it `.pdf`, not a media type? */
export const isExtension = (text: string): boolean => text.startsWith('.')

/** `.PNG` and `png` mean `.png`: a forgotten dot should not lock all files out. */
const normalExtension = (text: string): string => {
  const lower = text.trim().toLowerCase()
  return isExtension(lower) ? lower : `.${lower}`
}

/** All extensions of a rule, with their dots: those that are listed, and its key where that is one. */
export const extensionsOf = (key: string, listed: readonly string[]): string[] =>
  [...(isExtension(key) ? [key] : []), ...listed].map(normalExtension)

/**
 * What `accept` takes, short enough to show: extensions where a rule has some, else its media type, without repeats,
 * in order: `['image/*', '.pdf']`. Empty where all is taken.
 */
export function acceptLabels(accept: Accept): string[] {
  const labels = Object.entries(accept).flatMap(([written, listed]) => {
    const key = written.trim().toLowerCase()
    const extensions = extensionsOf(key, listed)
    return extensions.length > 0 ? extensions : [key]
  })
  return [...new Set(labels)]
}
