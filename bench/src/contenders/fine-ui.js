// Fine Uploader 5 (S3 UI build) with its stock row template.
import qq from 'fine-uploader/s3.fine-uploader/s3.fine-uploader.js'
import template from 'fine-uploader/s3.fine-uploader/templates/default.html'

import 'fine-uploader/s3.fine-uploader/fine-uploader-new.css'
import { driveFine } from '../lib/fine-base.js'
import { register } from '../runner.js'

register(({ root, cfg }) => {
  document.body.insertAdjacentHTML('beforeend', template)
  const make = (options) => new qq.s3.FineUploader({ element: root, template: 'qq-template', ...options })
  return driveFine(cfg, make)
})
