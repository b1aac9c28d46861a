/** A server per test file, and requests that may be as wrong as a test wants them. */
import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'

import { afterAll, beforeAll } from 'vitest'

import type { S3Credentials } from '../../../src/s3/credentials.ts'
import { encodeKey } from '../../../src/s3/key.ts'
import { createPostPolicy, type PostCondition } from '../../../src/s3/post-policy.ts'
import { createSigner, type RequestToSign } from '../../../src/s3/sigv4.ts'
import { readS3Error, readXmlElement } from '../../../src/s3/xml.ts'
import { startS3Server, type S3Server, type S3ServerOptions } from '../../../src/testing/s3-server/index.ts'

export const credentials: S3Credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret/+of=test' }
export const bucket = 'test-bucket'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
  readonly text: string
  /** S3's code and message, `''` where the answer is none of S3's errors. */
  readonly code: string
  readonly message: string
  /** An element of the answer's XML. */
  element(name: string): string | undefined
}

/** One request over a socket of its own, headers and body exactly as given. */
export function send(
  method: string,
  url: string,
  headers: Readonly<Record<string, string | string[]>> = {},
  body: string | Uint8Array = '',
): Promise<Answer> {
  const { hostname, port, pathname, search } = new URL(url)
  // URL parsers change some paths; what stands behind the host goes out as it is.
  const target = /^https?:\/\/[^/]+(\/.*)?$/s.exec(url)?.[1] ?? pathname + search
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        // Node does not resolve *.localhost everywhere.
        host: hostname.endsWith('.localhost') ? '127.0.0.1' : hostname,
        port,
        path: target,
        method,
        agent: false,
        headers: { host: new URL(url).host, 'content-length': String(Buffer.byteLength(body)), ...headers },
      },
      (message) => {
        const chunks: Buffer[] = []
        message.on('data', (chunk: Buffer) => chunks.push(chunk))
        message.on('error', reject)
        message.on('end', () => {
          const bytes = Buffer.concat(chunks)
          const text = bytes.toString()
          const error = readS3Error(text)
          resolve({
            status: message.statusCode ?? 0,
            headers: message.headers,
            bytes,
            text,
            code: error?.code ?? '',
            message: error?.message ?? '',
            element: (name) => readXmlElement(text, name),
          })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

/** What tests do with a running server. */
export class Client {
  readonly server: S3Server
  readonly signer: ReturnType<typeof createSigner>
  readonly #credentials: S3Credentials

  constructor(server: S3Server, as: S3Credentials = credentials) {
    this.server = server
    this.#credentials = as
    this.signer = createSigner({ credentials: as, region: server.region })
  }

  url(key: string, query = ''): string {
    return `${this.server.endpoint}/${bucket}/${encodeKey(key)}${query && `?${query}`}`
  }

  /** Signed by header, over the body's hash. `path` begins with the bucket. */
  async signed(
    method: RequestToSign['method'],
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body: string | Uint8Array = '',
  ): Promise<Answer> {
    const url = `${this.server.endpoint}${path}`
    const bodyHash = createHash('sha256').update(body).digest('hex')
    return send(method, url, await this.signer.sign({ method, url, headers, bodyHash }), body)
  }

  /** Signed, on one key of the test's bucket. */
  object(
    method: RequestToSign['method'],
    key: string,
    options: { query?: string; headers?: Record<string, string>; body?: string | Uint8Array } = {},
  ): Promise<Answer> {
    const path = `/${bucket}/${encodeKey(key)}${options.query === undefined ? '' : `?${options.query}`}`
    return this.signed(method, path, options.headers, options.body)
  }

  async presign(
    method: RequestToSign['method'],
    key: string,
    options: Partial<RequestToSign> & { query?: string; expiresIn?: number } = {},
  ): Promise<string> {
    const { query = '', expiresIn = 600, ...rest } = options
    return (await this.signer.presign({ method, url: this.url(key, query), expiresIn, ...rest })).url
  }

  /** The fields of a signed form. */
  async fields(
    fields: readonly (readonly [string, string])[],
    options: { conditions?: readonly PostCondition[]; expiresIn?: number; bucket?: string } = {},
  ): Promise<[string, string][]> {
    const now = new Date()
    const made = await createPostPolicy({
      credentials: this.#credentials,
      region: this.server.region,
      bucket: options.bucket ?? bucket,
      fields,
      conditions: options.conditions ?? [],
      now,
      expiresAt: new Date(now.getTime() + (options.expiresIn ?? 600) * 1_000),
    })
    return made.fields
  }

  async post(
    fields: readonly (readonly [string, string])[],
    file: string | Uint8Array = 'content',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const form = formOf([
      ...fields.map(([name, value]) => ({ name, value })),
      { name: 'file', value: file, fileName: 'f.txt' },
    ])
    return send('POST', `${this.server.endpoint}/${bucket}`, { ...form.headers, ...headers }, form.body)
  }
}

export interface FormPart {
  readonly name: string
  readonly value: string | Uint8Array
  readonly fileName?: string
}

/** A form as browsers write it. */
export function formOf(
  parts: readonly FormPart[],
  boundary = '----formBoundary7MA4YWxk',
): { headers: { 'content-type': string }; body: Buffer } {
  const chunks = parts.flatMap(({ name, value, fileName }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: application/octet-stream`}\r\n\r\n`,
    ),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ])
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  }
}

/** Starts a server for a file's tests and closes it after them. */
export function serverForTests(options: S3ServerOptions = {}): {
  readonly client: Client
  readonly server: S3Server
} {
  let client: Client | undefined
  const running = () => {
    if (!client) throw new Error('the server is not running yet')
    return client
  }
  beforeAll(async () => {
    client = new Client(await startS3Server({ credentials: [credentials], ...options }))
    await client.server.createBucket(bucket)
  })
  afterAll(() => client?.server.close())
  return {
    get client() {
      return running()
    },
    get server() {
      return running().server
    },
  }
}
