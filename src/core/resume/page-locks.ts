/** Locks within one page, by name: first come, first served. */
import { UploadError } from '../errors.ts'
import type { ResumeStore } from './types.ts'

/** Makes a set of locks; its `lock` keeps the promise of `ResumeStore.lock`, within this page. */
export function pageLocks(): Pick<ResumeStore, 'lock'> {
  /** Who waits for each lock that is taken. */
  const queues = new Map<string, (() => void)[]>()

  const releaseOnce = (id: string): (() => void) => {
    let held = true
    return () => {
      if (!held) return
      held = false
      const next = queues.get(id)?.shift()
      if (next) next()
      else queues.delete(id)
    }
  }

  return {
    async lock(id, signal, { wait = false } = {}) {
      throwIfAborted(signal)
      const queue = queues.get(id)
      if (!queue) {
        queues.set(id, [])
        return releaseOnce(id)
      }
      if (!wait) return undefined
      const granted = await new Promise<boolean>((resolve) => {
        const mine = (): void => {
          signal.removeEventListener('abort', leave)
          resolve(true)
        }
        const leave = (): void => {
          queue.splice(queue.indexOf(mine), 1)
          resolve(false)
        }
        queue.push(mine)
        signal.addEventListener('abort', leave, { once: true })
      })
      if (!granted) throwIfAborted(signal)
      return releaseOnce(id)
    },
  }
}

/** @throws UploadError `aborted` */
export function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return
  const cause: unknown = signal.reason
  throw new UploadError('aborted', 'never', 'Finding an upload again was aborted by the kit.', { cause })
}
