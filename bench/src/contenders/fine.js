// Fine Uploader 5 (S3 core build), no UI.
import qq from 'fine-uploader/s3.fine-uploader/s3.fine-uploader.core.js'

import { driveFine } from '../lib/fine-base.js'
import { register } from '../runner.js'

register(({ cfg }) => driveFine(cfg, (options) => new qq.s3.FineUploaderBasic(options)))
