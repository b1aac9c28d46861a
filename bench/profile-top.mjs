// node bench/profile-top.mjs FOLDER/W4_2000-better-upload.cpuprofile [rows]     who had the main thread
// With MINIFY=0 in the bench's environment functions keep their names.
import { readFileSync } from 'node:fs'

const [file, most = '20'] = process.argv.slice(2)
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8'))
const byId = new Map(nodes.map((node) => [node.id, node]))
const parentOf = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
const nameOf = ({ callFrame: { functionName, url, lineNumber, columnNumber } }) =>
  `${functionName || '(anonymous)'} ${url.split('/').pop()}:${lineNumber + 1}:${columnNumber + 1}`
const addTo = (map, key, ms) => map.set(key, (map.get(key) ?? 0) + ms)

const self = new Map()
const inclusive = new Map()
let total = 0
for (const [index, id] of samples.entries()) {
  const ms = timeDeltas[index] / 1000
  total += ms
  addTo(self, nameOf(byId.get(id)), ms)
  const above = new Set() // recursion counts once
  for (let at = id; at !== undefined; at = parentOf.get(at)) above.add(nameOf(byId.get(at)))
  for (const name of above) addTo(inclusive, name, ms)
}

for (const [title, times] of Object.entries({ self, inclusive })) {
  console.log(`\n${title} (of ${total.toFixed(0)} ms)`)
  const rows = [...times].filter(([name]) => title === 'self' || !/^\((root|program|idle)/.test(name))
  for (const [name, ms] of rows.toSorted((a, b) => b[1] - a[1]).slice(0, Number(most)))
    console.log(`${ms.toFixed(0).padStart(8)} ms ${((ms / total) * 100).toFixed(1).padStart(5)} %  ${name}`)
}
