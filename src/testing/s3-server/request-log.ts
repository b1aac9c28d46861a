/** What came and what became of it, for tests to judge by. No signature, token or header value is kept. */
import type { Fault } from './faults/fault.ts'
import type { S3Operation } from './operation.ts'

/** One request. */
export interface LogEntry {
  /** `x-amz-request-id`. */
  readonly id: string
  /** When it began, by the real clock. */
  readonly at: Date
  /** `undefined` where it was none that the server knows. */
  readonly operation: S3Operation | undefined
  readonly method: string
  readonly bucket: string | undefined
  /** Not known of a form, whose key stands inside. */
  readonly key: string | undefined
  readonly partNumber: number | undefined
  readonly uploadId: string | undefined
  readonly origin: string | undefined
  /** `undefined` where the connection ended without an answer. */
  readonly status: number | undefined
  /** S3's code, where it was refused. */
  readonly code: string | undefined
  /** Bytes of the body that were read. */
  readonly bytesReceived: number
  /** Bytes of the answer's body. */
  readonly bytesSent: number
  /** `undefined` while it runs. */
  readonly milliseconds: number | undefined
  /** Faults that happened to it. */
  readonly faults: readonly Fault['type'][]
}

const maxEntries = 10_000

/** An entry while its request runs. */
export type RunningEntry = { -readonly [Name in keyof LogEntry]: LogEntry[Name] }

/**
 * The latest requests, in the order in which they came. An entry is there from the start and fills up: by the time
 * somebody has the answer, its status stands here.
 */
export class RequestLog {
  #entries: LogEntry[] = []

  add(entry: RunningEntry): void {
    this.#entries.push(entry)
    if (this.#entries.length > maxEntries) this.#entries = this.#entries.slice(-maxEntries / 2)
  }

  get entries(): readonly LogEntry[] {
    return this.#entries
  }

  clear(): void {
    this.#entries = []
  }
}
