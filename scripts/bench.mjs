// `npm run bench`: installs what is missing (the contenders live in bench/, not among the kit's dependencies), then hands
// over to bench/bench.mjs on the pinned Node.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { ensureInstalled, pinnedNode, root, toolEnvironment } from './ensure-install.mjs'

const folder = join(root, 'bench')

function ensureContenders() {
  const lock = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
  const stamp = join(folder, 'node_modules', '.installed-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  console.error('Installing the contenders (npm ci in bench) …')
  const { status } = spawnSync(
    'npm',
    ['ci', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: folder,
      stdio: ['ignore', process.stderr.fd, process.stderr.fd],
      shell: process.platform === 'win32',
    },
  )
  if (status !== 0) {
    console.error(
      'npm ci failed in bench; see above. The bench needs the packages of bench/package-lock.json.',
    )
    process.exit(1)
  }
  writeFileSync(stamp, lock)
}

ensureInstalled()
ensureContenders()
const child = spawn(pinnedNode(), ['bench/bench.mjs', ...process.argv.slice(2)], {
  cwd: root,
  env: toolEnvironment(),
  stdio: 'inherit',
})
// The first signal lets the bench put away what it started; it ends by itself then.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
