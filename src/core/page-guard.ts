/** What a page does while files are under way: it asks before it is left, and keeps the screen on. */

/** What of it is wanted now. */
export interface PageNeeds {
  warn: boolean
  wakeLock: boolean
}

/**
 * Makes the guard: call it whenever the needs change. The listener is there only while it is needed, since pages that have
 * one are kept out of the back/forward cache.
 */
export function createPageGuard(): (needs: PageNeeds) => void {
  let lock: Promise<WakeLockSentinel | undefined> | undefined

  // Given back by the browser whenever the page is hidden: asked for again when it is seen.
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') takeLock()
  }
  const takeLock = (): void => {
    // Refused with a low battery, or without a secure context: the upload goes on all the same.
    lock = navigator.wakeLock?.request('screen').catch(() => undefined)
  }

  return ({ warn, wakeLock }) => {
    if (typeof window !== 'object') return
    window[warn ? 'addEventListener' : 'removeEventListener']('beforeunload', askToStay)
    if (wakeLock === (lock !== undefined) || !('wakeLock' in navigator)) return
    document[wakeLock ? 'addEventListener' : 'removeEventListener']('visibilitychange', onVisible)
    if (wakeLock) takeLock()
    else {
      void lock?.then((sentinel) => sentinel?.release())
      lock = undefined
    }
  }
}

/** The browser has words of its own. */
function askToStay(event: Event): void {
  event.preventDefault()
}
