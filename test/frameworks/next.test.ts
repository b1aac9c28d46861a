/** The signer in a Next.js app, built and started as in production: a route handler, and API routes of the pages. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll } from 'vitest'

import type { Started } from './server-suite.ts'
import { describeServer } from './server-suite.ts'
import type { StoreAddress } from './signer.ts'

const folder = fileURLToPath(new URL('next-app/', import.meta.url))
const next = createRequire(import.meta.url).resolve('next/dist/bin/next')
/** Of this run alone. */
const output = `.next-${process.pid}`
const nowhere: StoreAddress = {
  endpoint: 'http://127.0.0.1:1',
  region: 'x',
  accessKeyId: 'x',
  secretAccessKey: 'x',
}

/** Runs a command of Next.js; `said` is all that it has written. */
function run(command: readonly string[], store: StoreAddress): { child: ChildProcess; said: () => string } {
  const env = {
    PATH: process.env['PATH'],
    NEXT_TELEMETRY_DISABLED: '1',
    NEXT_APP_OUTPUT: output,
    STORE: JSON.stringify(store),
  }
  const child = spawn(process.execPath, [next, ...command], { cwd: folder, env })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)))
  return { child, said: () => text }
}

beforeAll(async () => {
  const { child, said } = run(['build'], nowhere)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`next build failed:\n${said()}`)
}, 120_000)

afterAll(() => rm(folder + output, { recursive: true, force: true }))

async function start(path: string, store: StoreAddress): Promise<Started> {
  const { child, said } = run(['start', '--hostname', '127.0.0.1', '--port', '0'], store)
  const ended = once(child, 'close')
  const origin = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const address = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(said())?.[0]
      if (address && said().includes('Ready')) resolve(address)
    })
    child.once('close', () => reject(new Error(`next start ended:\n${said()}`)))
  })
  return {
    url: origin + path,
    async close() {
      // Asked to end, it would wait for idle connections.
      child.kill('SIGKILL')
      await ended
    },
  }
}

describeServer('a route handler of Next.js 16', (store) => start('/api/uploads', store))
describeServer('an API route of Next.js 16, its body parsed', (store) => start('/api/parsed', store))
describeServer('an API route of Next.js 16, its body unread', (store) => start('/api/unread', store))
describeServer('an API route of Next.js 16 behind its proxy, its body parsed', (store) =>
  start('/proxied/api/parsed', store),
)
describeServer('an API route of Next.js 16 behind its proxy, its body unread', (store) =>
  start('/proxied/api/unread', store),
)
