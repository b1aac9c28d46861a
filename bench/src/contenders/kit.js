// Our engine, no UI.
import { createUploader } from 's3-upload-kit/core'

import { driven, kitBackend } from '../lib/kit-backend.js'
import { register } from '../runner.js'

register(({ cfg }) => driven(createUploader({ backend: kitBackend(cfg) })))
