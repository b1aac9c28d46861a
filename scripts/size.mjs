// `npm run size`: what an app ships of us, in bytes after gzip, held to limits. 1 kB is 1000 bytes.
//   --modules          what each module puts into its chunk, too (--modules engine: of that build alone)
//   --json FILE        everything as JSON
import { writeFileSync } from 'node:fs'

import { ensureInstalled, root } from './ensure-install.mjs'

ensureInstalled()
// Imported only now: they need what was just installed.
const { builds, rows } = await import('./size-budget.mjs')
const { bundle } = await import('./size-bundle.mjs')

const args = process.argv.slice(2)
const valueOf = (name) => {
  const at = args.indexOf(name)
  return at < 0 || args[at + 1]?.startsWith('--') ? undefined : args[at + 1]
}
const json = valueOf('--json')
const ofBuild = valueOf('--modules')
if (args.includes('--json') && !json) fail('--json needs the file to write to.')
if (ofBuild && !builds[ofBuild])
  fail(`There is no build "${ofBuild}". There are: ${Object.keys(builds).join(', ')}.`)

function fail(message) {
  console.error(message)
  process.exit(2)
}

const built = Object.fromEntries(
  await Promise.all(Object.entries(builds).map(async ([name, how]) => [name, await bundle(root, how)])),
)
const lines = rows.map(({ title, limit, measure }) => {
  const { min, gzip, chunks = [] } = measure(built)
  return { title, min, gzip, ...(limit && { limit, ok: gzip <= limit }), chunks }
})
const failed = lines.filter((line) => line.ok === false)

const kB = (bytes) => (bytes / 1000).toFixed(2)
const row = (title, min, gzip, limit = '', verdict = '') =>
  console.log(
    `${title.padEnd(58)} ${min.padStart(8)} ${gzip.padStart(8)} ${limit.padStart(7)}  ${verdict}`.trimEnd(),
  )

row('what an app ships (kB = 1000 bytes; peers left out)', 'minified', 'gzip -9', 'limit')
for (const { title, min, gzip, limit, ok, chunks } of lines) {
  const verdict = ok === undefined ? '' : ok ? 'ok' : `${gzip - limit} bytes too many`
  row(title, kB(min), kB(gzip), limit ? kB(limit) : '', verdict)
  for (const chunk of chunks) row(`    ${chunk.name}`, kB(chunk.min), kB(chunk.gzip))
}

if (args.includes('--modules'))
  for (const [name, { modules }] of Object.entries(built).filter(([one]) => !ofBuild || one === ofBuild))
    for (const [chunk, list] of Object.entries(modules)) {
      console.log(`\n${name}, ${chunk}: bytes minified; gzip bytes saved, were the module's text not there`)
      for (const { min, saves, file } of list)
        console.log(`${String(min).padStart(9)} ${String(saves).padStart(6)}  ${file}`)
    }

if (json)
  writeFileSync(
    json,
    `${JSON.stringify(
      {
        unit: 'bytes',
        compression: 'gzip -9, each chunk by itself',
        ok: !failed.length,
        rows: lines,
        builds: built,
      },
      null,
      2,
    )}\n`,
  )
if (failed.length) {
  console.log(`\n${failed.length} of ${lines.filter((line) => line.limit).length} limits are passed.`)
  process.exit(1)
}
