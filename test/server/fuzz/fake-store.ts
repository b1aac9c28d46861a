/** A store that says yes: what the signer's own calls ask of it is kept, for the oracle to look at. */
export interface FakeStore {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** The headers with which the upload of this key was begun. */
  begun(key: string): ReadonlyMap<string, string> | undefined
}

export function createFakeStore(base: string): FakeStore {
  const uploads = new Map<string, ReadonlyMap<string, string>>()
  const ended = new Set<string>()
  let made = 0
  return {
    begun: (key) => uploads.get(key),
    fetch(address, { method = 'GET', headers }) {
      const url = new URL(address)
      const key = decodeURIComponent(address.slice(base.length).split('?')[0] ?? '')
      const xml = (text: string): Promise<Response> => Promise.resolve(new Response(text))
      // Refuses what nobody signed, as the signer asks before its first PUT.
      if (method === 'PUT' && new Headers(headers).has('x-amz-copy-source'))
        return Promise.resolve(new Response('', { status: 403 }))
      if (method === 'HEAD') return Promise.resolve(new Response(null, { status: 404 }))
      const id = url.searchParams.get('uploadId')
      if (method === 'DELETE' && id !== null) ended.add(id)
      if (id !== null && ended.has(id) && method !== 'DELETE')
        return Promise.resolve(new Response('<Error><Code>NoSuchUpload</Code></Error>', { status: 404 }))
      if (method === 'DELETE') return Promise.resolve(new Response(null, { status: 204 }))
      if (method === 'POST' && url.searchParams.has('uploads')) {
        uploads.set(key, new Map(new Headers(headers)))
        return xml(`<R><UploadId>upload-${made++}</UploadId></R>`)
      }
      if (method === 'GET' && url.searchParams.has('list-type'))
        return xml(
          `<R><Contents><Key>${url.searchParams.get('prefix') ?? ''}a.png</Key><Size>5</Size></Contents></R>`,
        )
      if (method === 'GET') return xml('<R><IsTruncated>false</IsTruncated></R>')
      return xml('<R/>')
    },
  }
}
