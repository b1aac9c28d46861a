// The floor, no library. Options: transport put|post, sign batch|ahead|inline, concurrency, ui none|dom|virtual, fetch, progress.
import { bytes, uploadAll, uploadMultipart } from '../lib/net.js'
import { register } from '../runner.js'

const rowHeight = 40
/** Rows kept above and below what is visible. */
const spare = 4

function fill(row, file) {
  row.innerHTML =
    '<span class=n></span><span class=s></span><div class=bar><i></i></div><button>Remove</button>'
  const [name, size] = row.children
  name.textContent = file.name
  size.textContent = bytes(file.size)
  return row.querySelector('i')
}

/** Every row in the page. */
function domList(root) {
  const bars = []
  return {
    add(files) {
      const rows = document.createElement('ul')
      for (const file of files) {
        const row = document.createElement('li')
        row.className = 'row'
        bars.push(fill(row, file))
        rows.append(row)
      }
      root.append(rows)
    },
    set(index, progress) {
      bars[index].style.transform = `scaleX(${progress})`
    },
  }
}

/** Only what is visible, painted at most once per frame. */
function virtualList(root) {
  const box = document.createElement('div')
  box.style.position = 'relative'
  root.append(box)
  const live = new Map()
  let files = []
  let progresses = new Float32Array(0)
  let isQueued = false

  const rowFor = (index) => {
    const row = document.createElement('div')
    row.className = 'row'
    row.style.cssText = `position:absolute;left:0;right:0;top:${index * rowHeight}px`
    const entry = { row, bar: fill(row, files[index]), progress: 0 }
    live.set(index, entry)
    box.append(row)
    return entry
  }
  const paint = () => {
    isQueued = false
    const first = Math.max(0, Math.floor(root.scrollTop / rowHeight) - spare)
    const end = Math.min(files.length, first + Math.ceil(root.clientHeight / rowHeight) + 2 * spare)
    for (const [index, { row }] of live)
      if (index < first || index >= end) {
        row.remove()
        live.delete(index)
      }
    for (let index = first; index < end; index++) {
      const entry = live.get(index) ?? rowFor(index)
      if (entry.progress === progresses[index]) continue
      entry.progress = progresses[index]
      entry.bar.style.transform = `scaleX(${entry.progress})`
    }
  }
  const queue = () => {
    if (isQueued) return
    isQueued = true
    requestAnimationFrame(paint)
  }
  root.addEventListener('scroll', queue, { passive: true })
  return {
    add(added) {
      files = added
      progresses = new Float32Array(files.length)
      box.style.height = `${files.length * rowHeight}px`
      paint()
    },
    set(index, progress) {
      progresses[index] = progress
      if (live.has(index)) queue()
    },
  }
}

const lists = { dom: domList, virtual: virtualList }

register(({ root, cfg }) => {
  let files = []
  const list = lists[cfg.ui]?.(root)
  const set = (index, progress) => list?.set(index, progress)
  return {
    add(added) {
      files = added
      list?.add(added)
    },
    upload: () => (cfg.multipart ? uploadMultipart(files, cfg) : uploadAll(files, cfg, set)),
  }
})
