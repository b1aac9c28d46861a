/** Locks across the tabs of one origin; a tab that is closed or crashes lets go of its own. */
import { UploadError } from '../errors.ts'
import { throwIfAborted } from './page-locks.ts'
import type { ResumeLockOptions } from './types.ts'

/** Are there locks across tabs here? Not without a secure context, nor before Safari 15.4 (FACTS 4.4). */
export function hasWebLocks(): boolean {
  return typeof navigator === 'object' && 'locks' in navigator
}

/**
 * `ResumeStore.lock` by the Web Locks API.
 * @throws UploadError `resume-unavailable` where the page may not lock (a sandboxed frame)
 */
export async function webLock(
  name: string,
  signal: AbortSignal,
  { wait = false }: ResumeLockOptions = {},
): Promise<(() => void) | undefined> {
  throwIfAborted(signal)
  try {
    return await new Promise<(() => void) | undefined>((resolve, reject) => {
      const hold = (lock: Lock | null): Promise<void> | undefined => {
        if (lock) return new Promise<void>((release) => resolve(release))
        resolve(undefined)
        return undefined
      }
      // The two cannot be combined: a request that does not wait needs no way to end the waiting.
      navigator.locks.request(name, wait ? { signal } : { ifAvailable: true }, hold).catch(reject)
    })
  } catch (cause) {
    throwIfAborted(signal)
    throw new UploadError('resume-unavailable', 'never', 'This page may not use Web Locks.', { cause })
  }
}
