import Dashboard from '@uppy/react/dashboard'
// Uppy with @uppy/react's Dashboard (Preact inside, rows virtualised).
import { createRoot } from 'react-dom/client'

import '@uppy/core/css/style.min.css'
import '@uppy/dashboard/css/style.min.css'
import { makeUppy } from '../lib/uppy-base.js'
import { register } from '../runner.js'
register(({ root, cfg }) => {
  const u = makeUppy(cfg)
  createRoot(root).render(<Dashboard uppy={u.uppy} width={880} height={600} />)
  return u
})
