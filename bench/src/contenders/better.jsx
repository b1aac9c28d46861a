// better-upload: useUploadFiles and a list over control.progresses, the shape of its docs' <UploadProgress>.
// It has no "added, not uploading yet": add() is upload(), and resolves once every file is listed on screen.
import { useUploadFiles } from '@better-upload/client'
import { formatBytes } from '@better-upload/client/helpers'
import { useEffect } from 'react'
import { createRoot } from 'react-dom/client'

import { register } from '../runner.js'

function Row({ file: { name, size, progress, status } }) {
  return (
    <div className="row">
      <svg width="24" height="24" viewBox="0 0 24 24">
        <path d="M4 2h10l6 6v14H4z" />
      </svg>
      <p className="n">{name}</p>
      <p className="s">{formatBytes(size)}</p>
      {progress < 1 && status !== 'failed' ? (
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as its docs have it
        <div className="bar" role="progressbar" aria-valuenow={progress * 100}>
          <i style={{ transform: `scaleX(${progress})` }} />
        </div>
      ) : (
        <p className="s">{status === 'failed' ? 'Failed' : 'Completed'}</p>
      )}
    </div>
  )
}

/** @param onRender is told the hook's state after each render */
function App({ cfg, onRender }) {
  const state = useUploadFiles({
    api: `/api/upload?lat=${cfg.lat ?? 0}`,
    route: cfg.multipart ? cfg.route : 'single',
    uploadBatchSize: cfg.batch,
    multipartBatchSize: cfg.partBatch,
    retry: cfg.retry,
  })
  const { progresses } = state
  useEffect(() => onRender(state))
  return (
    <div>
      {progresses.map((file) => (
        <Row key={file.objectInfo.key} file={file} />
      ))}
    </div>
  )
}

register(({ root, cfg }) => {
  let state
  let listed
  let pending
  const contender = {
    add: (files) =>
      new Promise((resolve) => {
        listed = { count: files.length, resolve }
        const { control } = state
        pending = control.upload(files).then(({ files: stored }) => {
          resolve()
          return { ok: stored.length, failed: files.length - stored.length, err: control.error?.message }
        })
      }),
    upload: () => pending,
  }
  return new Promise((resolve) => {
    const onRender = (next) => {
      state = next
      if (listed && next.progresses.length >= listed.count) listed.resolve()
      resolve(contender)
    }
    createRoot(root).render(<App cfg={cfg} onRender={onRender} />)
  })
})
