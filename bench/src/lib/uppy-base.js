import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'
import { options } from 'preact'

import { signOperation } from './net.js'

// Preact's own (mangled) hook after each commit.
const hook = '__c'
const before = options[hook]
options[hook] = (vnode, queue) => {
  window.uploadBench.commits.preact++
  before?.(vnode, queue)
}

export function makeUppy(cfg) {
  const kind = cfg.post ? 'post' : 'put'
  const uppy = new Uppy({ autoProceed: false })
  uppy.use(AwsS3, {
    limit: cfg.concurrency ?? 6,
    shouldUseMultipart: Boolean(cfg.multipart),
    ...(cfg.partSize && { getChunkSize: () => cfg.partSize }),
    signRequest: (operation) => signOperation({ ...operation, kind }, cfg.lat ?? 0),
  })
  return {
    uppy,
    add(files) {
      uppy.addFiles(files.map((file) => ({ name: file.name, type: file.type, data: file, source: 'bench' })))
    },
    async upload() {
      const { successful, failed } = await uppy.upload()
      return { ok: successful.length, failed: failed.length }
    },
  }
}
