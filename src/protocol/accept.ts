/** Which files `accept` takes: one rule for the browser and for the signer, so that they cannot disagree. */
import type { Accept } from './accept-labels.ts'
import { extensionsOf, isExtension } from './accept-labels.ts'
import { mediaTypeOf, normalMediaType } from './media-types.ts'

export type { Accept } from './accept-labels.ts'
export { mediaTypeOf } from './media-types.ts'

/** What decides: the name, and the browser's guess at the type (`''` where it has none). */
export interface AcceptFacts {
  readonly name: string
  readonly type: string
}

/** The rule that took a file: by its `type`, by its `extension`, because there is no rule (`all`), or not at all. */
export type AcceptMatch = 'type' | 'extension' | 'all' | undefined

const isWildcard = (text: string): boolean => text.endsWith('/*')

// A type that says nothing: what Android's content providers and some Windows registries give instead of ''.
const isUnknown = (type: string): boolean => type === '' || type === 'application/octet-stream'

const ofType = (pattern: string, type: string): boolean => {
  if (pattern === '*/*') return true
  if (isWildcard(pattern)) return type.startsWith(pattern.slice(0, -1))
  return type === normalMediaType(pattern)
}

/**
 * How a file is taken by `accept`. An empty `accept` takes all. Rules are joined by "or":
 * - a media type takes files of that type, and files with one of its extensions;
 * - a wildcard without extensions takes the family; with extensions it takes only those (react-dropzone 20's rule);
 * - a key that is itself an extension (`'.pdf'`) takes that extension.
 * A file without a type counts as what its extension stands for. Case and type parameters do not matter.
 */
export function matchAccept(accept: Accept, file: AcceptFacts): AcceptMatch {
  const rules = Object.entries(accept)
  if (rules.length === 0) return 'all'
  const name = file.name.toLowerCase()
  const told = normalMediaType(file.type)
  const guessed = isUnknown(told) ? mediaTypeOf(name) : undefined
  let match: AcceptMatch
  for (const [written, listed] of rules) {
    const key = written.trim().toLowerCase()
    const extensions = extensionsOf(key, listed)
    if (!isExtension(key) && (!isWildcard(key) || extensions.length === 0)) {
      if (ofType(key, told)) return 'type'
      if (guessed !== undefined && ofType(key, guessed)) match = 'extension'
    }
    if (extensions.some((extension) => name.endsWith(extension))) match = 'extension'
  }
  return match
}

/** Does `accept` take this file? See {@link matchAccept} for the rules. */
export function acceptsFile(accept: Accept, file: AcceptFacts): boolean {
  return matchAccept(accept, file) !== undefined
}

/**
 * May `accept` take a file of which only the type is known, as during a drag? What the type does not tell counts as
 * taken: an extension cannot be seen, and browsers leave the type of many files empty.
 */
export function mayAcceptType(accept: Accept, type: string): boolean {
  const keys = Object.keys(accept).map((written) => written.trim().toLowerCase())
  const told = normalMediaType(type)
  return isUnknown(told) || keys.length === 0 || keys.some((key) => isExtension(key) || ofType(key, told))
}
