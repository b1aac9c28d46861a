import { once } from 'node:events'
import type { Server } from 'node:http'

/** Does the error, or one behind it, have this code? Our own errors keep Node's as `cause`. */
function hasCode(error: unknown, code: string): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === code) || hasCode(error.cause, code)
}

/**
 * Calls `start` with one place after the other (20 at most) until one is free, and says which were not.
 * @param code of the error that means that somebody else has the place
 * @throws what `start` throws, if it is anything else
 */
async function onFreePlace<P, T>(
  code: string,
  placeAt: (index: number) => P,
  start: (place: P) => Promise<T>,
  sayTaken: (place: P) => void,
): Promise<T> {
  for (let index = 0; ; index++) {
    const place = placeAt(index)
    try {
      return await start(place)
    } catch (error) {
      if (!hasCode(error, code) || index >= 20) throw error
      sayTaken(place)
    }
  }
}

/** Calls `start` with the port and, while that is taken, with the next ones, saying so. */
export function onFreePort<T>(
  what: string,
  first: number,
  start: (port: number) => Promise<T>,
  say: (line: string) => void,
): Promise<T> {
  const sayTaken = (port: number): void => say(`Port ${port} is taken, so the ${what} takes the next one.`)
  return onFreePlace('EADDRINUSE', (index) => first + index, start, sayTaken)
}

/** Calls `start` with the folder and, while another server has it, with `<folder>-2` and so on, saying so. */
export function inFreeFolder<T>(
  folder: string,
  start: (folder: string) => Promise<T>,
  say: (line: string) => void,
): Promise<T> {
  const folderAt = (index: number): string => (index === 0 ? folder : `${folder}-${index + 1}`)
  const sayTaken = (taken: string): void =>
    say(`Another demo keeps its objects in ${taken}, so this one takes the next.`)
  return onFreePlace('EBUSY', folderAt, start, sayTaken)
}

/** Listens on loopback. Resolves with the port (0 takes any free one), rejects with the server's error (EADDRINUSE). */
export async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening') // rejects when 'error' comes first
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}
