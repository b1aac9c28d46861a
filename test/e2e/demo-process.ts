/** The demo as a user starts it: another process, told by its one line of JSON where everything is. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const text = (of: Readonly<Record<string, unknown>>, name: string): string => {
  const value = of[name]
  if (typeof value !== 'string') throw new Error(`There is no "${name}" in ${JSON.stringify(of)}`)
  return value
}

/** Where a bucket is, and the keys to it, where they are known. */
export interface Bucket {
  s3: string
  bucket: string
  region: string
  accessKeyId?: string
  secretAccessKey?: string
  /** The store's name, where its capabilities are known by it. */
  preset?: string
}

/** What the demo says when it is ready. */
export interface DemoReady extends Bucket {
  page: string
  signer: string
}

/** A demo that runs. */
export interface DemoProcess extends DemoReady {
  /** Everything that it printed for people. */
  readonly stderr: () => string
  /** Ctrl-C; resolves with the exit code once it is gone. */
  stop: () => Promise<number | null>
}

const start = fileURLToPath(new URL('../../demo/start.ts', import.meta.url))

/**
 * A store that the demos shall use instead of their own, such as Ceph RGW: `E2E_S3` is JSON of `s3` (its address),
 * `bucket`, `region`, `accessKeyId`, `secretAccessKey` and perhaps `preset`. The bucket must be empty and let every origin POST.
 */
export const otherStore: Bucket | undefined =
  process.env.E2E_S3 === undefined ? undefined : parseBucket(process.env.E2E_S3)

/** Starts a demo on free ports, its objects in a folder that goes away with it. */
export async function startDemo(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<DemoProcess> {
  const folder = mkdtempSync(join(tmpdir(), 's3-upload-kit-e2e-'))
  const other = args.includes('--endpoint') ? undefined : otherStore
  const places = ['--json', ...defaultsUnlessNamed(args, folder), ...(other ? argumentsOf(other) : [])]
  const keys = other && { AWS_ACCESS_KEY_ID: other.accessKeyId, AWS_SECRET_ACCESS_KEY: other.secretAccessKey }
  const child = spawn(process.execPath, [start, ...places, ...args], {
    env: { ...process.env, ...keys, ...env },
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
  return { ...parseReady(line), ...other, stderr: () => said, stop }
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

/** What a demo must be told to use this store. */
export const argumentsOf = ({ s3, bucket, region, preset }: Bucket): string[] => [
  '--endpoint',
  s3,
  '--bucket',
  bucket,
  '--region',
  region,
  '--path-style',
  ...(preset === undefined ? [] : ['--preset', preset]),
]

function parseReady(line: string): DemoReady {
  const said: Record<string, unknown> = JSON.parse(line)
  return { page: text(said, 'page'), signer: text(said, 'signer'), ...parseBucket(line) }
}

function parseBucket(json: string): Bucket {
  const said: Record<string, unknown> = JSON.parse(json)
  const keys = 'secretAccessKey' in said && {
    accessKeyId: text(said, 'accessKeyId'),
    secretAccessKey: text(said, 'secretAccessKey'),
  }
  const told = 'preset' in said && { preset: text(said, 'preset') }
  return {
    s3: text(said, 's3'),
    bucket: text(said, 'bucket'),
    region: text(said, 'region'),
    ...keys,
    ...told,
  }
}
