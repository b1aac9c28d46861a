// node bench/waterfall.mjs FOLDER/W2L-kit-requests.json [rows]     who asked whom, when, on which connection
import { readFileSync } from 'node:fs'

const [file, most = '60'] = process.argv.slice(2)
const requests = JSON.parse(readFileSync(file, 'utf8')).toSorted((a, b) => a.began - b.began)
const start = requests[0]?.began ?? 0
const end = Math.max(...requests.map(({ ended, began }) => ended ?? began))
const width = 80
const at = (time) => Math.round(((time - start) / (end - start)) * width)
const connections = new Map()
const ms = (time) => (time === undefined ? '–' : (time - start).toFixed(0))

console.log(`${requests.length} requests in ${(end - start).toFixed(0)} ms`)
console.log('   from    read   ended  place  request')
for (const { server, kind, connection, began, read, ended } of requests.slice(0, Number(most))) {
  const key = `${server} ${connection}`
  if (!connections.has(key)) connections.set(key, connections.size + 1)
  const bar = ' '.repeat(at(began)) + '█'.repeat(Math.max(1, at(ended ?? end) - at(began)))
  console.log(
    `${ms(began).padStart(7)} ${ms(read).padStart(7)} ${ms(ended).padStart(7)}  ${String(connections.get(key)).padStart(5)}  ${`${server} ${kind}`.padEnd(22)} ${bar}`,
  )
}

const kinds = Map.groupBy(requests, ({ server, kind }) => `${server} ${kind}`)
console.log('\n    count   first    last  request')
for (const [kind, list] of kinds)
  console.log(
    `${String(list.length).padStart(9)} ${ms(list[0].began).padStart(7)} ${ms(list.at(-1).ended).padStart(7)}  ${kind}`,
  )
