/**
 * Has this page an origin that equals no other, as sandboxed and `data:` frames have? Browsers refuse it storage, locks and
 * file handles, but have their APIs on it. False on a server.
 */
export function hasOpaqueOrigin(): boolean {
  if (typeof origin !== 'string' || origin !== 'null') return false
  try {
    // The origin of `file:` pages reads `null` too. In a sandboxed frame of one, the look at the storage throws.
    return location.protocol !== 'file:' || typeof localStorage !== 'object'
  } catch {
    return true
  }
}
