/** What the cases of `backendConformance` play on: the local S3, a protocol's server, and the real engine between them. */
import { createHash } from 'node:crypto'

import { expect } from 'vitest'

import { createUploader, UploadError } from '../../../src/core/index.ts'
import type {
  BackendCall,
  BackendTypes,
  Grant,
  HttpRequest,
  Uploader,
  UploaderOptions,
  UploadBackend,
  UploadBatchOutcome,
  UploadRequest,
} from '../../../src/core/index.ts'
import type { ObjectSnapshot, S3Server, UploadSnapshot } from '../../../src/testing/s3-server/index.ts'
import type { AppServer } from '../../support/app-server.ts'
import { nodeTransport } from '../../support/node-transport.ts'

/** One backend with the server that it speaks to. */
export interface BackendBench {
  readonly backend: UploadBackend
  readonly app: AppServer
  /** The keys that were granted, in order. */
  readonly granted: readonly { readonly name: string; readonly key: string }[]
}

/** Where a protocol's server lets files go. */
export interface BenchPlace {
  readonly s3: S3Server
  readonly bucket: string
}

/** One test's stage. */
export interface Stage extends BackendBench, BenchPlace {
  /** Every request of engine and backend. */
  readonly requests: readonly HttpRequest[]
  /** What every error said. */
  readonly messages: string[]
  /** Makes an engine; it is ended with the test. */
  engine(options?: Partial<UploaderOptions>): Uploader
  /** Uploads with an engine of its own. */
  upload(files: readonly File[], options?: Partial<UploaderOptions>): Promise<UploadBatchOutcome>
  /** What the engine lends a backend, for calls without an engine. */
  call(signal?: AbortSignal): BackendCall
  objects(): Promise<readonly ObjectSnapshot[]>
  openUploads(): Promise<readonly UploadSnapshot[]>
  /** Requests that S3 had of this kind. */
  count(operation: string): number
  /** The bucket holds these files and nothing else, each under a key that was granted for it. */
  expectStored(files: readonly File[]): Promise<void>
  end(): Promise<void>
}

export function openStage(place: BenchPlace, bench: BackendBench): Stage {
  const { s3, bucket } = place
  const requests: HttpRequest[] = []
  const messages: string[] = []
  const engines: Uploader[] = []
  const transport = nodeTransport((request) => requests.push(request))

  const snapshot = async () => (await s3.snapshot()).find(({ name }) => name === bucket)
  const stage: Stage = {
    ...place,
    ...bench,
    requests,
    messages,
    engine(options = {}) {
      const uploader = createUploader({
        backend: bench.backend,
        transport,
        resume: false,
        retryDelay: 0,
        ...options,
        onStatus(item) {
          if ('error' in item && item.error) messages.push(item.error.message)
        },
      })
      engines.push(uploader)
      return uploader
    },
    async upload(files, options) {
      const uploader = stage.engine(options)
      const items = uploader.add(files)
      return uploader.whenSettled(items.map(({ id }) => id))
    },
    call: (signal = new AbortController().signal) => ({
      signal,
      now: Date.now,
      send: (request) => transport.send(request, { signal }),
    }),
    objects: async () => (await snapshot())?.objects ?? [],
    openUploads: async () => (await snapshot())?.uploads ?? [],
    count: (operation) =>
      s3.log.filter((entry) => entry.operation === operation && entry.bucket === bucket).length,
    async expectStored(files) {
      const stored = await stage.objects()
      expect(stored).toHaveLength(files.length)
      const left = [...stored]
      for (const file of files) {
        const keys = new Set(bench.granted.filter(({ name }) => name === file.name).map(({ key }) => key))
        const hash = await sha256(file)
        const at = left.findIndex((object) => keys.has(object.key) && object.sha256 === hash)
        expect(at, `${file.name} among ${left.map(({ key }) => key).join(', ')}`).toBeGreaterThanOrEqual(0)
        left.splice(at, 1)
      }
    },
    async end() {
      for (const uploader of engines) uploader.destroy()
      await Promise.all([bench.app.close(), s3.close()])
      expectNoSecrets(messages, requests)
    },
  }
  return stage
}

/** A request for a target, as the engine makes it. */
export function asking<T extends BackendTypes = BackendTypes>(
  file: File,
  facts: Partial<UploadRequest<T>> = {},
): UploadRequest<T> {
  const { name, size, type, lastModified } = file
  return {
    id: `item-${name}`,
    source: file,
    name,
    size,
    type,
    lastModified,
    options: undefined,
    reason: 'first',
    accepts: ['post', 'put', 'multipart'],
    ...facts,
  }
}

/** The one grant that was asked for. */
export async function grantFor(
  stage: Stage,
  file: File,
  facts: Partial<UploadRequest> = {},
): Promise<Grant & { ok: true }> {
  const [grant] = await stage.backend.createUploads([asking(file, facts)], stage.call())
  if (grant?.ok) return grant
  throw grant?.error ?? new Error('There is no verdict.')
}

/** The error that a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<UploadError> {
  const reason: unknown = await promise.then(
    () => new Error('It succeeded.'),
    (error: unknown) => error,
  )
  if (reason instanceof UploadError) return reason
  throw reason
}

const sha256 = async (file: Blob): Promise<string> =>
  createHash('sha256')
    .update(await file.bytes())
    .digest('hex')

const secretFields = new Set(['policy', 'signature', 'x-amz-signature', 'x-amz-security-token'])

/** No error's words hold what opens a door: they are logged, shown and sent to trackers. */
function expectNoSecrets(messages: readonly string[], requests: readonly HttpRequest[]): void {
  const secrets = new Set<string>()
  for (const { url, headers = [], body } of requests) {
    for (const [name, value] of headers)
      if (name.toLowerCase() === 'authorization') secrets.add(/Signature=(.*)/.exec(value)?.[1] ?? value)
    const signature = /[?&]X-Amz-Signature=([^&]*)/i.exec(url)?.[1]
    if (signature) secrets.add(signature)
    for (const [name, value] of body?.kind === 'form' ? body.fields : [])
      if (secretFields.has(name.toLowerCase())) secrets.add(value)
  }
  for (const secret of secrets)
    for (const message of messages) expect(message.includes(secret), 'a secret in an error').toBe(false)
}
