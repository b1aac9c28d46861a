// What both servers are: a port of the system's choice on this machine alone, told on stdout, and an end with their parent.
const host = '127.0.0.1'

/** Listens and prints the port. Ends when stdin does: also where the bench is killed and can stop nothing itself. */
export function serve(server, port = 0) {
  server.keepAliveTimeout = 60_000
  server.headersTimeout = 65_000
  server.requestTimeout = 0
  server.listen({ port, host, backlog: 4096 }, () => console.log(server.address().port))
  process.stdin.on('close', () => process.exit(0)).resume()
}

/** Runs at once where there is nothing to wait for: a timer of 0 ms would cost one. */
export function later(ms, run) {
  if (ms > 0) setTimeout(() => run(), ms)
  else run()
}

/** Milliseconds since 1970, finer than `Date.now()` and the same for all processes of this machine. */
export const now = () => performance.timeOrigin + performance.now()
