/**
 * The demo behind a server of an app that lets opaque origins in: scripts, signer and all. The kit's signer refuses these
 * origins, so this server takes the Origin header away.
 */
import { createServer } from 'node:http'

import { listen } from '../../demo/listen.ts'
import { toNodeHandler } from '../../src/server/adapters/node.ts'
import type { DemoProcess } from './demo-process.ts'

/** See the head of this file. */
export interface OpenHost {
  /** The demo's page, by loopback: a secure context. */
  page: string
  /** The same page as a response that its own policy sandboxes. */
  sandboxedPage: string
  /** A page with the demo's page in a sandboxed frame. */
  sandboxedFrame: string
  /** A page with the demo's page in a `data:` frame. */
  dataFrame: string
  /** The demo's page as a document of its own, for any address: its references name this server. */
  html: string
  close: () => Promise<void>
}

/** A document that shows another one in a frame. */
export const framed = (attributes: string): string =>
  `<!doctype html><title>Frame</title><iframe style="width: 100%; height: 600px" ${attributes}></iframe>`

const open = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'access-control-allow-methods': 'GET, POST',
}

/** Starts it in front of a demo. */
export async function startOpenHost(demo: DemoProcess): Promise<OpenHost> {
  const html = (base: string, text: string): string => text.replace('<head>', `<head><base href="${base}" />`)

  const ask = async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url)
    const type = request.headers.get('content-type')
    const answer = await fetch(new URL(pathname + search, demo.page), {
      method: request.method,
      headers: type === null ? {} : { 'content-type': type },
      ...(request.method === 'POST' && { body: await request.text() }),
    })
    const headers = { 'content-type': answer.headers.get('content-type') ?? 'text/plain' }
    return new Response(await answer.text(), { status: answer.status, headers: { ...headers, ...open } })
  }
  const respond = async (request: Request): Promise<Response> => {
    if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: open })
    const { pathname, origin } = new URL(request.url)
    const page = await fetch(demo.page).then((answer) => answer.text())
    const headers = { 'content-type': 'text/html; charset=utf-8' }
    const show = (text: string, policy = {}): Response =>
      new Response(text, { headers: { ...headers, ...policy } })
    if (pathname === '/sandboxed-page')
      return show(html(origin, page), { 'content-security-policy': 'sandbox allow-scripts' })
    if (pathname === '/sandboxed-frame') return show(framed('sandbox="allow-scripts" src="/"'))
    if (pathname === '/data-frame') {
      const data = Buffer.from(html(origin, page)).toString('base64')
      return show(framed(`src="data:text/html;base64,${data}"`))
    }
    return ask(request)
  }

  const server = createServer(toNodeHandler(respond))
  const url = `http://127.0.0.1:${await listen(server, 0)}`
  return {
    page: url,
    sandboxedPage: `${url}/sandboxed-page`,
    sandboxedFrame: `${url}/sandboxed-frame`,
    dataFrame: `${url}/data-frame`,
    html: html(url, await fetch(demo.page).then((answer) => answer.text())),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
