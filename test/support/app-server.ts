/** An app's own server on 127.0.0.1: what it is asked is written down, and a test can let it fail. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What came. */
export interface AppRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** What goes back. Default: 200 with no body. */
export interface AppAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly text?: string
}

/** What is asked, in words that hold for every protocol. */
export type AppCallKind =
  | 'create'
  | 'sign-parts'
  | 'list-parts'
  | 'complete'
  | 'abort'
  | 'probe'
  | 'confirm'
  | 'release'
  | 'list'
  | 'other'

/** One call that came. */
interface AppCall {
  readonly kind: AppCallKind
  /** How many files it is about. */
  readonly files: number
  readonly request: AppRequest
  /** What the test's `observe` said when it came. */
  readonly seen: unknown
}

/** What goes wrong: this answer instead of the server's, no answer though it was carried out, or none at all. */
export type AppFault = AppAnswer | 'lost' | 'hang'

/** A protocol's server side. */
export interface AppProtocol {
  describe: (request: AppRequest) => { kind: AppCallKind; files: number }
  handle: (request: AppRequest) => AppAnswer | Promise<AppAnswer>
}

/** A running server. */
export interface AppServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly calls: readonly AppCall[]
  /** Calls of one kind. */
  of: (kind: AppCallKind) => readonly AppCall[]
  /** The next calls of that kind go wrong. */
  fail: (kind: AppCallKind, fault: AppFault, times?: number) => void
  /** Looked at when a call comes; kept with it as `seen`. */
  observe: () => unknown
  close: () => Promise<void>
}

export async function startAppServer(protocol: AppProtocol): Promise<AppServer> {
  const calls: AppCall[] = []
  const faults: { kind: AppCallKind; fault: AppFault; left: number }[] = []

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://app.test')
    const request: AppRequest = {
      method: incoming.method ?? '',
      path: pathname,
      query: searchParams,
      headers: incoming.headers,
      text: Buffer.concat(chunks).toString(),
    }
    const { kind, files } = protocol.describe(request)
    calls.push({ kind, files, request, seen: server.observe() })
    const planned = faults.find((one) => one.kind === kind && one.left > 0)
    if (planned) planned.left -= 1
    const fault = planned?.fault
    if (fault === 'hang') return
    const {
      status = 200,
      headers = {},
      text = '',
    } = typeof fault === 'object' ? fault : await protocol.handle(request)
    if (fault === 'lost') return void incoming.socket.destroy()
    outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
  }

  const http = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      // A protocol server that throws is a mistake in the test: it must not look like a refusal.
      console.error('the test server failed:', error)
      outgoing.destroy()
    })
  })
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo

  const server: AppServer = {
    url: `http://127.0.0.1:${port}`,
    calls,
    of: (kind) => calls.filter((call) => call.kind === kind),
    fail: (kind, fault, times = 1) => void faults.push({ kind, fault, left: times }),
    observe: () => undefined,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
  return server
}

/** JSON as an answer. */
export const jsonAnswer = (value: unknown, status = 200): AppAnswer => ({
  status,
  text: JSON.stringify(value),
})
