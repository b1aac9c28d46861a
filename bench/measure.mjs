// One run: a contender in a scenario, in a fresh browser context (own renderer process, no preflights remembered).
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Page } from './cdp.mjs'
import { machineTimes, peakMemory, setSocketBuffers, wait } from './machine.mjs'
import { contenders, scenarios } from './scenarios.mjs'

/** Milliseconds after an `add` in which long tasks still count: what it puts off is part of it. */
const settleAfterAdd = 1000
const phasesOf = { run: ['run'], phases: ['add', 'upload'], add: ['add'] }

/**
 * @param {object} run
 * @param {string} run.scenario
 * @param {string} run.contender
 * @param {number} run.rep
 * @param {string} [run.traceFolder] where CPU profiles and the servers' request logs go
 * @param {object} machine servers, browser and files of `machine.mjs`
 */
export async function measure({ scenario: scenarioId, contender: id, rep, traceFolder }, machine) {
  const { sink, app, browser, disk } = machine
  const scenario = scenarios[scenarioId]
  const contender = contenders[id]
  const { mode = 'run', files, timeout } = scenario
  const record = { scenario: scenarioId, contender: id, rep, at: new Date().toISOString() }
  setSocketBuffers(scenario.smallBuffers)
  await sink.control('config', {
    reset: true,
    ...scenario.sink,
    hold: mode !== 'run',
    log: traceFolder !== undefined,
  })
  let page
  try {
    page = await Page.open(browser.session())
    // CPU time of the main thread, not wall time: the machine is shared.
    await page.send('Performance.enable', { timeDomain: 'threadTicks' })
    await page.goto(`${app.url}/page?c=${contender.bundle}`, 'window.uploadBench?.ready === true')
    await page.call('start', { s3: sink.url, ...scenario.page, ...contender.options })
    if (files.onDisk) {
      await page.choose('#pick', [disk.file(files.onDisk)])
      await page.call('pick')
    } else await page.call('make', files)
    await wait(250)
    record.heapBefore = await heapOf(page)
    await sink.control('reset')
    await app.control('reset')
    for (const phase of phasesOf[mode]) {
      if (phase === 'upload') await sink.control('config', { hold: false })
      const profiled = traceFolder ? await startProfile(page) : undefined
      record[phase] = await timed(page, browser.session(), () =>
        inTime(page.call(phase, mode === 'add' ? settleAfterAdd : undefined), timeout, phase),
      )
      if (profiled) await profiled(join(traceFolder, `${scenarioId}-${id}-${phase}.cpuprofile`))
      if (mode !== 'run' || files.onDisk) record[phase].heap = await heapOf(page)
      record[phase].elements = await page.call('elements')
    }
    record.sink = await sink.control('stats')
    record.app = (await app.control('stats')).requests
    if (traceFolder) {
      const requests = [...(await app.control('log')), ...(await sink.control('log'))]
      writeFileSync(join(traceFolder, `${scenarioId}-${id}-requests.json`), JSON.stringify(requests))
    }
    if (mode !== 'add') checkOutcome(record, record.upload ?? record.run, files.count ?? 1)
  } catch (error) {
    record.error = String(error.message ?? error).split('\n')[0]
  }
  if (page?.errors.length) record.pageErrors = page.errors.slice(0, 3)
  const closed = page && (await Promise.race([closes(page), wait(4000)]))
  await sink.control('config', { reset: true })
  if (record.error || !closed) await browser.renew()
  return record
}

function checkOutcome(record, { ok, failed, err }, wanted) {
  Object.assign(record, { ok, failed })
  if (ok !== wanted) record.error = `Only ${ok} of ${wanted} were uploaded. ${err ?? ''}`.trim()
}

const closes = (page) =>
  page.close().then(
    () => true,
    () => false,
  )

async function inTime(result, timeout, what) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`timeout in ${what}`)), timeout)
  })
  try {
    return await Promise.race([result, late])
  } finally {
    clearTimeout(timer)
  }
}

async function startProfile(page) {
  await page.send('Profiler.enable')
  await page.send('Profiler.setSamplingInterval', { interval: 500 })
  await page.send('Profiler.start')
  return async (file) => {
    const { profile } = await page.send('Profiler.stop')
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, JSON.stringify(profile))
  }
}

/** What a phase says of itself, and what it cost the main thread, Chromium's processes and the machine. */
async function timed(page, session, run) {
  const processes = async () => (await session.send('SystemInfo.getProcessInfo')).processInfo
  const metrics = async () => {
    const { metrics: all } = await page.send('Performance.getMetrics')
    return Object.fromEntries(all.map(({ name, value }) => [name, value]))
  }
  const before = { processes: await processes(), metrics: await metrics(), machine: machineTimes() }
  const result = await run()
  const after = { metrics: await metrics(), processes: await processes(), machine: machineTimes() }

  const spent = (name) => (after.metrics[name] - before.metrics[name]) * 1000
  const counted = (name) => after.metrics[name] - before.metrics[name]
  const cpu = {}
  for (const { id, type, cpuTime } of after.processes) {
    const was = before.processes.find((one) => one.id === id)
    const kind = type === 'utility' ? 'network' : type
    cpu[kind] = (cpu[kind] ?? 0) + (cpuTime - (was?.cpuTime ?? 0)) * 1000
  }
  const peaks = after.processes.filter(({ type }) => type === 'renderer').map(({ id }) => peakMemory(id) ?? 0)
  return {
    ...result,
    main: {
      task: spent('TaskDuration'),
      script: spent('ScriptDuration'),
      layout: spent('LayoutDuration'),
      style: spent('RecalcStyleDuration'),
      layouts: counted('LayoutCount'),
      styles: counted('RecalcStyleCount'),
      nodes: after.metrics.Nodes,
    },
    cpu,
    rendererPeak: Math.max(...peaks),
    machineBusy:
      (after.machine.busy - before.machine.busy) / Math.max(1, after.machine.all - before.machine.all),
  }
}

const mib = (bytes) => bytes / 1024 ** 2

/** In MiB, after two forced collections. */
async function heapOf(page) {
  await page.send('HeapProfiler.collectGarbage')
  await page.send('HeapProfiler.collectGarbage')
  const {
    usedSize,
    embedderHeapUsedSize = 0,
    backingStorageSize = 0,
  } = await page.send('Runtime.getHeapUsage')
  return { js: mib(usedSize), dom: mib(embedderHeapUsedSize), backing: mib(backingStorageSize) }
}
