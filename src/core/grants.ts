import { toUploadError, UploadError } from './errors.ts'
import type { BackendCall, Grant, UploadBackend, UploadRequest } from './ports.ts'

/** Asks the backend for targets, several files in one call. */
export interface Grants {
  /**
   * The backend's verdict. Requests of one turn of the event loop go out together, `batchSize` at most in a call.
   * @throws UploadError if the whole call failed, or the signal's reason
   */
  ask(request: UploadRequest, signal: AbortSignal): Promise<Grant>
}

interface Asked {
  request: UploadRequest
  signal: AbortSignal
  resolve: (grant: Grant) => void
  reject: (error: unknown) => void
}

/** Makes the batching; `callFor` gives each call the engine's clock, budget and transport. */
export function createGrants(backend: UploadBackend, callFor: (signal: AbortSignal) => BackendCall): Grants {
  let asked: Asked[] = []

  const flush = (): void => {
    const all = asked.filter(({ signal }) => !signal.aborted)
    asked = []
    const size = Math.max(1, backend.batchSize)
    for (let at = 0; at < all.length; at += size) void call(all.slice(at, at + size))
  }

  const call = async (batch: readonly Asked[]): Promise<void> => {
    try {
      const requests = batch.map(({ request }) => request)
      const grants = await backend.createUploads(requests, callFor(allAborted(batch)))
      for (const [index, { resolve, reject }] of batch.entries()) {
        const grant = grants[index]
        if (grant) resolve(grant)
        else reject(noVerdict(backend.name, grants.length, batch.length))
      }
    } catch (cause) {
      const error = toUploadError(cause, 'asking the signer')
      for (const { reject } of batch) reject(error)
    }
  }

  return {
    ask(request, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason)
          return
        }
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        if (asked.length === 0) queueMicrotask(flush)
        asked.push({ request, signal, resolve, reject })
      })
    },
  }
}

/** A call serves several files: it is called off only when none of them wants it any more. */
function allAborted(batch: readonly Asked[]): AbortSignal {
  const controller = new AbortController()
  let left = batch.length
  for (const { signal } of batch)
    signal.addEventListener('abort', () => --left === 0 && controller.abort(signal.reason), { once: true })
  return controller.signal
}

function noVerdict(backend: string, got: number, wanted: number): UploadError {
  return new UploadError(
    'bad-answer',
    'later',
    `The ${backend} backend gave ${got} verdicts for ${wanted} files. It must give one per file, in order.`,
  )
}
