/** Fine Uploader's options for the harness. */
function fineOptions(cfg, done) {
  let ok = 0
  let failed = 0
  let err
  return {
    autoUpload: false,
    maxConnections: cfg.maxConnections ?? 3,
    debug: false,
    request: { endpoint: cfg.s3, accessKey: 'AKIDEXAMPLE' },
    objectProperties: {
      bucket: 'bench',
      host: cfg.s3.replace('http://', ''),
      region: 'us-east-1',
      key: 'uuid',
    },
    signature: { endpoint: `/sign/fine?lat=${cfg.lat ?? 0}`, version: cfg.version ?? 4 },
    cors: { expected: true },
    retry: { enableAuto: false },
    chunking: cfg.multipart
      ? { enabled: true, mandatory: true, partSize: cfg.partSize ?? 5_242_880, concurrent: { enabled: true } }
      : { enabled: false },
    callbacks: {
      onComplete(_id, _name, answer) {
        if (answer.success) ok++
        else {
          failed++
          err = JSON.stringify(answer)
        }
      },
      onAllComplete: () => done({ ok, failed, err }),
    },
  }
}

/** @param make makes the uploader from its options */
export function driveFine(cfg, make) {
  let settle
  const finished = new Promise((resolve) => {
    settle = resolve
  })
  let listed
  const options = fineOptions(cfg, settle)
  options.callbacks.onSubmitted = () => listed?.()
  const uploader = make(options)
  return {
    add: (files) =>
      new Promise((resolve) => {
        let count = 0
        listed = () => ++count === files.length && resolve()
        uploader.addFiles(files)
      }),
    upload() {
      uploader.uploadStoredFiles()
      return finished
    },
  }
}
