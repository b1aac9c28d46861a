/** The signer behind each server that runs in this process. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'

import express from 'express'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import type { ActionFunctionArgs, LoaderFunctionArgs, ServerBuild } from 'react-router'
import { createRequestHandler } from 'react-router'

import { toFastifyHandler } from '../../src/server/adapters/fastify.ts'
import { toNodeHandler } from '../../src/server/adapters/node.ts'
import { sendOverHttp2 } from './http2-client.ts'
import { listen } from './listen.ts'
import type { Started } from './server-suite.ts'
import { describeServer } from './server-suite.ts'
import { makeSigner } from './signer.ts'

type RouteModule = NonNullable<ServerBuild['routes'][string]>['module']

const path = '/api/uploads'

/** A server under a path. */
async function at(server: ReturnType<typeof createServer>): Promise<Started> {
  const { url, close } = await listen(server)
  return { url: url + path, close }
}

describeServer('node:http', (store) => at(createServer(toNodeHandler(makeSigner(store)))))

describeServer('Express 5', (store) => {
  const app = express()
  app.all(path, toNodeHandler(makeSigner(store)))
  return at(createServer(app))
})

describeServer(
  'Express 5 after express.json(), in a mounted router',
  (store) => {
    const router = express.Router()
    router.all('/uploads', toNodeHandler(makeSigner(store)))
    const app = express()
    app.use(express.json())
    app.use('/api', router)
    return at(createServer(app))
  },
  { ownLimit: true },
)

describeServer('Fastify 5', async (store) => {
  const app = fastify({ forceCloseConnections: true })
  app.all(path, toFastifyHandler(makeSigner(store)))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { url: url + path, close: () => app.close() }
})

describeServer('node:http2', async (store) => {
  const listener = toNodeHandler(makeSigner(store))
  const server = createHttp2Server((incoming, outgoing) => void listener(incoming, outgoing))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}${path}`,
    send: sendOverHttp2,
    close: async () => void server.close(),
  }
})

describeServer('Fastify 5 over HTTP/2', async (store) => {
  const app = fastify({ http2: true })
  const respond = toFastifyHandler(makeSigner(store))
  app.all(path, (request, reply) => respond(request, reply))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { url: url + path, send: sendOverHttp2, close: () => app.close() }
})

// These speak Request; Node's own server, which they need here, speaks through our adapter.

describeServer('Hono 4', (store) => {
  const signer = makeSigner(store)
  const app = new Hono()
  app.all(path, (context) => signer(context.req.raw))
  return at(createServer(toNodeHandler(async (request) => app.fetch(request))))
})

describeServer('a resource route of React Router 8', (store) => {
  const signer = makeSigner(store)
  // A resource route is one without a component, which the types want. Preflights come to the loader.
  const module = {
    action: ({ request }: ActionFunctionArgs) => signer(request),
    loader: ({ request }: LoaderFunctionArgs) => signer(request),
  } as RouteModule
  const build: ServerBuild = {
    entry: { module: { default: () => new Response('a page') } },
    routes: { uploads: { id: 'uploads', path: path.slice(1), module } },
    assets: { entry: { module: '', imports: [] }, routes: {}, url: '', version: '1' },
    publicPath: '/',
    assetsBuildDirectory: '',
    future: {},
    ssr: true,
    isSpaMode: false,
    prerender: [],
    routeDiscovery: { mode: 'initial', manifestPath: '/__manifest' },
  }
  const handle = createRequestHandler(build, 'production')
  return at(createServer(toNodeHandler((request) => handle(request))))
})
