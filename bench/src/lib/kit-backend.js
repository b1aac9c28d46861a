// The kit's port, filled in for the harness's signer: one call for 50 files, and for parts the calls that `kit()` makes.
const ask = async (call, path, lat, body) => {
  const answer = await call.send({
    method: 'POST',
    url: `${location.origin}${path}?lat=${lat}`,
    headers: [['Content-Type', 'application/json']],
    body: { kind: 'text', text: JSON.stringify(body) },
  })
  return JSON.parse(answer.text)
}
const expiresIn = 900
const factsOf = ({ name, size, type }) => ({ name, size, type })
// The same server under a second host name gets its own six connections.
const hosts = (url, shard) => (shard ? [url, url.replace('127.0.0.1', 'localhost')] : [url])

/** `cfg`: lat, transport (`post`, `put`), multipart, partSize, presigned, shard. */
export function kitBackend({ lat = 0, transport = 'post', multipart, partSize, presigned, shard }) {
  const targets = async (files, call) => {
    const { items } = await ask(call, '/sign', lat, { kind: transport, files: files.map(factsOf) })
    return items.map(({ url, key, fields }, at) => ({
      ok: true,
      ref: { key },
      target:
        transport === 'post'
          ? { type: 'post', urls: hosts(url, shard), fields: Object.entries(fields), expiresIn }
          : {
              type: 'put',
              request: { url, headers: [['Content-Type', files[at].type || 'application/octet-stream']] },
              expiresIn,
            },
    }))
  }
  const creation = async (file, call) => {
    const path = presigned ? '/sign/multipart' : '/sign/create'
    const ref = await ask(call, path, lat, { ...factsOf(file), partSize })
    return { ok: true, ref, target: { type: 'multipart', partSize: ref.partSize, stored: [] } }
  }
  const urlsOf = async (ref, numbers, call) => {
    if (presigned) return numbers.map((number) => ref.parts[number - 1])
    const { urls } = await ask(call, '/sign/parts', lat, { ...ref, numbers })
    return urls
  }
  return {
    name: 'bench',
    batchSize: 50,
    signsAhead: () => !multipart,
    parseRef: (value) => value,
    createUploads: (files, call) =>
      multipart ? Promise.all(files.map((file) => creation(file, call))) : targets(files, call),
    multipart: {
      async signParts(ref, wanted, call) {
        const numbers = wanted.map(({ number }) => number)
        const urls = await urlsOf(ref, numbers, call)
        const signed = numbers.map((number, at) => ({
          number,
          request: { url: urls[at], headers: [] },
          expiresIn,
        }))
        return { parts: signed }
      },
      async complete(ref, stored, call) {
        const etags = stored.map(({ number, etag }) => ({ number, etag }))
        if (!presigned) return ask(call, '/sign/complete', lat, { ...ref, parts: etags })
        await call.send({
          method: 'POST',
          url: ref.completeUrl,
          headers: [['Content-Type', 'application/xml']],
          body: { kind: 'text', text: completion(etags) },
        })
        return { location: ref.completeUrl, key: ref.key }
      },
      abort: async () => undefined, // nothing is kept
    },
  }
}

const completion = (parts) =>
  `<CompleteMultipartUpload>${parts
    .map(({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`)
    .join('')}</CompleteMultipartUpload>`

/** Drives an uploader as the harness wants it. */
export const driven = (uploader) => ({
  add: (files) => void uploader.add(files),
  async upload() {
    const { succeeded, failed } = await uploader.whenSettled()
    return { ok: succeeded.length, failed: failed.length, err: failed[0]?.error.message }
  },
})
