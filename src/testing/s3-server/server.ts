/** A strict local S3, for development and tests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'

import type { S3Credentials } from '../../s3/credentials.ts'
import { KeyRing, type SessionCredentials, type SessionOptions } from './auth/key-ring.ts'
import { defaultCredentials, type Dialect, type ServerState, type UnsignedHeaders } from './call.ts'
import { control, isControl } from './control.ts'
import { checkCors } from './cors/cors-document.ts'
import { dispatch, type ServerParts } from './dispatcher.ts'
import { FaultBook, type Faults } from './faults/fault-book.ts'
import type { Delay } from './faults/fault-plan.ts'
import { RequestBody } from './http/body.ts'
import { requireBucketName } from './operations/buckets.ts'
import { RequestLog, type LogEntry } from './request-log.ts'
import { takeSnapshot, type BucketSnapshot } from './snapshot.ts'
import { Catalog } from './store/catalog.ts'
import { openDiskStorage } from './store/disk-storage.ts'
import { openMemoryStorage } from './store/memory-storage.ts'

/** Options of {@link startS3Server}; all may be left out. */
export interface S3ServerOptions {
  /** Port to listen on. Default: 0, which takes any free one. */
  readonly port?: number
  /** Address to listen on. Default: `127.0.0.1`, which nobody else can reach. */
  readonly host?: string
  /** Folder to keep everything in, made if need be; it outlives the server. Default: none, all is kept in memory. */
  readonly directory?: string
  /** Key pairs that may do everything. Default: `local` / `local-secret`. */
  readonly credentials?: readonly S3Credentials[]
  /** The one region that signatures must name. Default: `us-east-1`. */
  readonly region?: string
  /** Which store to play. Default: `aws`. */
  readonly dialect?: Dialect
  /** Treatment of `x-amz-*` headers that nobody signed. Default: `refused`, as on AWS. The others are for tests. */
  readonly unsignedHeaders?: UnsignedHeaders
  /** S3's clock. Default: the real one. */
  readonly now?: () => Date
  /** Milliseconds without a byte of a body after which S3 answers `RequestTimeout`. Default: 30,000. 0: never. */
  readonly idleTimeout?: number
  /** What the chances of faults come from: the same seed, rules and requests give the same faults. Default: 1. */
  readonly faultSeed?: number
  /**
   * Opens `/_control/faults`, `/_control/log` and `/_control/snapshot` to other processes on this machine. Default: false.
   */
  readonly control?: boolean
  /** How faults wait, for tests with a time of their own. Default: by the real clock. */
  readonly delay?: Delay
  /** Told of errors that are no refusals, which are answered 500. Default: written to stderr. */
  readonly onError?: (error: unknown) => void
}

/** A CORS rule for {@link S3Server.createBucket}. */
export interface CorsRuleInput {
  /** Exact origins, with at most one `*` each. */
  readonly allowedOrigins: readonly string[]
  readonly allowedMethods: readonly ('GET' | 'PUT' | 'HEAD' | 'POST' | 'DELETE')[]
  /** Request headers, with at most one `*` each. Default: none, then no preflight that names a header passes. */
  readonly allowedHeaders?: readonly string[]
  /** Answer headers that pages may read. Default: none. */
  readonly exposeHeaders?: readonly string[]
  /** Seconds a browser may remember a preflight. */
  readonly maxAgeSeconds?: number
}

/** A running server. */
export interface S3Server {
  /** `http://127.0.0.1:<port>`, without a slash at the end. Buckets are `<endpoint>/<bucket>`, or `<bucket>.localhost`. */
  readonly endpoint: string
  readonly port: number
  readonly region: string
  /** The first key pair. */
  readonly credentials: S3Credentials
  /**
   * Makes the bucket unless it exists. Its CORS rules, if given, replace what it had.
   * @throws S3Error InvalidBucketName, MalformedXML or InvalidRequest (rules that S3 refuses)
   */
  createBucket(name: string, options?: { readonly cors?: readonly CorsRuleInput[] }): Promise<void>
  /** Temporary credentials, as STS would issue them. */
  issueSession(options?: SessionOptions): SessionCredentials
  /** What is to go wrong. */
  readonly faults: Faults
  /** The latest requests (up to 10,000), in the order in which they came; entries fill up while their requests run. */
  readonly log: readonly LogEntry[]
  /** Forgets the log so far. */
  clearLog(): void
  /** All that is stored, with the SHA-256 of each object's bytes as they are stored. */
  snapshot(): Promise<BucketSnapshot[]>
  /** Ends all connections and frees the port. What was stored in a folder stays. May be called twice. */
  close(): Promise<void>
}

