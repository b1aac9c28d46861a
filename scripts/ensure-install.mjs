// Installs what package-lock.json says, if it is not there yet. Needs nothing but Node and npm.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The Node that the scripts run on: the pinned one, since the system's may be too old for the tools. */
export const pinnedNode = () => {
  const own = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
  return existsSync(own) ? own : process.execPath
}

/** The environment in which tools are started: the project's own binaries come first. */
export const toolEnvironment = (more = {}) => {
  const separator = process.platform === 'win32' ? ';' : ':'
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].filter(Boolean).join(separator)
  return { ...process.env, PATH: path, ...more }
}

/** Runs `npm ci` unless this very lock file was installed before. Prints to stderr: stdout belongs to the caller. */
export function ensureInstalled() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules', '.installed-lock')
  const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === lock
  if (installed) return
  // `npm ci` empties the folder first: behind a link it is somebody else's.
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    console.error(
      'node_modules is a link to another folder, and stays as it is: it may differ from package-lock.json.',
    )
    return
  }
  console.error('Installing dependencies (npm ci) …')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const result = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
    shell: process.platform === 'win32',
  })
  if (result.status !== 0) {
    console.error('npm ci failed; see above. The tests and the demo need the packages of package-lock.json.')
    process.exit(1)
  }
  writeFileSync(stamp, lock)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureInstalled()
