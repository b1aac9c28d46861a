/** Signers over a local S3 that takes unsigned headers, or over a store that is scripted, and the requests they sent. */
import { onTestFinished, vi } from 'vitest'

import type { SignFile, SignVerdict, WirePutTarget } from '../../../src/protocol/wire.ts'
import type { FetchLike, StorageOptions, UploadHandler } from '../../../src/server/index.ts'
import type { S3Server, UnsignedHeaders } from '../../../src/testing/s3-server/index.ts'
import { startS3Server } from '../../../src/testing/s3-server/index.ts'
import type { Answer, Options } from '../support.ts'
import { aFile, call, makeHandler, post, sign, start } from '../support.ts'

export const bucket = 'uploads'
/** What a browser that sends everything can send. */
export const all = ['post', 'put', 'multipart'] as const

/** A fetch of its own: answers of stores are remembered with it. It writes down what the signer sends. */
export function watchedFetch(answer: FetchLike = (url, init) => fetch(url, init)) {
  const sent: { method: string; url: URL; headers: Headers }[] = []
  const watched = vi.fn((url: string, init: RequestInit) => {
    sent.push({ method: init.method ?? 'GET', url: new URL(url), headers: new Headers(init.headers) })
    return answer(url, init)
  })
  return { fetch: watched, sent, methods: (): string[] => sent.map(({ method }) => method) }
}

/** A local S3 until the test has finished, with an object that nobody but its owner may read. */
export async function openStore(unsignedHeaders: UnsignedHeaders) {
  const server = await startS3Server({
    region: 'eu-central-1',
    unsignedHeaders,
    now: () => new Date(start),
  })
  onTestFinished(() => server.close())
  await server.createBucket(bucket)
  return { server, storage: storageOf(server), secret: `/${bucket}/${await putSecret(server)}` }
}

export const storageOf = ({
  region,
  endpoint,
  credentials,
}: S3Server): StorageOptions & { readonly endpoint: string } => ({
  bucket,
  region,
  endpoint,
  credentials,
})

/** The keys of what is stored. */
export async function keysIn(server: S3Server): Promise<string[]> {
  const [found] = await server.snapshot()
  return (found?.objects ?? []).map(({ key }) => key)
}

async function putSecret(server: S3Server): Promise<string> {
  const handler = makeHandler({
    storage: { ...storageOf(server), capabilities: { unsignedHeaders: 'refused' } },
    key: () => 'secret.txt',
  })
  const target = await grantPut(handler, { size: 10, name: 'secret.txt', type: 'text/plain' })
  const answer = await send(target, 'TOP SECRET')
  if (answer.status !== 200) throw new Error(answer.text)
  return 'secret.txt'
}

/** A handler that collects what it reports. */
export function signer(options: Options): { handler: UploadHandler; reports: string[] } {
  const reports: string[] = []
  const onError = (error: unknown): void => void reports.push(String(error))
  return { handler: makeHandler({ fetch: watchedFetch().fetch, onError, ...options }), reports }
}

/** How a file is granted, or with which code it is refused. */
export async function grantOf(handler: UploadHandler, facts: Partial<SignFile>): Promise<string> {
  const [verdict] = await sign(handler, aFile(facts))
  return typeOf(verdict)
}

export const typeOf = (verdict: SignVerdict | undefined): string =>
  verdict?.ok ? verdict.target.type : (verdict?.error.code ?? 'nothing')

export async function grantPut(
  handler: UploadHandler,
  facts: Partial<SignFile> = {},
): Promise<WirePutTarget> {
  const [verdict] = await sign(handler, aFile({ size: 3, accepts: ['put'], ...facts }))
  if (verdict?.ok && verdict.target.type === 'put') return verdict.target
  throw new Error(`Granted no PUT: ${JSON.stringify(verdict)}`)
}

/** Begins an upload in parts. */
export async function beginParts(handler: UploadHandler, size = 3): Promise<string> {
  const [verdict] = await sign(handler, aFile({ size, accepts: ['multipart'] }))
  if (verdict?.ok && verdict.target.type === 'multipart') return verdict.receipt
  throw new Error(`Granted no parts: ${JSON.stringify(verdict)}`)
}

export const signPart = (handler: UploadHandler, receipt: string, size = 3): Promise<Answer> =>
  call(handler, post({ v: 1, action: 'sign-parts', receipt, parts: [{ number: 1, size }] }))

/** The URL and the headers of the only part. */
export async function grantPart(
  handler: UploadHandler,
  receipt: string,
  size = 3,
): Promise<{ url: string; headers: [string, string][] }> {
  const answer = await signPart(handler, receipt, size)
  const [part] = (answer.body['parts'] ?? []) as { url: string; headers: [string, string][] }[]
  if (!part) throw new Error(`Granted no part: ${answer.text}`)
  return part
}

/** Sends what was granted, with headers besides. */
export async function send(
  { url, headers: granted }: { readonly url: string; readonly headers: Iterable<readonly [string, string]> },
  body: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{ status: number; text: string }> {
  const headers = { ...Object.fromEntries(granted), ...more }
  const answer = await fetch(url, { method: 'PUT', headers, body })
  return { status: answer.status, text: await answer.text() }
}
