// The page's side: a contender's bundle calls register(setup), the bench drives window.uploadBench over CDP.
// setup({root, cfg}) → {add(files), upload()}; cfg is the scenario's page settings and the contender's options.
const bench = window.uploadBench
const longTasks = []
const observer = new PerformanceObserver((list) => longTasks.push(...list.getEntries()))
observer.observe({ type: 'longtask', buffered: true })

const sleep = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
export const painted = () =>
  new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve))
  })

/** @param settle ms after the end whose long tasks count too: what a phase has put off */
async function phase(run, settle = 60) {
  await sleep(0) // out of DevTools' own task: its length is not always told
  const began = performance.now()
  const detail = await run()
  const ms = performance.now() - began
  await sleep(settle + 60) // lets the observer deliver
  longTasks.push(...observer.takeRecords())
  const durations = longTasks
    .filter(({ startTime, duration }) => startTime + duration > began && startTime < began + ms + settle)
    .map(({ duration }) => duration)
  return {
    ms,
    ...detail,
    longTasks: durations.length,
    longTaskMs: durations.reduce((sum, duration) => sum + duration, 0),
    longTaskMax: Math.max(0, ...durations),
    commits: { ...bench.commits },
    progress: { ...bench.progress },
  }
}

const timed = (handler) =>
  function handleTimed(event) {
    const began = performance.now()
    try {
      return handler.call(this, event)
    } finally {
      const took = performance.now() - began
      bench.progress.events++
      bench.progress.ms += took
      bench.progress.max = Math.max(bench.progress.max, took)
    }
  }

/** Counts upload progress events, and the time spent synchronously inside their handlers. */
function watchProgress() {
  const own = Object.getOwnPropertyDescriptor(XMLHttpRequestEventTarget.prototype, 'onprogress')
  Object.defineProperty(XMLHttpRequestUpload.prototype, 'onprogress', {
    configurable: true,
    get() {
      return own.get.call(this)
    },
    set(handler) {
      own.set.call(this, handler && timed(handler))
    },
  })
  const addEventListener = Object.getOwnPropertyDescriptor(EventTarget.prototype, 'addEventListener').value
  XMLHttpRequestUpload.prototype.addEventListener = function addTimed(type, handler, options) {
    const isProgress = type === 'progress' && typeof handler === 'function'
    return addEventListener.call(this, type, isProgress ? timed(handler) : handler, options)
  }
}

/** Files over one buffer. */
function makeFiles(count, size) {
  const bytes = new Uint8Array(size + count)
  const most = 65_536 // getRandomValues takes no more
  for (let at = 0; at < bytes.length; at += most) crypto.getRandomValues(bytes.subarray(at, at + most))
  return Array.from({ length: count }, (_, index) => {
    const name = `file-${String(index).padStart(5, '0')}.bin`
    const facts = { type: 'application/octet-stream', lastModified: 1.7e12 + index }
    return new File([bytes.subarray(index, index + size)], name, facts)
  })
}

export function register(setup) {
  let contender
  let files
  Object.assign(bench, {
    async start(cfg) {
      if (cfg.countProgress) watchProgress()
      contender = await setup({ root: document.getElementById('root'), cfg })
      await painted()
      await sleep(100)
    },
    make({ count, size }) {
      files = makeFiles(count, size)
    },
    pick() {
      files = [...document.getElementById('pick').files]
    },
    add: (settle) =>
      phase(async () => {
        await contender.add(files)
        await painted()
      }, settle ?? undefined),
    upload: () => phase(() => contender.upload()),
    run: () =>
      phase(async () => {
        await contender.add(files)
        return contender.upload()
      }),
    elements: () => document.getElementsByTagName('*').length,
  })
  bench.ready = true
}
