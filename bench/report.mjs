// node bench/report.mjs bench/results/a.jsonl [more.jsonl]     the whole results as Markdown tables, ratios to each scenario's floor
import { readFileSync } from 'node:fs'

import { scenarios } from './scenarios.mjs'
import { median, summarize } from './summary.mjs'

const records = process.argv
  .slice(2)
  .flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
  .map((line) => JSON.parse(line))

const number = (value, digits = 0) =>
  value === undefined || Number.isNaN(value)
    ? '–'
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
const time = (ms) => (ms === undefined ? '–' : ms < 1000 ? `${number(ms)} ms` : `${number(ms / 1000, 2)} s`)
const sum = (values) => Object.values(values).reduce((total, value) => total + value, 0)

/** Column → how it is made of a row and of the phases behind it. */
const columns = {
  contender: ({ label, contender }) => `${label} \`${contender}\``,
  phase: ({ phase }) => phase,
  time: ({ ms, low, high }) => `${time(ms)} [${time(low)} – ${time(high)}]`,
  '× floor': ({ ratio }) => number(ratio, 2),
  'main-thread CPU': ({ mainThreadMs }) => time(mainThreadMs),
  'long tasks': ({ longTasks, longTaskMax }) =>
    longTasks ? `${longTasks}, up to ${number(longTaskMax)} ms` : '0',
  'Chromium CPU': (_, phases) => time(median(phases.map(({ cpu }) => sum(cpu)))),
  commits: (_, phases) => number(median(phases.map(({ commits }) => sum(commits)))),
  'progress events': (_, phases) => number(median(phases.map(({ progress }) => progress.events))),
  'heap MiB': (_, phases) => number(median(phases.map(({ heap }) => heap?.js)), 1),
  'busy places': ({ busyPlaces }) => number(busyPlaces, 2),
  preflights: ({ preflights }) => number(preflights),
  'signer calls': ({ signerCalls }) => number(signerCalls),
  'machine busy': (_, phases) => `${number(median(phases.map(({ machineBusy }) => machineBusy * 100)))} %`,
  runs: ({ runs }) => String(runs),
}
const cells = (texts) => `| ${texts.join(' | ')} |`

for (const { id, title, rows, goals } of summarize(records)) {
  console.log(`\n### ${title} (${id})\n`)
  console.log(cells(Object.keys(columns)))
  console.log(cells(Object.keys(columns).map((_, index) => (index ? '---:' : '---'))))
  for (const row of rows) {
    const mine = records.filter(({ scenario, contender }) => scenario === id && contender === row.contender)
    const phases = mine.map((record) => record[row.phase]).filter((phase) => phase?.main)
    if (row.ms !== undefined) console.log(cells(Object.values(columns).map((column) => column(row, phases))))
    else
      console.log(
        `| ${row.label} | ${row.phase} | **${row.error}** (limit ${scenarios[id].timeout / 1000} s) |`,
      )
  }
  for (const { goal, text = '–', verdict } of goals) console.log(`\n${goal}: ${text}, **${verdict}**`)
}
