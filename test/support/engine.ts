import { createUploader } from '../../src/core/index.ts'
import type { Line, UploadItem, Uploader, UploaderOptions, UploadStatus } from '../../src/core/index.ts'
import { loadScreening } from '../../src/core/screening-chunk.ts'
import { scriptedBackend, scriptedTransport } from '../../src/testing/index.ts'
import type {
  ScriptedBackend,
  ScriptedBackendOptions,
  ScriptedExchange,
  ScriptedTransport,
} from '../../src/testing/index.ts'

// Fetched where an app has rules: here they are at hand, as they are by the time that a user chooses a file.
await loadScreening()

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

/** A file whose bytes differ from place to place (a period of 251), so that parts in a wrong order show. */
export function patternFile(name: string, size: number, seed = 0, lastModified = 1_700_000_000_000): File {
  return new File([new Uint8Array(size).map((_, at) => (at + seed) % 251)], name, { lastModified })
}

/** An answer of S3 that is an error. */
export function errorAnswer(
  status: number,
  code: string,
  message = '',
): { status: number; headers: Readonly<Record<string, string>>; text: string } {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    text: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  }
}

/** Answers every request as it comes, until the test ends; one that takes its time holds up none of the others. */
export function serve(
  transport: ScriptedTransport,
  answer: (exchange: ScriptedExchange) => void | Promise<void>,
): void {
  const loop = async (): Promise<never> => {
    for (;;) void answer(await transport.next())
  }
  void loop()
}

// Taken before any test puts a clock of its own in their place.
const { setImmediate: realImmediate } = globalThis

/**
 * Lets everything happen that can happen by itself, at the clock's present time: for saying that something does *not*
 * happen. What must happen is waited for.
 */
export async function quiet(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => void realImmediate(resolve))
}

/** Waits for a state, on the real clock whatever the test's clock does. */
export async function eventually(check: () => boolean, what = check.toString()): Promise<void> {
  for (let turn = 0; turn < 5000; turn++) {
    if (check()) return
    await quiet(1)
  }
  throw new Error(`It never came to this: ${what}`)
}

/** A line that the test cuts and mends. */
export interface TestLine extends Line {
  online: boolean
  /** The line is back, and the browser says so. */
  mend: () => void
}

/** Makes a line that is up. */
export function testLine(): TestLine {
  const listeners = new Set<() => void>()
  const line: TestLine = {
    online: true,
    isOnline: () => line.online,
    onOnline(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    mend() {
      line.online = true
      for (const listener of listeners) listener()
    },
  }
  return line
}

/**
 * Fetches the engine's chunks, so that later `import()`s answer from memory: with a clock that stands still nothing else
 * would tell a chunk that is on its way from a request that never comes.
 */
export async function loadChunks(): Promise<void> {
  await Promise.all([
    import('../../src/core/recovery/index.ts'),
    import('../../src/core/transfers/parts-chunk.ts'),
    import('../../src/core/integrity/digest.ts'),
    import('../../src/core/page-guard.ts'),
  ])
}
