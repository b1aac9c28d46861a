// What runs add up to: medians, ratios to the floor of the same bench, and what has become of the goals.
import { contenders, scenarios } from './scenarios.mjs'

const phasesOf = { run: ['run'], phases: ['add', 'upload'], add: ['add'] }

export function median(values) {
  const sorted = values.filter((value) => Number.isFinite(value)).toSorted((a, b) => a - b)
  if (!sorted.length) return undefined
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

const total = (counts) => Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0)

function rowOf(id, phase, records) {
  const done = records.filter((record) => record[phase]?.main && !record.error)
  const results = done.map((record) => record[phase])
  const times = results.map(({ ms }) => ms)
  const failed = records.find(({ error }) => error)
  return {
    contender: id,
    label: contenders[id].label,
    phase,
    runs: done.length,
    times,
    ms: median(times),
    low: times.length ? Math.min(...times) : undefined,
    high: times.length ? Math.max(...times) : undefined,
    mainThreadMs: median(results.map(({ main }) => main.task)),
    longTasks: median(results.map(({ longTasks }) => longTasks)),
    fewestLongTasks: Math.min(...results.map(({ longTasks }) => longTasks)),
    longTaskMax: median(results.map(({ longTaskMax }) => longTaskMax)),
    signerCalls: median(done.map(({ app }) => total(app))),
    preflights: median(done.map(({ sink }) => sink.preflights)),
    busyPlaces: median(done.map(({ sink }) => sink.meanInflight)),
    ...(failed && { error: failed.error }),
  }
}

/** How far chance alone moves the ratio of two medians: 5 % to 95 % of what drawing from these runs again gives. */
function spread(times, others) {
  let state = 1 // the same draws each time: one file of results has one verdict
  const random = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  const draw = (from) => median(from.map(() => from[Math.floor(random() * from.length)]))
  const ratios = Array.from({ length: 1000 }, () => draw(times) / draw(others)).toSorted((x, y) => x - y)
  return { low: ratios[50], high: ratios[950] }
}

/** A goal's verdict. Medians decide; `unclear` is what they miss and chance may have done. */
function judge({ who, phase, than, most, longTasks }, rows) {
  const row = rows.find((one) => one.contender === who && one.phase === phase)
  const label = contenders[who].label
  const goal =
    longTasks === undefined
      ? `${label} ≤ ${most.toFixed(2)} × ${contenders[than].label}`
      : `${label}: no long task`
  const named = { who, than, goal: phase === 'run' ? goal : `${goal} (${phase})` }
  if (!row) return { ...named, verdict: 'not run' }
  if (row.error || row.ms === undefined) return { ...named, verdict: 'failed', error: row.error }
  if (longTasks !== undefined) {
    const verdict =
      row.longTasks <= longTasks ? 'ok' : row.fewestLongTasks <= longTasks ? 'unclear' : 'missed'
    const text = `${row.longTasks}, the longest ${Math.round(row.longTaskMax)} ms`
    return { ...named, value: row.longTasks, low: row.fewestLongTasks, text, verdict }
  }
  const other = rows.find((one) => one.contender === than && one.phase === phase)
  if (other?.ms === undefined) return { ...named, verdict: 'not run' }
  const value = row.ms / other.ms
  const { low, high } = spread(row.times, other.times)
  const verdict = value <= most ? 'ok' : low <= most ? 'unclear' : 'missed'
  const text = `${value.toFixed(2)} (${low.toFixed(2)} – ${high.toFixed(2)})`
  return { ...named, value, low, high, text, verdict }
}

/** @param records lines of a results file */
export function summarize(records) {
  return Object.entries(scenarios).flatMap(([id, { title, floor, goals, mode = 'run' }]) => {
    const mine = records.filter(({ scenario }) => scenario === id)
    if (!mine.length) return []
    const ids = new Set(mine.map(({ contender }) => contender))
    const ordered = Object.keys(contenders).filter((one) => ids.has(one))
    const rows = phasesOf[mode].flatMap((phase) => {
      const inPhase = ordered.map((one) =>
        rowOf(
          one,
          phase,
          mine.filter(({ contender }) => contender === one),
        ),
      )
      const base = inPhase.find(({ contender }) => contender === floor)?.ms
      return inPhase.map((row) => ({ ...row, ratio: row.ms / base }))
    })
    return [{ id, title, floor, rows, goals: goals.map((goal) => judge(goal, rows)) }]
  })
}

const seconds = (ms) =>
  ms === undefined ? '–' : ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`
const columns = [
  ['', 52],
  ['median', 9],
  ['low – high', 19],
  ['× floor', 8],
  ['main CPU', 9],
  ['long tasks', 13],
  ['signer', 7],
  ['preflights', 11],
  ['runs', 5],
]
const widths = columns.map(([, width]) => Number(width))
const line = (cells) =>
  cells
    // The first column reads from the left.
    .map((cell, index) => (index ? cell.padStart(widths[index]) : cell.padEnd(widths[0])))
    .join(' ')
    .trimEnd()

/** The tables that a run prints. */
export function print(summary) {
  for (const { id, title, floor, rows, goals } of summary) {
    console.log(`\n${title} (${id})`)
    console.log(line(columns.map(([name]) => name)))
    for (const row of rows) {
      const name = `${row.label}${row.contender === floor ? ' (floor)' : ''}${row.phase === 'run' ? '' : `: ${row.phase}`}`
      if (row.ms === undefined) {
        console.log(`${name.padEnd(widths[0])} ${row.error}`)
        continue
      }
      console.log(
        line([
          name,
          seconds(row.ms),
          `${seconds(row.low)} – ${seconds(row.high)}`,
          Number.isFinite(row.ratio) ? row.ratio.toFixed(2) : '–',
          seconds(row.mainThreadMs),
          row.longTasks ? `${row.longTasks} ≤ ${Math.round(row.longTaskMax)} ms` : '0',
          String(row.signerCalls ?? '–'),
          String(row.preflights ?? '–'),
          String(row.runs),
        ]),
      )
      if (row.error) console.log(`    ${row.error}`)
    }
    for (const { goal, text, verdict, error } of goals)
      console.log(`goal  ${goal}: ${text ?? error ?? '–'}  → ${verdict}`)
  }
}
