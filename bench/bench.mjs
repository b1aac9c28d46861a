// Runs contenders against each other; `npm run bench` starts it, README.md says how to read what it prints.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { buildContenders } from './build.mjs'
import { filesOnDisk, rerunInOwnNetwork, startBrowser, startServers, wait } from './machine.mjs'
import { measure } from './measure.mjs'
import { contenders, quick, scenarios } from './scenarios.mjs'
import { print, summarize } from './summary.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const usage = `npm run bench -- [--quick] [--only W3_50,W2L] [--contenders kit,raw-post] [--reps 3]
  --quick           a few minutes: the goals of small files, parts, one request, adding
  --only            scenarios: ${Object.keys(scenarios).join(', ')}
  --contenders      who; default all of a scenario. There are: ${Object.keys(contenders).join(', ')}
  --reps            repetitions; default 5; with --quick 3 to 9 by scenario, and peers run once
  --json FILE       the summary
  --out FILE        every run, one JSON line each; default bench/results/<time>.jsonl
  --trace FOLDER    CPU profiles and request logs of the first repetition (profile-top.mjs, waterfall.mjs)
  --source FOLDER   the kit's src; default this one
  --against FOLDER  another src, whose contenders run beside ours`

function readArguments() {
  const text = { type: 'string' }
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        only: text,
        contenders: text,
        reps: text,
        json: text,
        out: text,
        trace: text,
        source: text,
        against: text,
      },
    })
    return values
  } catch (error) {
    return refuse(error.message)
  }
}

function refuse(message) {
  console.error(`${message}\n\n${usage}`)
  return process.exit(2)
}

function known(names, among, what) {
  const strange = names?.find((name) => !(name in among))
  if (strange !== undefined) refuse(`There is no ${what} "${strange}".`)
  return names
}

const options = readArguments()
if (options.help) {
  console.log(usage)
  process.exit(0)
}
const only =
  known(options.only?.split(','), scenarios, 'scenario') ?? Object.keys(options.quick ? quick : scenarios)
const wanted = known(options.contenders?.split(','), contenders, 'contender')
const reps = Number(options.reps ?? 5)
if (!(reps >= 1)) refuse('--reps needs a number.')

const plan = only.map((scenario) => {
  const listed = (options.quick && quick[scenario]?.who) || scenarios[scenario].contenders
  const who = listed.filter((id) => !wanted || wanted.includes(id))
  return { scenario, who: options.against ? who.flatMap(withTwin) : who }
})

/** The same contender from the other source. */
function withTwin(id) {
  const { group, bundle, label, options: own } = contenders[id]
  if (group !== 'kit') return [id]
  const twin = `${id}-against`
  contenders[twin] = { group, bundle: `against/${bundle}`, label: `${label} (against)`, options: own }
  return [id, twin]
}

function repsOf(scenario, id) {
  if (!options.quick) return reps
  if (contenders[id].group === 'peer') return 1
  return options.reps ? reps : (quick[scenario]?.reps ?? reps)
}

if (only.some((id) => scenarios[id].smallBuffers)) {
  const code = rerunInOwnNetwork()
  if (code !== undefined) process.exit(code)
}

const stamp = new Date().toISOString().slice(0, 16).replaceAll(/[:T]/g, '-')
const out = resolve(options.out ?? join(here, 'results', `${stamp}.jsonl`))
mkdirSync(dirname(out), { recursive: true })
const traceFolder = options.trace && resolve(options.trace)
if (traceFolder) mkdirSync(traceFolder, { recursive: true })

const disk = filesOnDisk()
const started = { disk }
async function stop() {
  await started.browser?.close()
  for (const server of [started.sink, started.app]) server?.stop()
  disk.remove()
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, () => void stop().then(() => process.exit(1)))
// `kill` on npm ends npm and its shell, which pass nothing on: with them gone, the bench goes too.
const parent = process.ppid
const watchParent = setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGTERM'), 1000)
watchParent.unref()

const pad = (text, width) => String(text).padEnd(width)
function tell({ rep, scenario, contender, error, pageErrors, ...record }) {
  const phases = ['add', 'upload', 'run'].filter((phase) => record[phase])
  const times = phases.map((phase) => `${phase} ${record[phase].ms.toFixed(0)} ms`).join(', ')
  const trouble = [error, ...(pageErrors ?? [])].filter(Boolean).join(' | ')
  console.log(`${rep + 1}  ${pad(scenario, 8)} ${pad(contender, 16)} ${times} ${trouble}`.trimEnd())
}

try {
  const used = plan.flatMap(({ who }) => who.map((id) => contenders[id].bundle))
  const bundles = [...new Set(['raw', ...used])].filter((bundle) => !bundle.startsWith('against/'))
  await buildContenders({
    bundles,
    ...(options.source && { source: resolve(options.source) }),
    ...(options.against && { against: resolve(options.against) }),
  }).catch(() => {
    // The bundler has said why, and where.
    throw new Error('The contenders could not be built.')
  })
  Object.assign(started, await startServers())
  started.browser = await startBrowser()
  console.log(`Chromium ${started.browser.version}, ${cpus().length} cores, every run → ${out}`)

  // The first runs warm the browser's binary, the servers and the disk's cache: thrown away.
  for (const contender of ['raw-post', 'raw-put'])
    await measure({ scenario: 'W3_0', contender, rep: -1 }, started)
  const records = []
  /** Who ran out of time once is not waited for again. */
  const tooSlow = new Set()
  const most = Math.max(...plan.flatMap(({ scenario, who }) => who.map((id) => repsOf(scenario, id))))
  for (let rep = 0; rep < most; rep++)
    for (const { scenario, who } of plan) {
      const taking = who.filter((id) => rep < repsOf(scenario, id) && !tooSlow.has(`${scenario}/${id}`))
      // Another order each time: nobody always runs behind the same neighbour.
      const order = taking.map((_, index) => taking[(index + rep) % taking.length])
      for (const contender of order) {
        const trace = rep === 0 && traceFolder ? { traceFolder } : {}
        const record = await measure({ scenario, contender, rep, ...trace }, started)
        if (record.error?.startsWith('timeout')) tooSlow.add(`${scenario}/${contender}`)
        records.push(record)
        appendFileSync(out, `${JSON.stringify(record)}\n`)
        tell(record)
        await wait(100)
      }
    }

  const summary = summarize(records)
  print(summary)
  const goals = summary.flatMap((scenario) => scenario.goals)
  const bad = goals.filter(({ verdict }) => verdict === 'missed' || verdict === 'failed')
  const broken = records.filter(({ contender, error }) => error && contenders[contender].group === 'kit')
  const isOk = !bad.length && !broken.length
  if (options.json) {
    const machine = { chromium: started.browser.version, node: process.version, cores: cpus().length }
    const whole = {
      at: new Date().toISOString(),
      ok: isOk,
      quick: options.quick,
      machine,
      scenarios: summary,
    }
    writeFileSync(resolve(options.json), `${JSON.stringify(whole, null, 2)}\n`)
  }
  const met = goals.filter(({ verdict }) => verdict === 'ok').length
  console.log(`\n${met} of ${goals.filter(({ verdict }) => verdict !== 'not run').length} goals are met.`)
  process.exitCode = isOk ? 0 : 1
} catch (error) {
  console.error(error)
  process.exitCode = 1
} finally {
  await stop()
}
process.exit()
