import { UppyContextProvider, FilesList, UploadButton } from '@uppy/react'
// Uppy with @uppy/react's headless <FilesList/> + <UploadButton/>.
import { createRoot } from 'react-dom/client'

import '@uppy/react/css/style.css'
import { makeUppy } from '../lib/uppy-base.js'
import { register } from '../runner.js'
register(({ root, cfg }) => {
  const u = makeUppy(cfg)
  createRoot(root).render(
    <UppyContextProvider uppy={u.uppy}>
      <FilesList />
      <UploadButton />
    </UppyContextProvider>,
  )
  return u
})
