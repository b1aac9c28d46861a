import type { Plugin } from 'vite'

/**
 * A server for browser tests of real requests (progress events need one: none fire behind a service worker).
 * `/sink` answers what was received; `?status=`, `?body=` choose the answer; `/sink/hang` never answers.
 */
export function httpSink(): Plugin {
  return {
    name: 'http-sink',
    configureServer(server) {
      server.middlewares.use('/sink', (request, response) => {
        const url = new URL(request.url ?? '/', 'http://sink')
        const chunks: Buffer[] = []
        request.on('data', (chunk: Buffer) => void chunks.push(chunk))
        request.on('end', () => {
          if (url.pathname === '/hang') return
          if (url.pathname === '/reset') {
            request.socket.destroy()
            return
          }
          const body = url.searchParams.get('body')
          const received = {
            method: request.method,
            headers: request.headers,
            body: Buffer.concat(chunks).toString('latin1').slice(0, 4096),
            bytes: chunks.reduce((sum, { length }) => sum + length, 0),
          }
          response.statusCode = Number(url.searchParams.get('status') ?? 200)
          response.setHeader('ETag', '"e"')
          response.end(body ?? (response.statusCode === 204 ? undefined : JSON.stringify(received)))
        })
      })
    },
  }
}
