/** Uploads that really run, on a clock and in memory: no network, and no service worker to stand in for one. */
import { UploadError } from '../src/core/index.ts'
import type { HttpTransport } from '../src/core/index.ts'

/** Bytes per second of the pretended line. */
const rate = 6_000_000
/** Milliseconds between two reports of progress. */
const tick = 80

/** A transport that takes as long as a slow line would, and breaks for files whose name says so (`… fails.png`). */
export function timedTransport(): HttpTransport {
  return {
    send: ({ body }, { signal, onProgress }) =>
      new Promise((resolve, reject) => {
        const { size, name } =
          body?.kind === 'form' ? { size: body.file.size, name: body.fileName } : { size: 0, name: '' }
        const fails = name.includes('fails')
        let loaded = 0
        const timer = setInterval(() => {
          loaded = Math.min(size, loaded + (rate * tick) / 1000)
          onProgress?.(loaded)
          if (fails && loaded >= size / 2)
            end(() => reject(new UploadError('network', 'later', 'The line was cut.')))
          else if (loaded >= size) end(() => resolve({ status: 204, headers: new Map(), text: '' }))
        }, tick)
        const abort = (): void => end(() => reject(signal.reason))
        const end = (then: () => void): void => {
          clearInterval(timer)
          signal.removeEventListener('abort', abort)
          then()
        }
        signal.addEventListener('abort', abort)
      }),
  }
}
