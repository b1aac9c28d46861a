// `npm test`: installs what is missing, runs every suite, ends with one line of counts over all of them.
import { writeFileSync } from 'node:fs'

import { ensureInstalled } from './ensure-install.mjs'

const at = process.argv.indexOf('--json')
const json = at < 0 ? undefined : process.argv[at + 1]

ensureInstalled()
// Imported only now: the suites need what was just installed.
const { runSuite, suiteNames } = await import('./suites.mjs')

const results = []
for (const suite of suiteNames) {
  console.log(`\n── ${suite} ${'─'.repeat(Math.max(0, 70 - suite.length))}`)
  const began = Date.now()
  let counts
  try {
    counts = await runSuite(suite)
  } catch (error) {
    console.error(error)
    counts = { passed: 0, failed: 1, skipped: 0, failures: [String(error)] }
  }
  results.push({ suite, ...counts, seconds: Math.round((Date.now() - began) / 1000) })
}

for (const { suite, failures } of results)
  for (const failure of failures) console.log(`\nFailed in ${suite}: ${failure}`)

console.log('')
for (const { suite, passed, failed, skipped, seconds } of results)
  console.log(`${suite.padEnd(10)} ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds} s`)
const total = (key) => results.reduce((sum, result) => sum + result[key], 0)
const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(total)
if (json) writeFileSync(json, `${JSON.stringify({ passed, failed, skipped, suites: results }, null, 2)}\n`)
console.log(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
process.exit(failed || !passed ? 1 : 0)
