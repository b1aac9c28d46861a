/** Other pages of this origin, as frames: each has its own globals and its own locks, as a tab has. */
import { afterEach } from 'vitest'

const frames = new Set<HTMLIFrameElement>()

afterEach(() => {
  for (const frame of frames) closeFrame(frame)
})

/** A page of its own that has imported a module. */
export interface ModuleFrame {
  /** What the module exports. */
  readonly module: unknown
  /** As a tab is closed. */
  readonly close: () => void
}

/**
 * @param path from the project's root
 * @param policy Content-Security-Policy of the page
 */
export async function importInFrame(
  path: string,
  { policy }: { policy?: string } = {},
): Promise<ModuleFrame> {
  const frame = document.createElement('iframe')
  const meta = policy ? `<meta http-equiv="Content-Security-Policy" content="${policy}">` : ''
  frame.srcdoc = `<!doctype html>${meta}<script type="module">
    // What the test runner puts around import() is not in this frame.
    globalThis.__vitest_browser_runner__ = { wrapDynamicImport: (load) => load() }
    frameElement.take(import(${JSON.stringify(path)}))
  </script>`
  const taken = new Promise((resolve) => Object.assign(frame, { take: resolve }))
  frames.add(frame)
  document.body.append(frame)
  return { module: await taken, close: () => closeFrame(frame) }
}

function closeFrame(frame: HTMLIFrameElement): void {
  frame.remove()
  frames.delete(frame)
}
