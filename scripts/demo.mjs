// `npm run demo`: installs what is missing, then hands over to demo/start.ts on the pinned Node.
import { spawn } from 'node:child_process'

import { ensureInstalled, pinnedNode, root, toolEnvironment } from './ensure-install.mjs'

ensureInstalled()
const child = spawn(pinnedNode(), ['demo/start.ts', ...process.argv.slice(2)], {
  cwd: root,
  env: toolEnvironment(),
  stdio: 'inherit',
})
const stop = () => {
  child.kill('SIGTERM')
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
// `kill` on npm ends npm and its shell, which pass nothing on: with them gone, the demo goes too.
const parent = process.ppid
const watchParent = () => {
  if (process.ppid !== parent) stop()
}
if (process.env.npm_lifecycle_event) setInterval(watchParent, 500).unref()
child.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
