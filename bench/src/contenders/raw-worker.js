// The floor with every XHR in a dedicated worker: the main thread gets one small message per finished file.
import { register } from '../runner.js'

register(({ cfg }) => {
  const worker = new Worker('/dist/upload-worker.js')
  let files
  return {
    add(added) {
      files = added
    },
    upload: () =>
      new Promise((resolve) => {
        worker.addEventListener('message', ({ data: { done } }) => {
          if (done) resolve(done)
        })
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's has none
        worker.postMessage({ files, cfg })
      }),
  }
})
