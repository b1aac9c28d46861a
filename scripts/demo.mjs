// `npm run demo`: installs what is missing, then hands over to demo/start.ts on the pinned Node.
import { spawn } from 'node:child_process'

import { ensureInstalled, pinnedNode, root, toolEnvironment } from './ensure-install.mjs'

ensureInstalled()
const child = spawn(pinnedNode(), ['demo/start.ts', ...process.argv.slice(2)], {
  cwd: root,
  env: toolEnvironment(),
  stdio: 'inherit',
})
// Ctrl-C reaches the child by itself (same terminal); `kill` reaches only this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => child.kill(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM'))
child.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
