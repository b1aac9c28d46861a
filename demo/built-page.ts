/** The page, built once at the start and served from memory. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'vite'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/** Builds the page. Returns what serves it: the page at `/`, its files, and 404 for all else. */
export async function buildPage(): Promise<(request: IncomingMessage, response: ServerResponse) => void> {
  const configFile = fileURLToPath(new URL('vite.config.ts', import.meta.url))
  const built = await build({ configFile, build: { write: false } })
  const files = new Map<string, string | Uint8Array>()
  for (const { output } of [built].flat().filter((one) => 'output' in one))
    for (const file of output) files.set(`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source)

  return ({ url = '/' }, response) => {
    const path = url.replace(/[?#].*$/, '')
    const name = path === '/' ? '/index.html' : path
    const body = files.get(name)
    const type = types[extname(name)] ?? 'application/octet-stream'
    response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': type, 'Cache-Control': 'no-cache' })
    response.end(body)
  }
}
