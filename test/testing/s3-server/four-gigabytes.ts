/**
 * Uploads 4 GiB to the local S3 in one PUT, in one form, and in parts, reads it back, and prints what memory the server
 * took. By hand, on Linux: `node test/testing/s3-server/four-gigabytes.ts [GiB] [folder]`.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { request, type RequestOptions } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { createPostPolicy } from '../../../src/s3/post-policy.ts'
import { createSigner } from '../../../src/s3/sigv4.ts'
import { readXmlElement } from '../../../src/s3/xml.ts'

const MiB = 1024 ** 2
const size = Number(process.argv[2] ?? 4) * 1024 * MiB
const limit = 200 * MiB
const credentials = { accessKeyId: 'local', secretAccessKey: 'local-secret' }
const piece = Buffer.alloc(MiB)
for (let at = 0; at < piece.length; at += 1) piece[at] = (at * 7919) % 251

const directory = await mkdtemp(join(process.argv[3] ?? tmpdir(), 's3-4gib-'))
const main = join(import.meta.dirname, '../../../src/cli/main.ts')
const child = spawn(
  process.execPath,
  [main, 's3', '--port', '0', '--json', '--bucket', 'big', '--directory', directory],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
)
const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
const { endpoint } = JSON.parse(line) as { endpoint: string }
const signer = createSigner({ credentials, region: 'us-east-1' })
const url = (key: string, query = '') => `${endpoint}/big/${key}${query}`

const memory = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024
let peak = 0
const watching = setInterval(() => {
  peak = Math.max(peak, memory())
}, 50)

/** One request with so many bytes of body between a head and a tail. */
async function send(
  target: string,
  options: RequestOptions,
  bytes: number,
  head = '',
  tail = '',
): Promise<{ headers: Record<string, string | string[] | undefined>; text: string }> {
  const length = Buffer.byteLength(head) + bytes + Buffer.byteLength(tail)
  const sending = request(target, options)
  sending.setHeader('content-length', length)
  const answered = once(sending, 'response')
  sending.write(head)
  for (let at = 0; at < bytes; at += piece.length) {
    if (!sending.write(piece.subarray(0, Math.min(piece.length, bytes - at)))) await once(sending, 'drain')
  }
  sending.end(tail)
  const [response] = (await answered) as [
    AsyncIterable<Buffer> & { statusCode: number; headers: Record<string, string> },
  ]
  let text = ''
  for await (const chunk of response) text += chunk.toString()
  if (response.statusCode >= 300) throw new Error(`${response.statusCode} ${text}`)
  return { headers: response.headers, text }
}

async function measure(what: string, work: () => Promise<void>): Promise<void> {
  peak = memory()
  const started = performance.now()
  await work()
  const seconds = (performance.now() - started) / 1_000
  const verdict = peak < limit ? 'ok' : 'TOO MUCH'
  console.log(
    `${what.padEnd(28)} ${seconds.toFixed(1)} s, ${(size / MiB / seconds).toFixed(0)} MiB/s, peak ${(peak / MiB).toFixed(0)} MiB  ${verdict}`,
  )
  if (peak >= limit) process.exitCode = 1
}

const presign = async (method: 'GET' | 'PUT' | 'POST' | 'DELETE', target: string) =>
  (await signer.presign({ method, url: target, expiresIn: 86_400 })).url

try {
  console.log(`${size / MiB} MiB; at rest ${(memory() / MiB).toFixed(0)} MiB`)
  await measure('one PUT', async () => {
    await send(await presign('PUT', url('put')), { method: 'PUT' }, size)
  })
  await measure('reading it back', async () => {
    const reading = request(await presign('GET', url('put')))
    reading.end()
    const [response] = (await once(reading, 'response')) as [AsyncIterable<Buffer>]
    const [got, expected] = [createHash('sha256'), createHash('sha256')]
    for await (const chunk of response) got.update(chunk)
    for (let at = 0; at < size; at += piece.length) expected.update(piece)
    if (got.digest('hex') !== expected.digest('hex')) throw new Error('other bytes came back')
  })
  await send(await presign('DELETE', url('put')), { method: 'DELETE' }, 0)
  await measure('one form', async () => {
    const now = new Date()
    const { fields } = await createPostPolicy({
      credentials,
      region: 'us-east-1',
      bucket: 'big',
      fields: [['key', 'post']],
      now,
      expiresAt: new Date(now.getTime() + 86_400_000),
    })
    const parts = fields.map(
      ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    const head = `${parts.join('')}--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n`
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    await send(`${endpoint}/big`, { method: 'POST', headers }, size, head, '\r\n--x--\r\n')
  })
  await send(await presign('DELETE', url('post')), { method: 'DELETE' }, 0)
  await measure('parts of 64 MiB, 4 at once', async () => {
    const created = await send(await presign('POST', url('parts', '?uploads')), { method: 'POST' }, 0)
    const id = readXmlElement(created.text, 'UploadId') ?? ''
    const etags: string[] = []
    let next = 1
    const worker = async () => {
      for (let number = next++; number <= size / (64 * MiB); number = next++) {
        const target = await presign('PUT', url('parts', `?partNumber=${number}&uploadId=${id}`))
        const { headers } = await send(target, { method: 'PUT' }, 64 * MiB)
        etags[number - 1] = String(headers['etag'])
      }
    }
    await Promise.all([worker(), worker(), worker(), worker()])
    const list = etags
      .map((etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`)
      .join('')
    const body = `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`
    const done = await send(
      await presign('POST', url('parts', `?uploadId=${id}`)),
      { method: 'POST' },
      0,
      body,
    )
    if (!done.text.includes('CompleteMultipartUploadResult')) throw new Error(done.text)
  })
} finally {
  clearInterval(watching)
  child.kill()
  await once(child, 'close')
  await rm(directory, { recursive: true })
}
