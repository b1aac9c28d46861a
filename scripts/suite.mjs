// Runs one test suite: `node scripts/suite.mjs unit [--json FILE] [what the runner takes …]`. Ends with its counts.
import { writeFileSync } from 'node:fs'

import { ensureInstalled } from './ensure-install.mjs'
import { runSuite, suiteNames } from './suites.mjs'

const [name = '', ...rest] = process.argv.slice(2)
if (!suiteNames.includes(name)) {
  console.error(`There is no suite "${name}". There are: ${suiteNames.join(', ')}.`)
  process.exit(2)
}
const at = rest.indexOf('--json')
const [, json] = at < 0 ? [] : rest.splice(at, 2)
if (at >= 0 && !json) {
  console.error('--json needs the file to write to.')
  process.exit(2)
}
ensureInstalled()
const counts = await runSuite(name, rest)
if (json) writeFileSync(json, `${JSON.stringify({ suite: name, ...counts }, null, 2)}\n`)
console.log(`${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit(counts.failed ? 1 : 0)
