import { once } from 'node:events'
import type { Server } from 'node:http'

/** Is this the error of a port that somebody else has? Also through our own errors, which keep it as `cause`. */
function isPortTaken(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === 'EADDRINUSE') || isPortTaken(error.cause)
}

/**
 * Calls `start` with the port and, while that is taken, with the next ones (20 at most), saying so.
 * @throws what `start` throws, if it is anything else
 */
export async function onFreePort<T>(
  what: string,
  first: number,
  start: (port: number) => Promise<T>,
  say: (line: string) => void,
): Promise<T> {
  for (let port = first; ; port++) {
    try {
      return await start(port)
    } catch (error) {
      if (!isPortTaken(error) || port - first >= 20) throw error
      say(`Port ${port} is taken, so the ${what} takes the next one.`)
    }
  }
}

/** Listens on loopback. Resolves with the port (0 takes any free one), rejects with the server's error (EADDRINUSE). */
export async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening') // rejects when 'error' comes first
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}
