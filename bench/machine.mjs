// What a bench needs of the machine: two servers, a browser, files on disk, for special cases a network of its own.
// Whatever it starts ends with it.
import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { chromium } from 'playwright'

import { chromiumArguments, findBrowser, installBrowser } from '../scripts/browser.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const mebibyte = 1024 ** 2
/** Signals are the bench's: it closes the browser in its turn. */
const ownSignals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }

async function startServer(file, ...args) {
  // Its stdin is a pipe: should this process be killed, the server reads its end and goes too.
  const child = spawn(process.execPath, [join(here, 'servers', file), ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const port = await new Promise((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(Number(text)))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}.`)))
  })
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    port,
    async control(command, body) {
      const how = body ? { method: 'POST', body: JSON.stringify(body) } : {}
      return (await fetch(`${url}/__ctl/${command}`, how)).json()
    },
    stop: () => child.kill(),
  }
}

/** The S3-shaped sink, and the app's server with its signers. */
export async function startServers() {
  const sink = await startServer('sink.mjs')
  const app = await startServer('app.mjs', sink.port)
  return { sink, app }
}

/** A browser that can be thrown away for a new one: after a crash or a timeout nothing is kept. */
export async function startBrowser() {
  const executablePath = findBrowser() ?? installBrowser()
  let browser
  let session
  const launch = async () => {
    browser = await chromium.launch({ executablePath, args: chromiumArguments, ...ownSignals })
    session = await browser.newBrowserCDPSession()
  }
  const close = () => Promise.race([browser.close().catch(() => undefined), wait(5000)])
  await launch()
  return {
    version: browser.version(),
    session: () => session,
    async renew() {
      await close()
      await launch()
    },
    close,
  }
}

export const wait = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** Real files for `<input>`: what a browser reads from disk travels another way than what a page has made. */
export function filesOnDisk() {
  let folder
  const made = new Map()
  return {
    file(megabytes) {
      folder ??= mkdtempSync(join(tmpdir(), 's3-upload-kit-bench-'))
      const path = join(folder, `${megabytes}-mib.bin`)
      if (!made.has(megabytes)) {
        const block = Buffer.alloc(mebibyte, 'perf')
        for (let count = 0; count < megabytes; count++) appendFileSync(path, block)
        made.set(megabytes, path)
      }
      return path
    },
    remove() {
      if (folder) rmSync(folder, { recursive: true, force: true })
    },
  }
}

const namespaced = 'BENCH_NAMESPACE'

/**
 * Starts this process again in a network of its own, where socket buffers can be shrunk without touching the machine.
 * Needs root on Linux. Returns its exit code, or undefined where it cannot be done or is done already.
 */
export function rerunInOwnNetwork() {
  if (process.env[namespaced] || process.getuid?.() !== 0) return undefined
  if (spawnSync('unshare', ['-n', 'true']).status !== 0) return undefined
  // The pair of interfaces only keeps navigator.onLine true: Uppy waits for it.
  const setUp =
    'ip link set lo up; ip link add ve0 type veth peer name ve1; ip addr add 10.254.0.1/24 dev ve0; ' +
    'ip link set ve0 up; ip link set ve1 up; exec "$0" "$@"'
  const { status } = spawnSync(
    'unshare',
    ['-n', 'sh', '-c', setUp, process.execPath, ...process.argv.slice(1)],
    {
      stdio: 'inherit',
      env: { ...process.env, [namespaced]: '1' },
    },
  )
  return status ?? 1
}

/** Small buffers make progress events come as on a slow line; only inside of a network of our own. */
export function setSocketBuffers(small) {
  if (!process.env[namespaced]) return
  const sizes = small
    ? { tcp_rmem: '4096 8192 16384', tcp_wmem: '4096 8192 16384' }
    : { tcp_rmem: '4096 131072 6291456', tcp_wmem: '4096 16384 4194304' }
  for (const [name, value] of Object.entries(sizes)) writeFileSync(`/proc/sys/net/ipv4/${name}`, value)
}

/** Peak memory of a process in MiB; undefined where the system does not tell. */
export function peakMemory(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
  } catch {
    return undefined
  }
}

/** CPU time of the whole machine so far. */
export function machineTimes() {
  const sum = { busy: 0, all: 0 }
  for (const { times } of cpus())
    for (const [kind, ms] of Object.entries(times)) {
      sum.all += ms
      if (kind !== 'idle') sum.busy += ms
    }
  return sum
}
