/** Rules for two kinds of files that most apps have. Spread one into a route, and override what does not fit. */
import type { Accept } from '../protocol/accept.ts'
import type { ObjectOptions } from './object-options.ts'

/** What a preset sets. */
export interface RoutePreset {
  readonly accept: Accept
  readonly maxSize: number
  readonly inline: readonly string[]
  readonly object: ObjectOptions
}

/**
 * Files of any kind for those who may see them: always downloaded, never shown by the browser, kept by no cache.
 * Up to 100 MB each.
 * @example route({ ...privateAttachments(), authorize, view: true })
 */
export function privateAttachments(): RoutePreset {
  return {
    accept: {},
    maxSize: 100_000_000,
    inline: [],
    object: { cacheControl: 'private, no-store' },
  }
}

/**
 * Images that any browser shows, in place, from a bucket or CDN that the public may read; cached for good, since their
 * keys never repeat. SVG is not among them: it can run scripts. Up to 20 MB each.
 * @example route({ ...publicImages(), authorize, prefix: 'public/' })
 */
export function publicImages(): RoutePreset {
  const types = ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/avif']
  return {
    accept: Object.fromEntries(types.map((type) => [type, []])),
    maxSize: 20_000_000,
    inline: types,
    object: { cacheControl: 'public, max-age=31536000, immutable' },
  }
}
