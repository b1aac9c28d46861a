// Our engine with the whole uploader on the page: dropzone, sums, list.
import 's3-upload-kit/styles.css'
import { createRoot } from 'react-dom/client'
import { S3Uploader } from 's3-upload-kit'
import { createUploader } from 's3-upload-kit/core'

import { driven, kitBackend } from '../lib/kit-backend.js'
import { register } from '../runner.js'

register(({ root, cfg }) => {
  const uploader = createUploader({ backend: kitBackend(cfg) })
  createRoot(root).render(<S3Uploader uploader={uploader} />)
  return driven(uploader)
})
