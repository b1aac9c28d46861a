import { uploadAll } from '../lib/net.js'

const tell = (message) =>
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's has none
  globalThis.postMessage(message)

const report = (index, progress) => progress === 1 && tell({ index })

globalThis.addEventListener('message', ({ data: { files, cfg } }) => {
  void uploadAll(files, cfg, report).then((done) => tell({ done }))
})
