/**
 * Servers that answer with a presigned POST and nothing else: boto3's `generate_presigned_post`, and whoever copied
 * its `{url, fields}`. Nothing is told to the server afterwards.
 */
import { UploadError } from '../core/errors.ts'
import type { BackendCall, Entries, FileFacts, UploadBackend } from '../core/ports.ts'
import type { JsonServerOptions } from './http-json.ts'
import { badAnswer, postJson } from './http-json.ts'

/** What boto3's `generate_presigned_post` returns. */
export interface PresignedPost {
  url: string
  fields: Readonly<Record<string, string>> | Entries
}

/** What the backend fills in. */
export type PresignedPostTypes = { ref: null; options: unknown; record: never; result: undefined }

/** Options of {@link presignedPost}. */
export interface PresignedPostOptions extends Omit<JsonServerOptions, 'endpoint'> {
  /**
   * A URL, which is sent `POST {"file_name": "photo.png"}` and answers `{url, fields}`; or a function that gives
   * the same by any other way.
   */
  readonly from: string | ((file: FileFacts, call: BackendCall) => Promise<PresignedPost>)
  /** How long the server's policies live, in seconds (boto3's `ExpiresIn`). Default 3600. */
  readonly expiresIn?: number
}

/**
 * The backend for `{url, fields}`.
 * @example createUploader({ backend: presignedPost({ from: '/presigned' }) })
 */
export function presignedPost(options: PresignedPostOptions): UploadBackend<PresignedPostTypes> {
  const { from, expiresIn = 3600 } = options
  const isUrl = typeof from === 'string'
  const source = isUrl ? from : 'the function'
  const ask = async (file: FileFacts, call: BackendCall): Promise<unknown> => {
    if (!isUrl) return from(file, call)
    return parseJson(source, await postJson({ ...options, endpoint: from }, { file_name: file.name }, call))
  }
  return {
    name: 'presigned-post',
    batchSize: 1,
    signsAhead: () => true,
    parseRef: () => null,
    createUploads: (files, call) =>
      Promise.all(
        files.map(async (file) => {
          const { url, fields } = parsePresignedPost(source, await ask(file, call))
          return { ok: true, ref: null, target: { type: 'post', urls: [url], fields, expiresIn } }
        }),
      ),
  }
}

function parseJson(source: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Without the parser's words: they quote the text, and it may hold a signature.
    throw unusable(source, 'it is not JSON.')
  }
}

/** Also the shapes that API Gateway gives: a JSON string (encoded twice), and `{statusCode, body}`. */
function parsePresignedPost(source: string, value: unknown, depth = 0): { url: string; fields: Entries } {
  if (depth > 2) throw unusable(source, 'it is wrapped too often.')
  if (typeof value === 'string') return parsePresignedPost(source, parseJson(source, value), depth + 1)
  if (!isRecord(value)) throw unusable(source, 'it is not an object.')
  if (typeof value.body === 'string' && value.url === undefined)
    return parsePresignedPost(source, value.body, depth + 1)
  // A lambda that threw answers 200 with its error in the body.
  if (typeof value.errorMessage === 'string')
    throw new UploadError('signer-failed', 'later', `The signing function failed: ${value.errorMessage}`)
  const { url, fields } = value
  if (typeof url !== 'string' || !/^https?:\/\//.test(url))
    throw unusable(source, '`url` is not an http(s) URL.')
  const pairs: unknown = Array.isArray(fields)
    ? fields
    : isRecord(fields)
      ? Object.entries(fields)
      : undefined
  if (!isEntries(pairs)) throw unusable(source, '`fields` does not map names to texts.')
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

const unusable = (source: string, why: string): UploadError =>
  badAnswer(source, `${why} It must be {"url": "https://…", "fields": {…}}.`)