/**
 * Starts a server that may refuse more than S3 and never accepts what S3 refuses.
 * @throws Error if the port is taken (`cause` is Node's error, code `EADDRINUSE`), if another server has the folder
 * (code `EBUSY`), or if it holds something else
 */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const { host = '127.0.0.1', region = 'us-east-1', now = () => new Date() } = options
  const credentials = options.credentials ?? [defaultCredentials]
  const [first] = credentials
  if (!first) throw new TypeError('The server needs at least one key pair.')
  const storage =
    options.directory === undefined ? openMemoryStorage() : await openDiskStorage(options.directory)
  const letGo = async (error: unknown): Promise<never> => {
    await storage.close()
    throw error
  }
  const state: ServerState = {
    catalog: await Catalog.open(storage).catch(letGo),
    ring: new KeyRing(credentials),
    region,
    dialect: options.dialect ?? 'aws',
    unsignedHeaders: options.unsignedHeaders ?? 'refused',
    now,
  }
  const report = options.onError ?? ((error: unknown) => console.error('local S3:', error))

  const closing = new AbortController()
  const [faults, log] = [new FaultBook(options.faultSeed ?? 1), new RequestLog()]
  const { delay = realDelay } = options
  const parts: ServerParts = { state, faults, log, delay, closing: closing.signal, report }

  const running = new Set<Promise<void>>()
  // Node would end requests after 5 minutes; uploads may take longer, as long as bytes come.
  const server = createServer({ keepAliveTimeout: 20_000, requestTimeout: 0, maxHeaderSize: 32_768 })
  server.setTimeout(options.idleTimeout ?? 30_000)
  const handle = (message: IncomingMessage, response: ServerResponse) => {
    const controls = options.control === true && isControl(message)
    const work = (
      controls
        ? control(
            { faults, log, catalog: state.catalog },
            message,
            new RequestBody(message, response),
            response,
          )
        : dispatch(parts, message, response)
    ).then(
      () => void running.delete(work),
      (error: unknown) => {
        running.delete(work)
        report(error)
        response.destroy()
      },
    )
    running.add(work)
  }
  server.on('request', handle)
  // Whoever waits for "100 Continue" gets it when the body is first read: a refusal comes before.
  server.on('checkContinue', handle)
  const port = await listen(server, options.port ?? 0, host).catch(letGo)

  return {
    endpoint: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    region,
    credentials: first,
    async createBucket(name, { cors } = {}) {
      requireBucketName(name)
      const known = state.catalog.buckets.get(name)?.record
      const rules =
        cors && checkCors(cors.map((rule) => ({ allowedHeaders: [], exposeHeaders: [], ...rule })))
      await state.catalog.saveBucket({
        ...(known ?? { name, createdAt: now().getTime() }),
        ...(rules && { cors: rules }),
      })
    },
    issueSession: (session = {}) => state.ring.issueSession(session, now()),
    faults,
    get log() {
      return log.entries
    },
    clearLog: () => log.clear(),
    snapshot: () => takeSnapshot(state.catalog),
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      closing.abort()
      server.closeAllConnections()
      await closed
      await Promise.all(running)
      await storage.close()
    },
  }
}

async function realDelay(milliseconds: number, signal: AbortSignal): Promise<void> {
  // A timer holds 2^31 - 1 ms; what is meant to be for good is longer than any test.
  await setTimeout(Math.min(milliseconds, 2 ** 31 - 1), undefined, { signal })
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const taken = 'code' in cause && cause.code === 'EADDRINUSE'
      reject(
        new Error(
          taken
            ? `Port ${port} on ${host} is taken. Stop what listens there, or choose another port.`
            : `The local S3 cannot listen on ${host}:${port}.`,
          { cause },
        ),
      )
    })
    server.listen(port, host, resolve)
  })
  const address: AddressInfo | string | null = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The local S3 listens on no port.')
  return address.port
}
