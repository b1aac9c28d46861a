/** `npm run demo`: a local S3 (or a real one), the signer, and the page, until Ctrl-C. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { toNodeHandler } from '../src/server/adapters/node.ts'
import { createUploadHandler } from '../src/server/index.ts'
import { buildPage } from './built-page.ts'
import { listen, onFreePort } from './listen.ts'
import { readOptions } from './options.ts'
import { openStore } from './store.ts'
import { listObjects } from './stored-objects.ts'

const options = readOptionsOrExit()
// With --json, stdout is one line for scripts; what is for people goes to stderr.
const say = (line: string): void => void (options.json ? process.stderr : process.stdout).write(`${line}\n`)

// The port comes first: the bucket's CORS rule names this page's origin and no other. Who asks before all is ready
// waits: a page that was open when the last demo ended tries again at once.
type Serve = (request: IncomingMessage, response: ServerResponse) => void
let open: (serve: Serve) => void = () => undefined
const ready = new Promise<Serve>((resolve) => (open = resolve))
const server = createServer((request, response) => void ready.then((serve) => serve(request, response)))
const port = await onFreePort('page', options.port, (free) => listen(server, free), say)
const page = `http://127.0.0.1:${port}`
const [store, servePage] = await Promise.all([openStore(options.store, page, say), buildPage()])

const signer = toNodeHandler(
  createUploadHandler({
    storage: store.storage,
    // A demo has one user, who may upload. Your app looks at its session here.
    authorize: () => true,
    ...options.rules,
    inline: ['image/*', 'video/*', 'audio/*', 'text/plain', 'application/pdf'],
    onComplete: ({ key, size }) => ({ key, size }),
    // Temporary keys change within hours: what seals the receipts must not hang on them.
    ...(store.credentials.sessionToken && { secret: randomUUID() }),
  }),
)
const objects = toNodeHandler(async () => Response.json(await listObjects(store)))

open((request, response) => {
  const path = request.url?.split('?')[0]
  if (path === '/api/uploads') void signer(request, response)
  else if (path === '/api/objects') void objects(request, response)
  else servePage(request, response)
})

const { bucket, region } = store.storage
if (options.json) {
  const { endpoint, credentials } = store
  // Keys of a real account are never printed; those of the local S3 open nothing but itself.
  const keys = options.store.kind === 'local' ? credentials : {}
  const facts = { page, signer: `${page}/api/uploads`, s3: endpoint, bucket, region, ...keys }
  process.stdout.write(`${JSON.stringify(facts)}\n`)
}
say(`
  The page     ${page}
  The signer   ${page}/api/uploads
  S3           ${store.endpoint}, bucket ${bucket}${store.directory ? `, kept in ${store.directory}` : ''}

  Drop a file on the page. Ctrl-C stops everything.`)

let stopping = false
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  say('Stopping.')
  server.closeAllConnections()
  await Promise.all([store.close(), new Promise((closed) => server.close(closed))])
  process.exit(0)
}
process.once('SIGINT', () => void stop())
process.once('SIGTERM', () => void stop())

function readOptionsOrExit(): ReturnType<typeof readOptions> {
  try {
    return readOptions(process.argv.slice(2), process.env)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(2)
  }
}
