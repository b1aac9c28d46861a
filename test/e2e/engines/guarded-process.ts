/** Programs that never outlive the tests. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A program that runs. */
export interface GuardedProcess {
  child: ChildProcess
  /** What it printed to stderr last, for errors. */
  said: () => string
  hasEnded: () => boolean
  stop: () => Promise<void>
}

/**
 * A shell that stops the program as soon as its own standard input ends: the system sees to that even where this
 * process is killed and can stop nothing itself.
 */
const guard =
  'exec 4<&0; "$@" 4<&- & program=$!; (cat <&4 >/dev/null; kill $program) 2>/dev/null & wait $program'

/** Starts it. Its descriptor 3 is a pipe to read from. */
export function startGuarded(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): GuardedProcess {
  const child = spawn('sh', ['-c', guard, 'sh', ...command], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)))
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    child,
    said: () => said,
    hasEnded,
    async stop() {
      const gone = hasEnded() ? undefined : once(child, 'exit')
      child.stdin?.end()
      await gone
    },
  }
}
