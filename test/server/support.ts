/** A signer with a clock and a store of its own, and calls to it as a browser makes them. */
import type { SignFile, SignVerdict, WirePostTarget } from '../../src/protocol/wire.ts'
import type { UploadHandler, UploadHandlerOptions } from '../../src/server/index.ts'
import { createUploadHandler } from '../../src/server/index.ts'

export const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
export const storage = { bucket: 'uploads', region: 'eu-central-1', credentials }
/** A moment with whole seconds, since policies have no finer ones. */
export const start = Date.UTC(2026, 10, 20, 12, 0, 0)
export const url = 'https://app.example.com/api/uploads'

export interface User {
  id: string
}

export type Options = Partial<UploadHandlerOptions<User>>

/** A handler with defaults for tests; errors that nobody expects fail the test that awaits them. */
export function makeHandler(options: Options = {}): UploadHandler {
  return createUploadHandler<User>({
    storage,
    authorize: () => ({ id: 'ann' }),
    now: () => start,
    onError(error) {
      throw error
    },
    fetch: () => Promise.reject(new Error('no store in this test')),
    ...options,
  })
}

export function aFile(facts: Partial<SignFile> = {}): SignFile {
  return {
    id: 'item-1',
    name: 'photo.png',
    size: 1000,
    type: 'image/png',
    reason: 'first',
    accepts: ['post'],
    ...facts,
  }
}

/** A call as a page of the signer's own origin makes it. */
export function post(body: unknown, headers: Record<string, string> = {}): Request {
  return new Request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: 'https://app.example.com',
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

/** A callback that throws. */
export const throwing = (error: unknown) => (): never => {
  throw error
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  body: { [name: string]: unknown }
}

export async function call(handler: UploadHandler, request: Request): Promise<Answer> {
  const response = await handler(request)
  const text = await response.text()
  const body = text === '' ? {} : (JSON.parse(text) as Answer['body'])
  return { status: response.status, headers: response.headers, text, body }
}

/** A call about receipts. */
export const about = (action: string, ...receipts: unknown[]): Request => post({ v: 1, action, receipts })

/** The verdict on the only receipt of a call, as the whole call would have answered it. */
export function only(answer: Answer): Answer {
  const [verdict] = (answer.body['verdicts'] ?? []) as (
    | { ok: boolean; error?: { status: number } }
    | undefined
  )[]
  if (!verdict) return answer
  const { ok, error, ...body } = verdict
  return ok ? { ...answer, body } : { ...answer, status: error?.status ?? 0, body: { ...error } }
}

export async function sign(handler: UploadHandler, ...files: SignFile[]): Promise<SignVerdict[]> {
  const { status, body, text } = await call(handler, post({ v: 1, action: 'sign', files }))
  if (status !== 200) throw new Error(`The signer answered ${status}: ${text}`)
  return body['files'] as SignVerdict[]
}

export interface Granted {
  receipt: string
  target: WirePostTarget
  fields: Map<string, string>
  policy: { expiration: string; conditions: unknown[] }
}

/** Signs one file and takes the grant apart. */
export async function grant(handler: UploadHandler, facts: Partial<SignFile> = {}): Promise<Granted> {
  const [verdict] = await sign(handler, aFile(facts))
  if (!verdict?.ok) throw new Error(`Refused: ${JSON.stringify(verdict)}`)
  const { receipt, target } = verdict
  if (target.type !== 'post') throw new Error(`Granted ${target.type}, not post`)
  const fields = new Map(target.fields)
  const policy = JSON.parse(Buffer.from(fields.get('policy') ?? '', 'base64').toString()) as Granted['policy']
  return { receipt, target, fields, policy }
}

/** The code with which one file is refused; undefined if it is granted. */
export async function refusal(
  handler: UploadHandler,
  facts: Partial<SignFile> = {},
): Promise<string | undefined> {
  const [verdict] = await sign(handler, aFile(facts))
  return verdict?.ok ? undefined : verdict?.error.code
}
