/** The demo as a user starts it: another process, told by its one line of JSON where everything is. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What the demo says when it is ready. */
export interface DemoReady {
  page: string
  signer: string
  s3: string
  bucket: string
  region: string
  accessKeyId?: string
  secretAccessKey?: string
}

/** A demo that runs. */
export interface DemoProcess extends DemoReady {
  /** Everything that it printed for people. */
  readonly stderr: () => string
  /** Ctrl-C; resolves with the exit code once it is gone. */
  stop: () => Promise<number | null>
}

const start = fileURLToPath(new URL('../../demo/start.ts', import.meta.url))

/** Starts a demo on free ports, its objects in a folder that goes away with it. */
export async function startDemo(
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<DemoProcess> {
  const folder = mkdtempSync(join(tmpdir(), 's3-upload-kit-e2e-'))
  const places = ['--json', ...defaultsUnlessNamed(args, folder)]
  const child = spawn(process.execPath, [start, ...places, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const stop = async (): Promise<number | null> => {
    const code = await end(child)
    rmSync(folder, { recursive: true, force: true })
    return code
  }
  const lines = createInterface({ input: child.stdout })
  const first = await Promise.race([once(lines, 'line'), once(child, 'exit')])
  const [line] = first
  if (typeof line !== 'string') {
    await stop()
    throw new Error(`The demo ended before it was ready.\n${said}`)
  }
  return { ...parseReady(line), stderr: () => said, stop }
}

function defaultsUnlessNamed(args: readonly string[], folder: string): string[] {
  const defaults: Readonly<Record<string, string>> = { '--port': '0', '--s3-port': '0', '--data': folder }
  return Object.entries(defaults).flatMap(([name, value]) => (args.includes(name) ? [] : [name, value]))
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit')
    child.kill('SIGINT')
    await gone
  }
  return child.exitCode
}

function parseReady(line: string): DemoReady {
  const value: unknown = JSON.parse(line)
  if (typeof value !== 'object' || value === null) throw new Error(`The demo said: ${line}`)
  const said = new Map<string, unknown>(Object.entries(value))
  const text = (name: string): string => {
    const found = said.get(name)
    if (typeof found !== 'string') throw new Error(`The demo did not say its ${name}: ${line}`)
    return found
  }
  const [page, signer, s3, bucket, region] = ['page', 'signer', 's3', 'bucket', 'region'].map(text)
  if (!page || !signer || !s3 || !bucket || !region) throw new Error(`The demo said too little: ${line}`)
  const keys = said.has('secretAccessKey')
    ? { accessKeyId: text('accessKeyId'), secretAccessKey: text('secretAccessKey') }
    : {}
  return { page, signer, s3, bucket, region, ...keys }
}
