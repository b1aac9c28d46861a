/** A request before it is written: lists of names and values, so that it can be changed in every way. */
import { encodeRfc3986 } from '../../../src/s3/key.ts'
import type { Field, FileDraft } from '../../conformance/form.ts'
import { encodeForm } from '../../conformance/form.ts'
import type { Reply } from '../../conformance/http.ts'
import { send } from '../../conformance/http.ts'

export interface Draft {
  readonly method: string
  /** Percent-encoded. */
  readonly path: string
  /** Decoded. */
  readonly query: readonly Field[]
  /** Without host and content-length. */
  readonly headers: readonly Field[]
  readonly body?: Buffer
  /** A form, instead of `body`. */
  readonly form?: {
    readonly fields: readonly Field[]
    readonly file: FileDraft
    readonly after?: readonly Field[]
  }
}

/** The draft of a presigned URL, or of any other. */
export function draftOf(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>> = {},
  body?: Buffer,
): Draft {
  const { pathname, searchParams } = new URL(url)
  const draft = { method, path: pathname, query: [...searchParams], headers: Object.entries(headers) }
  return body ? { ...draft, body } : draft
}

/** Writes the draft, and sends it. */
export function sendDraft(endpoint: string, draft: Draft): Promise<Reply> {
  const { method, path, query, form } = draft
  const encoded = form ? encodeForm(form.fields, form.file, form.after) : undefined
  const body = encoded ? Buffer.from(encoded.body) : draft.body
  const names = query.map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
  const headers: Record<string, string | string[]> = {}
  const all = [
    ...Object.entries(encoded?.headers ?? {}).map(([name, value]): Field => [name, String(value)]),
    ...draft.headers,
  ]
  for (const [name, value] of all) {
    const key = Object.keys(headers).find((other) => other.toLowerCase() === name.toLowerCase()) ?? name
    const before = headers[key]
    headers[key] = before === undefined ? value : [before, value].flat()
  }
  const url = `${endpoint}${path}${names.length > 0 ? `?${names.join('&')}` : ''}`
  return send(method, url, { headers, ...(body && { body }) })
}
