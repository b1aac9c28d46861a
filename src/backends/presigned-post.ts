/**
 * Servers that answer with a presigned POST and nothing else: boto3's `generate_presigned_post`, and whoever copied
 * its `{url, fields}`. Nothing is told to the server afterwards.
 */
import { UploadError } from '../core/errors.ts'
import type { BackendCall, Entries, FileFacts, Grant, UploadBackend, UploadRequest } from '../core/ports.ts'

/** What boto3's `generate_presigned_post` returns. */
export interface PresignedPost {
  url: string
  fields: Readonly<Record<string, string>> | Entries
}

/** What the backend fills in. */
export type PresignedPostTypes = { ref: null; options: unknown; record: never; result: undefined }

/** Options of {@link presignedPost}. */
export interface PresignedPostOptions {
  /**
   * A URL, which is sent `POST {"file_name": "photo.png"}` and answers `{url, fields}`; or a function that gives
   * the same by any other way.
   */
  from: string | ((file: FileFacts, call: BackendCall) => Promise<PresignedPost>)
  /** Sent with each request to the URL. A function is asked each time, so that a token can be fresh. */
  headers?: Readonly<Record<string, string>> | (() => HeadersValue | Promise<HeadersValue>)
  /** Send cookies to another origin. Default `same-origin`. */
  credentials?: 'same-origin' | 'include'
  /** How long the server's policies live, in seconds (boto3's `ExpiresIn`). Default 3600. */
  expiresIn?: number
}
type HeadersValue = Readonly<Record<string, string>>

/**
 * The backend for `{url, fields}`.
 * @example createUploader({ backend: presignedPost({ from: '/presigned' }) })
 */
export function presignedPost(options: PresignedPostOptions): UploadBackend<PresignedPostTypes> {
  const { from, expiresIn = 3600 } = options
  const grant = async (
    file: UploadRequest<PresignedPostTypes>,
    call: BackendCall,
  ): Promise<Grant<PresignedPostTypes>> => {
    const given: unknown =
      typeof from === 'string' ? await ask(from, file, options, call) : await from(file, call)
    const { url, fields } = parsePresignedPost(given)
    return { ok: true, ref: null, target: { type: 'post', urls: [url], fields, expiresIn } }
  }
  return {
    name: 'presigned-post',
    batchSize: 1,
    signsAhead: () => true,
    parseRef: () => null,
    createUploads: (files, call) => Promise.all(files.map((file) => grant(file, call))),
  }
}

async function ask(
  url: string,
  file: FileFacts,
  { headers, credentials }: PresignedPostOptions,
  call: BackendCall,
): Promise<unknown> {
  const own = typeof headers === 'function' ? await headers() : headers
  const answer = await call
    .send({
      method: 'POST',
      url,
      headers: [
        ['Content-Type', 'application/json'],
        ['Accept', 'application/json'],
        ...Object.entries(own ?? {}),
      ],
      body: { kind: 'text', text: JSON.stringify({ file_name: file.name }) },
      ...(credentials && { credentials }),
    })
    .catch((cause: unknown) => {
      throw signerUnreachable(cause)
    })
  const { status, text } = answer
  if (status === 401 || status === 403)
    throw new UploadError('unauthorized', 'never', `The signing server refuses: status ${status}.`, {
      status,
    })
  if (status >= 500)
    throw new UploadError('signer-failed', 'later', `The signing server failed: status ${status}.`, {
      status,
    })
  if (status < 200 || status > 299)
    throw new UploadError('refused', 'never', `The signing server refuses the file: status ${status}.`, {
      status,
    })
  return parseJson(text)
}

function signerUnreachable(cause: unknown): unknown {
  if (!(cause instanceof UploadError) || cause.code !== 'network') return cause
  return new UploadError(
    'signer-unreachable',
    'later',
    `The signing server did not answer. ${cause.message}`,
    { cause },
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw badAnswer('it is not JSON', cause)
  }
}

/** Also the shapes that API Gateway gives: a JSON string (encoded twice), and `{statusCode, body}`. */
function parsePresignedPost(value: unknown, depth = 0): { url: string; fields: Entries } {
  if (depth > 2) throw badAnswer('it is wrapped too often')
  if (typeof value === 'string') return parsePresignedPost(parseJson(value), depth + 1)
  if (!isRecord(value)) throw badAnswer('it is not an object')
  if (typeof value.body === 'string' && value.url === undefined)
    return parsePresignedPost(value.body, depth + 1)
  // A lambda that threw answers 200 with its error in the body.
  if (typeof value.errorMessage === 'string')
    throw new UploadError('signer-failed', 'later', `The signing function failed: ${value.errorMessage}`)
  const { url, fields } = value
  if (typeof url !== 'string' || !/^https?:\/\//.test(url)) throw badAnswer('`url` is not an http(s) URL')
  const pairs: unknown = Array.isArray(fields)
    ? fields
    : isRecord(fields)
      ? Object.entries(fields)
      : undefined
  if (!isEntries(pairs)) throw badAnswer('`fields` does not map names to texts')
  return { url, fields: pairs }
}

function isEntries(value: unknown): value is [string, string][] {
  return (
    Array.isArray(value) &&
    value.every(
      (pair) => Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string'),
    )
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function badAnswer(what: string, cause?: unknown): UploadError {
  return new UploadError(
    'bad-answer',
    'never',
    `The signing server's answer cannot be used: ${what}. It must be {"url": "https://…", "fields": {…}}.`,
    cause === undefined ? {} : { cause },
  )
}
