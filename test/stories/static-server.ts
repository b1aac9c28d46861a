/** Serves a folder from 127.0.0.1 under a path of its own, as a built Storybook is hosted beside other things. */
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

import { listen } from '../../demo/listen.ts'

/** See {@link serveFolder}. */
export interface StaticServer {
  /** Where the folder is, with a slash at the end. */
  url: string
  close: () => Promise<void>
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** Starts it on a free port; `path` begins and ends with a slash. */
export async function serveFolder(folder: string, path: string): Promise<StaticServer> {
  const respond = async ({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = normalize(decodeURIComponent(url.replace(/[?#].*$/, '')))
    // Browsers ask the host for its icon, whatever the page.
    if (name === '/favicon.ico') return void response.writeHead(204).end()
    const file = join(folder, name.slice(path.length), name.endsWith('/') ? 'index.html' : '')
    const body = name.startsWith(path) ? await readFile(file).catch(() => undefined) : undefined
    // Names in there change with their content.
    const cache = name.includes('/assets/') ? 'max-age=3600' : 'no-cache'
    const type = types[extname(file)] ?? 'text/plain'
    if (body) response.writeHead(200, { 'content-type': type, 'cache-control': cache }).end(body)
    else response.writeHead(404).end()
  }
  const server = createServer((request, response) => void respond(request, response))
  const port = await listen(server, 0)
  return {
    url: `http://127.0.0.1:${port}${path}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
