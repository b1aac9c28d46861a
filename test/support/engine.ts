import { createUploader } from '../../src/core/index.ts'
import type { UploadItem, Uploader, UploaderOptions, UploadStatus } from '../../src/core/index.ts'
import { scriptedBackend, scriptedTransport } from '../../src/testing/index.ts'
import type { ScriptedBackend, ScriptedBackendOptions, ScriptedTransport } from '../../src/testing/index.ts'

/** A file of `size` bytes; the name says its type. */
export function fileOf(name: string, size = 4, type = ''): File {
  return new File([new Uint8Array(size)], name, { type, lastModified: 1_700_000_000_000 })
}

/** Flushes by hand, so that a test sees what one animation frame publishes. */
export interface ManualFrames {
  schedule: (flush: () => void) => () => void
  /** Runs what the next frame would. */
  frame: () => void
  pending: () => number
}

export function manualFrames(): ManualFrames {
  const waiting = new Set<() => void>()
  return {
    schedule(flush) {
      const entry = (): void => flush()
      waiting.add(entry)
      return () => waiting.delete(entry)
    },
    frame() {
      for (const entry of waiting) {
        waiting.delete(entry)
        entry()
      }
    },
    pending: () => waiting.size,
  }
}

/** An engine on a scripted network, its clock standing still. */
export interface Bench {
  uploader: Uploader
  transport: ScriptedTransport
  backend: ScriptedBackend
  clock: { now: number }
  /** Resolves when the item has the status. */
  until: (id: string, status: UploadStatus) => Promise<UploadItem>
}

export function bench(options: Partial<UploaderOptions> = {}, script: ScriptedBackendOptions = {}): Bench {
  const transport = scriptedTransport()
  const backend = scriptedBackend(script)
  const clock = { now: 1_700_000_000_000 }
  const uploader = createUploader({
    backend,
    transport,
    now: () => clock.now,
    // A failure is an end here; test/core/retry.test.ts is about what goes on by itself.
    retry: false,
    // Published with the write: what is under test here is the engine, not its frames.
    schedule: (flush) => {
      queueMicrotask(flush)
      return () => undefined
    },
    ...options,
  })
  return {
    uploader,
    transport,
    backend,
    clock,
    until: (id, status) =>
      new Promise((resolve) => {
        const look = (): void => {
          const item = uploader.getItem(id)
          if (item?.status !== status) return
          stop()
          resolve(item)
        }
        const stop = uploader.subscribe(`item:${id}`, look)
        look()
      }),
  }
}

/** The first of what was added; a test that added nothing is wrong. */
export function first<T>(things: readonly T[]): T {
  const [thing] = things
  if (thing === undefined) throw new Error('expected at least one')
  return thing
}
