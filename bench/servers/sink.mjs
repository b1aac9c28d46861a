// An S3-shaped sink: accepts everything, keeps nothing, counts everything.
//   node bench/servers/sink.mjs [port]
//
// It understands preflights, PUT (objects, and parts by ?partNumber&uploadId), POST forms, POST ?uploads (create),
// POST ?uploadId (complete), GET ?uploadId (list parts), DELETE.
// Control, JSON on the same port:
//   POST /__ctl/config   {latency: {options, put, part, post, create, complete}, rate, hold, maxAge, log}   ms, bytes/s a connection
//   POST /__ctl/reset    zero the counters        GET /__ctl/stats, /__ctl/log   read them
import { randomBytes } from 'node:crypto'
import http from 'node:http'

import { later, now, serve } from './serve.mjs'

const noLatency = { options: 0, put: 0, part: 0, post: 0, create: 0, complete: 0 }
const defaults = () => ({ latency: noLatency, rate: 0, hold: false, maxAge: 3000, log: false })
const fresh = () => ({
  requests: {},
  bytes: 0,
  connections: 0,
  preflights: 0,
  inflight: 0,
  maxInflight: 0,
  first: 0,
  last: 0,
  inflightArea: 0,
  lastChange: 0,
  aborted: 0,
  cpu: process.cpuUsage(),
  log: [],
})
let config = defaults()
let stats = fresh()
let held = []

// Requests with a body in flight, integrated over time: area / (last - first) = places kept busy on average.
function inflight(change) {
  const at = now()
  if (stats.inflight) stats.inflightArea += stats.inflight * (at - stats.lastChange)
  stats.lastChange = at
  stats.inflight += change
  stats.maxInflight = Math.max(stats.maxInflight, stats.inflight)
}

const cors = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'ETag, Location, x-amz-request-id',
}

function kindOf(method, query) {
  if (method === 'PUT') return query.includes('partNumber=') ? 'part' : 'put'
  if (method !== 'POST') return method.toLowerCase()
  if (/(^|&)uploads(=|&|$)/.test(query)) return 'create'
  return query.includes('uploadId=') ? 'complete' : 'post'
}

/** Reads a body at the configured pace and lets it go. */
function drain(request, done) {
  const began = now()
  const { rate } = config
  let bytes = 0
  const early = () => (rate ? (bytes / rate) * 1000 - (now() - began) : 0)
  request.on('data', (chunk) => {
    bytes += chunk.length
    const wait = early()
    if (wait > 2) {
      request.pause()
      setTimeout(() => request.resume(), wait)
    }
  })
  request.on('end', () => {
    stats.bytes += bytes
    later(early(), done) // the last chunk pays for its bytes too
  })
}

const documentOf = (kind, path, etag) => {
  const key = decodeURIComponent(path.slice(1))
  const place = `<Bucket>bench</Bucket><Key>${key}</Key>`
  const at = `http://${server.address().address}:${server.address().port}${path}`
  const texts = {
    create: `<InitiateMultipartUploadResult>${place}<UploadId>${randomBytes(24).toString('hex')}</UploadId></InitiateMultipartUploadResult>`,
    complete: `<CompleteMultipartUploadResult><Location>${at}</Location>${place}<ETag>${etag}</ETag></CompleteMultipartUploadResult>`,
    get: '<ListPartsResult></ListPartsResult>',
  }
  return texts[kind] && `<?xml version="1.0" encoding="UTF-8"?>\n${texts[kind]}`
}

function answer(kind, path, response) {
  const etag = `"${randomBytes(16).toString('hex')}"`
  stats.last = now()
  const xml = documentOf(kind, path, etag)
  if (kind === 'delete') response.writeHead(204, cors).end()
  else if (xml) response.writeHead(200, { ...cors, 'Content-Type': 'application/xml' }).end(xml)
  else response.writeHead(200, { ...cors, ETag: etag }).end()
}

function preflight(request, response) {
  stats.preflights++
  later(config.latency.options, () => {
    stats.last = now()
    response
      .writeHead(204, {
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Allow-Methods': 'GET, PUT, POST, DELETE, HEAD',
        'Access-Control-Allow-Headers': request.headers['access-control-request-headers'] ?? '*',
        'Access-Control-Max-Age': String(config.maxAge),
        Vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
      })
      .end()
  })
}

function control(command, request, response) {
  const json = (value) =>
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
  if (command === 'stats') {
    const { log: _log, cpu, first, last, inflightArea, ...rest } = stats
    const { user, system } = process.cpuUsage(cpu)
    const wall = last - first
    return json({ ...rest, wall, meanInflight: wall ? inflightArea / wall : 0, cpu: (user + system) / 1000 })
  }
  if (command === 'log') return json(stats.log)
  if (command === 'reset') {
    stats = fresh()
    return json({})
  }
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const { reset, ...patch } = JSON.parse(Buffer.concat(chunks).toString() || '{}')
    const before = reset ? defaults() : config
    config = { ...before, ...patch, latency: { ...before.latency, ...patch.latency } }
    if (!config.hold) for (const finish of held.splice(0)) finish()
    json(config)
  })
}

const server = http.createServer((request, response) => {
  const [path, query = ''] = request.url.split('?', 2)
  if (path.startsWith('/__ctl/')) return void control(path.slice(7), request, response)
  const began = now()
  stats.first ||= began
  const kind = request.method === 'OPTIONS' ? 'options' : kindOf(request.method, query)
  stats.requests[kind] = (stats.requests[kind] ?? 0) + 1
  const entry = { server: 's3', kind, connection: request.socket.remotePort, began }
  if (config.log) {
    stats.log.push(entry)
    response.once('finish', () => (entry.ended = now()))
  }
  if (kind === 'options') {
    preflight(request, response)
    return
  }
  const hasBody = kind === 'put' || kind === 'part' || kind === 'post'
  if (hasBody) {
    inflight(1)
    response.once('close', () => {
      inflight(-1)
      if (!response.writableFinished) stats.aborted++
    })
  }
  drain(request, () => {
    entry.read = now()
    const finish = () => later(config.latency[kind] ?? 0, () => answer(kind, path, response))
    if (config.hold && hasBody) held.push(finish)
    else finish()
  })
})
server.on('connection', () => stats.connections++)
server.maxRequestsPerSocket = 0
serve(server, Number(process.argv[2] ?? 0))
