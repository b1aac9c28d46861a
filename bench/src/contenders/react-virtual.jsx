// What a careful React list can reach: windowed rows, one subscription per row, writes coalesced to one flush per frame.
import { memo, useLayoutEffect, useState, useSyncExternalStore } from 'react'
import { createRoot } from 'react-dom/client'

import { bytes, uploadAll } from '../lib/net.js'
import { register } from '../runner.js'

const rowHeight = 40
/** Rows kept above and below what is visible. */
const spare = 4

function makeStore() {
  let files = []
  let progresses = []
  const rows = new Map()
  const lists = new Set()
  const touched = new Set()
  let isQueued = false
  const flush = () => {
    isQueued = false
    for (const index of touched) rows.get(index)?.()
    touched.clear()
  }
  return {
    files: () => files,
    progress: (index) => progresses[index],
    add(added) {
      files = added
      progresses = Array.from({ length: added.length }, () => 0)
      for (const listener of lists) listener()
    },
    set(index, progress) {
      progresses[index] = progress
      if (!rows.has(index)) return
      touched.add(index)
      if (isQueued) return
      isQueued = true
      requestAnimationFrame(flush)
    },
    subscribeList(listener) {
      lists.add(listener)
      return () => lists.delete(listener)
    },
    subscribeRow: (index) => (listener) => {
      rows.set(index, listener)
      return () => rows.delete(index)
    },
  }
}

const Row = memo(function Row({ store, index }) {
  const [subscribe] = useState(() => store.subscribeRow(index))
  const progress = useSyncExternalStore(subscribe, () => store.progress(index))
  const file = store.files()[index]
  return (
    <li className="row" style={{ position: 'absolute', left: 0, right: 0, top: index * rowHeight }}>
      <span className="n">{file.name}</span>
      <span className="s">{bytes(file.size)}</span>
      <div className="bar">
        <i style={{ transform: `scaleX(${progress})` }} />
      </div>
      <button type="button">Remove</button>
    </li>
  )
})

function List({ store, scroller }) {
  const files = useSyncExternalStore(store.subscribeList, store.files)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    const follow = () => setTop(Math.floor(scroller.scrollTop / rowHeight / spare) * spare)
    scroller.addEventListener('scroll', follow, { passive: true })
    return () => scroller.removeEventListener('scroll', follow)
  }, [scroller])
  const first = Math.max(0, top - spare)
  const end = Math.min(files.length, top + Math.ceil(scroller.clientHeight / rowHeight) + 2 * spare)
  return (
    <ul style={{ position: 'relative', height: files.length * rowHeight }}>
      {Array.from({ length: Math.max(0, end - first) }, (_, at) => (
        <Row key={first + at} store={store} index={first + at} />
      ))}
    </ul>
  )
}

register(({ root, cfg }) => {
  const store = makeStore()
  createRoot(root).render(<List store={store} scroller={root} />)
  return {
    add: (files) => store.add(files),
    upload: () => uploadAll(store.files(), cfg, (index, progress) => store.set(index, progress)),
  }
})
