/** HTTP as it is written: `fetch` would set, fold or forbid what these tests are about. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

import { readS3Error } from '../../src/s3/xml.ts'

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
  /** Status and S3's error code, such as `403 AccessDenied`; `204` where there is no error document. */
  readonly verdict: string
}

export interface Outgoing {
  readonly headers?: OutgoingHttpHeaders
  readonly body?: Buffer | string
  /** Sent without saying how long it is. */
  readonly chunked?: boolean
}

/** Sends one request, on a connection of its own, and reads the whole answer. Rejects if none comes. */
export function send(method: string, url: string, outgoing: Outgoing = {}): Promise<Reply> {
  const { headers = {}, chunked = false } = outgoing
  const body = Buffer.from(outgoing.body ?? '')
  const { protocol, hostname, port, pathname, search } = new URL(url)
  const length = outgoing.body === undefined ? {} : { 'content-length': body.length }
  return new Promise((resolve, reject) => {
    const make = protocol === 'https:' ? httpsRequest : httpRequest
    let answered = false
    const request = make({
      method,
      hostname,
      port,
      path: pathname + search,
      agent: false,
      timeout: 30_000,
      headers: { ...(chunked ? { 'transfer-encoding': 'chunked' } : length), ...headers },
    })
    request.once('response', (response) => {
      answered = true
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => void chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => {
        const bytes = Buffer.concat(chunks)
        const text = bytes.toString()
        const status = response.statusCode ?? 0
        const code = readS3Error(text)?.code
        const verdict = code ? `${status} ${code}` : `${status}`
        resolve({ status, headers: response.headers, body: bytes, text, verdict })
      })
    })
    request.once('timeout', () => request.destroy(new Error(`no answer to ${method} ${url} in 30 s`)))
    // A server that has answered may hang up on the rest of the body.
    request.on('error', (error) => answered || reject(error))
    request.end(body)
  })
}

/** `refused` for any 4xx: where AWS does not document which, or where it does not matter. */
export const refusal = ({ status, verdict }: Reply): string =>
  status >= 400 && status < 500 ? 'refused' : verdict
