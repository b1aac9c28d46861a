import { makeUppy } from '../lib/uppy-base.js'
// Uppy core + aws-s3, no UI.
import { register } from '../runner.js'
register(({ cfg }) => makeUppy(cfg))
