// The app's server (same origin as the page): the page, its bundles, and signers.
//   node bench/servers/app.mjs SINK_PORT [port]
//
// Every signer takes ?lat=<ms>: one delay for each HTTP request, whatever the number of URLs in it.
//   POST /sign            {kind: 'put' | 'post', files: [{name, size, type}]} → {items: [{url, key, fields?}]}
//   POST /sign/multipart  {name, size, partSize} → {key, uploadId, partSize, parts: [url], completeUrl}; creates the upload itself
//   POST /sign/create     {name, size, partSize?} → {key, uploadId, partSize}
//   POST /sign/parts      {key, uploadId, numbers} → {urls}
//   POST /sign/complete   {key, uploadId, parts} → {location, key}; completes the upload itself
//   POST /sign/op         {method, key, uploadId?, partNumber?, kind?} → {url, fields?}    one S3 operation: Uppy's signRequest
//   POST /sign/fine       Fine Uploader's signing of policies and REST headers
//   POST /api/upload      better-upload's own server (real SigV4); routes: single, mp5, mp8, mp16, mp50
import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { handleRequest, route } from '@better-upload/server'
import { custom } from '@better-upload/server/clients'

import { partSizeFor } from '../../src/protocol/part-plan.ts'
import { later, now, serve } from './serve.mjs'

const home = dirname(dirname(fileURLToPath(import.meta.url)))
const [sinkPort, port = 0] = process.argv.slice(2).map(Number)
const s3 = `http://127.0.0.1:${sinkPort}`
const mebibyte = 1024 ** 2
let requests = {}
let log = []

const hex = (bytes) => randomBytes(bytes).toString('hex')
// As long as a real SigV4 query with a session token: the headers' size is part of the cost.
const token = 'T'.repeat(360)
const newKey = (name) => `${randomUUID()}-${encodeURIComponent(name)}`
const presign = (key, extra = '') =>
  `${s3}/bench/${key}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD` +
  '&X-Amz-Credential=AKIDEXAMPLE%2F20250101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20250101T000000Z' +
  `&X-Amz-Expires=900&X-Amz-Security-Token=${token}&X-Amz-SignedHeaders=host${extra}&X-Amz-Signature=${hex(32)}`
const policyFields = (key, type) => ({
  key,
  'Content-Type': type || 'application/octet-stream',
  success_action_status: '200',
  'x-amz-algorithm': 'AWS4-HMAC-SHA256',
  'x-amz-credential': 'AKIDEXAMPLE/20250101/us-east-1/s3/aws4_request',
  'x-amz-date': '20250101T000000Z',
  'x-amz-security-token': token,
  policy: 'P'.repeat(560),
  'x-amz-signature': hex(32),
})
const part = ({ key, uploadId }, number) => presign(key, `&partNumber=${number}&uploadId=${uploadId}`)
const completion = ({ key, uploadId }) => presign(key, `&uploadId=${uploadId}`)

async function create({ name, size, partSize = partSizeFor(size) }) {
  const key = newKey(name)
  const created = await (await fetch(presign(key, '&uploads='), { method: 'POST' })).text()
  return { key, uploadId: /<UploadId>(.*?)</.exec(created)[1], partSize }
}

const large = {
  multipleFiles: true,
  maxFiles: 100_000,
  maxFileSize: 100 * 1024 * mebibyte,
  signedUrlExpiresIn: 3600,
}
const betterUpload = {
  client: custom({
    host: `127.0.0.1:${sinkPort}`,
    forcePathStyle: true,
    secure: false,
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'secret',
    region: 'us-east-1',
  }),
  bucketName: 'bench',
  routes: {
    single: route(large),
    ...Object.fromEntries(
      [5, 8, 16, 50].map((size) => [
        `mp${size}`,
        route({ ...large, multipart: true, partSize: size * mebibyte }),
      ]),
    ),
  },
}

const signers = {
  '/sign': ({ kind, files }) => ({
    items: files.map(({ name, type }) => {
      const key = newKey(name)
      return kind === 'post'
        ? { url: `${s3}/bench`, key, fields: policyFields(key, type) }
        : { url: presign(key), key }
    }),
  }),
  '/sign/multipart': async (file) => {
    const upload = await create(file)
    const count = Math.max(1, Math.ceil(file.size / upload.partSize))
    const parts = Array.from({ length: count }, (_, index) => part(upload, index + 1))
    return { ...upload, parts, completeUrl: completion(upload) }
  },
  '/sign/create': create,
  '/sign/parts': ({ numbers, ...upload }) => ({ urls: numbers.map((number) => part(upload, number)) }),
  '/sign/complete': async ({ key, uploadId, parts }) => {
    const body = `<CompleteMultipartUpload>${parts
      .map(({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`)
      .join('')}</CompleteMultipartUpload>`
    await (await fetch(completion({ key, uploadId }), { method: 'POST', body })).text()
    return { location: `${s3}/bench/${key}`, key }
  },
  '/sign/op': ({ kind, method, key, uploadId, partNumber, contentType }) => {
    if (kind === 'post' && method === 'PUT' && !partNumber)
      return { url: `${s3}/bench`, fields: policyFields(key, contentType) }
    const name = encodeURIComponent(key)
    if (partNumber) return { url: part({ key: name, uploadId }, partNumber) }
    if (uploadId) return { url: completion({ key: name, uploadId }) }
    return { url: presign(name, method === 'POST' ? '&uploads=' : '') }
  },
  '/sign/fine': (body) =>
    body.headers
      ? { signature: hex(32) }
      : { policy: Buffer.from(JSON.stringify(body)).toString('base64'), signature: hex(32) },
}

const mediaTypes = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html',
  '.gif': 'image/gif',
}

async function sendFile(path, response) {
  const file = join(home, path.startsWith('/dist/') ? path : 'public/page.html')
  try {
    const content = await readFile(file)
    const type = mediaTypes[extname(file)] ?? 'application/octet-stream'
    response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(content)
  } catch {
    response.writeHead(404).end()
  }
}

async function sign(path, url, body) {
  if (path !== '/api/upload') return JSON.stringify(await signers[path](JSON.parse(body)))
  const headers = { 'content-type': 'application/json' }
  const answer = await handleRequest(new Request(url, { method: 'POST', headers, body }), betterUpload)
  return answer.text()
}

const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://127.0.0.1')
  const path = url.pathname
  const json = (text) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(text)
  if (path === '/__ctl/stats') return void json(JSON.stringify({ requests }))
  if (path === '/__ctl/log') return void json(JSON.stringify(log))
  if (path === '/__ctl/reset') {
    requests = {}
    log = []
    return void json('{}')
  }
  if (request.method === 'GET') return void sendFile(path, response)
  requests[path] = (requests[path] ?? 0) + 1
  const entry = { server: 'app', kind: path, connection: request.socket.remotePort, began: now() }
  log.push(entry)
  response.once('finish', () => (entry.ended = now()))
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    entry.read = now()
    later(Number(url.searchParams.get('lat') ?? 0), () => {
      sign(path, url, Buffer.concat(chunks).toString() || '{}').then(json, (error) => {
        console.error(path, error)
        response.writeHead(500).end(String(error))
      })
    })
  })
})
serve(server, port)
