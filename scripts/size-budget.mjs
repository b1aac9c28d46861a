// What is measured, and how many bytes it may have: the builds and the rows of `npm run size`.

/**
 * An app imports and uses. Were its entry to export what it takes, the bundler would have to keep the entry free of
 * all else that lazy chunks share with it, and each such module would weigh as a small chunk that no app has.
 */
const appWith = (doorsByName) => {
  const imports = Object.entries(doorsByName).map(
    ([name, door]) => `import { ${name} } from 's3-upload-kit${door}'`,
  )
  return { code: [...imports, `globalThis.used = [${Object.keys(doorsByName).join()}]`].join('\n') }
}

/** Each build is what an app would write, with the whole dependency tree behind it but for the peers. */
export const builds = {
  engine: appWith({ createUploader: '/core' }),
  kit: appWith({ createUploader: '/core', kit: '/backends' }),
  presignedPost: appWith({ createUploader: '/core', presignedPost: '/backends' }),
  hook: appWith({ useS3Upload: '' }),
  uploader: appWith({ S3Uploader: '' }),
  // No `node:` on the edge: the build fails if the signer needs one.
  signer: appWith({ createUploadHandler: '/server' }),
  styles: { style: 'src/styles.css' },
}

const onTopOfTheEngine = (name) => (built) => ({
  min: built[name].first.min - built.engine.first.min,
  gzip: built[name].first.gzip - built.engine.first.gzip,
  chunks: built[name].lazy.filter((chunk) => !built.engine.lazy.some(({ file }) => file === chunk.file)),
})

/** The table. A row with a limit fails the run when it is passed. */
export const rows = [
  {
    title: 'engine, first chunk: createUploader, POST and PUT',
    limit: 6000,
    measure: ({ engine }) => engine.first,
  },
  {
    title: 'engine, all chunks',
    limit: 12_000,
    measure: ({ engine }) => ({ ...engine.all, chunks: engine.lazy }),
  },
  { title: 'engine, WASM apart (loads with checksums only)', measure: ({ engine }) => engine.wasm },
  { title: 'kit, on top of the engine', measure: onTopOfTheEngine('kit') },
  { title: 'presignedPost, on top of the engine', measure: onTopOfTheEngine('presignedPost') },
  { title: 'useS3Upload, engine included', measure: ({ hook }) => ({ ...hook.first, chunks: hook.lazy }) },
  {
    title: '<S3Uploader/> with list and dropzone, engine included',
    limit: 30_000,
    measure: ({ uploader }) => ({ ...uploader.first, chunks: uploader.lazy }),
  },
  {
    title: '<S3Uploader/>, with every chunk it may load',
    measure: ({ uploader }) => uploader.all,
  },
  {
    // 25 kB before the signer checked all options and answers of hooks (2.5), kept the state of uploads in the bucket and
    // marked their objects (2), and held stores that take unsigned headers (2).
    title: 'signer: createUploadHandler, for the edge',
    // 31 kB held states in every process; values that stores refuse, early refusals, partitions, and sure answers of stores and providers took three more.
    limit: 34_000,
    measure: ({ signer }) => signer.first,
  },
  { title: 'styles.css', measure: ({ styles }) => styles.first },
]
