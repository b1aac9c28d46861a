// The hand-written floor: one XHR per request, a fixed pool, and signing in a few shapes.
const ask = async (path, lat, body) => {
  const answer = await fetch(`${path}?lat=${lat}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  return answer.json()
}
const factsOf = ({ name, size, type }) => ({ name, size, type })
const signBatch = async (files, kind, lat) =>
  (await ask('/sign', lat, { kind, files: files.map(factsOf) })).items
const signMultipart = (file, partSize, lat) => ask('/sign/multipart', lat, { ...factsOf(file), partSize })
/** One S3 operation. */
export const signOperation = (operation, lat) => ask('/sign/op', lat, operation)

function send(method, url, body, headers, onProgress) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    xhr.open(method, url)
    for (const [name, value] of Object.entries(headers ?? {})) xhr.setRequestHeader(name, value)
    if (onProgress) xhr.upload.onprogress = onProgress
    xhr.onload = () => (xhr.status < 300 ? resolve(xhr) : reject(new Error(`HTTP ${xhr.status}`)))
    xhr.onerror = () => reject(new Error('network'))
    xhr.send(body)
  })
}

async function pool(count, width, run) {
  let next = 0
  const work = async () => {
    while (next < count) await run(next++)
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, work))
}

/**
 * How a file's signed request is obtained: `batch` one call for all; `inline` one call per file inside of its place;
 * `ahead` batches of 50, the next one fetched while the current one uploads.
 */
function signer(files, kind, mode, lat) {
  if (mode === 'inline') return async (index) => (await signBatch([files[index]], kind, lat))[0]
  const size = mode === 'ahead' ? 50 : files.length
  const batches = []
  const get = (batch) =>
    (batches[batch] ??= signBatch(files.slice(batch * size, (batch + 1) * size), kind, lat))
  return async (index) => {
    const batch = Math.floor(index / size)
    const items = await get(batch)
    if (mode === 'ahead' && (batch + 1) * size < files.length) void get(batch + 1)
    return items[index % size]
  }
}

function formOf(fields, file) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', file)
  return form
}

async function putByFetch(url, file) {
  const answer = await fetch(url, { method: 'PUT', body: file, headers: { 'Content-Type': file.type } })
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
}

export async function uploadAll(files, options, onProgress) {
  const { transport = 'put', sign = 'batch', concurrency = 6, lat = 0, progress = true, shard } = options
  const get = signer(files, transport, sign, lat)
  let ok = 0
  await pool(files.length, concurrency, async (index) => {
    const file = files[index]
    const { url, fields } = await get(index)
    const watch = progress ? ({ loaded, total }) => onProgress?.(index, loaded / total) : null
    // The same server under a second host name gets its own six connections.
    const host = shard && index % 2 ? url.replace('127.0.0.1', 'localhost') : url
    if (transport === 'post') await send('POST', host, formOf(fields, file), null, watch)
    else if (options.fetch) await putByFetch(url, file)
    else await send('PUT', url, file, { 'Content-Type': file.type || 'application/octet-stream' }, watch)
    ok++
    onProgress?.(index, 1)
  })
  return { ok, failed: files.length - ok }
}

export async function uploadMultipart(files, { partSize, concurrency = 6, lat = 0 }) {
  for (const file of files) {
    const { parts, completeUrl } = await signMultipart(file, partSize, lat)
    const etags = []
    const loaded = new Float64Array(parts.length)
    await pool(parts.length, concurrency, async (index) => {
      const part = file.slice(index * partSize, Math.min(file.size, (index + 1) * partSize))
      const xhr = await send('PUT', parts[index], part, null, (event) => {
        loaded[index] = event.loaded
      })
      etags[index] = xhr.getResponseHeader('ETag')
    })
    await send('POST', completeUrl, completion(etags), { 'Content-Type': 'application/xml' })
  }
  return { ok: files.length, failed: 0 }
}

const completion = (etags) =>
  `<CompleteMultipartUpload>${etags
    .map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`)
    .join('')}</CompleteMultipartUpload>`

export const bytes = (count) =>
  count < 1024
    ? `${count} B`
    : count < 1024 ** 2
      ? `${(count / 1024).toFixed(1)} KB`
      : `${(count / 1024 ** 2).toFixed(1)} MB`
