// Who runs (`contenders`), what they run (`scenarios`), and what `--quick` takes of it: the only file to read to know
// what a number means.
const mebibyte = 1024 ** 2

const floor = (label, options, bundle = 'raw') => ({ group: 'floor', bundle, label, options })
const kit = (label, options = {}, bundle = 'kit') => ({ group: 'kit', bundle, label, options })
const peer = (label, bundle, options = {}) => ({ group: 'peer', bundle, label, options })

/** id → the file in `src/contenders`, how it is called in tables, and what is merged into the page's configuration. */
export const contenders = {
  'raw-put': floor('raw PUT, 6 at once', { transport: 'put' }),
  'raw-put-c3': floor('raw PUT, 3 at once', { transport: 'put', concurrency: 3 }),
  'raw-post': floor('raw POST form, 6 at once', { transport: 'post' }),
  'raw-post-c3': floor('raw POST form, 3 at once', { transport: 'post', concurrency: 3 }),
  'raw-post-noprog': floor('raw POST form, no progress', { transport: 'post', progress: false }),
  'raw-post-ahead': floor('raw POST form, signed 50 ahead', { transport: 'post', sign: 'ahead' }),
  'raw-post-inline': floor('raw POST form, signed one by one', { transport: 'post', sign: 'inline' }),
  'raw-put-inline': floor('raw PUT, signed one by one', { transport: 'put', sign: 'inline' }),
  'raw-post-shard2': floor('raw POST form, two host names, 12 at once', {
    transport: 'post',
    shard: true,
    concurrency: 12,
  }),
  'raw-worker': floor('raw POST form in a worker', { transport: 'post' }, 'raw-worker'),
  'raw-fetch': floor('raw fetch() PUT, 6 at once', { transport: 'put', fetch: true }),
  'raw-dom': floor('vanilla list of all rows', { transport: 'post', ui: 'dom' }),
  'raw-virtual': floor('vanilla windowed list', { transport: 'post', ui: 'virtual' }),
  'react-virtual': floor('React windowed list', { transport: 'post' }, 'react-virtual'),
  'raw-mp-c6-p5': floor('raw, 6 parts of 5 MiB', { concurrency: 6, partSize: 5 * mebibyte }),
  'raw-mp-c6-p8': floor('raw, 6 parts of 8 MiB', { concurrency: 6, partSize: 8 * mebibyte }),
  'raw-mp-c6-p16': floor('raw, 6 parts of 16 MiB', { concurrency: 6, partSize: 16 * mebibyte }),
  'raw-mp-c3-p8': floor('raw, 3 parts of 8 MiB', { concurrency: 3, partSize: 8 * mebibyte }),
  // In parts: create, signatures and completion are calls to the signer, as `kit()` makes them.
  kit: kit('s3-upload-kit'),
  'kit-put': kit('s3-upload-kit, PUT', { transport: 'put' }),
  'kit-shard2': kit('s3-upload-kit, two host names', { shard: true }),
  // The calls of the raw floor: all signatures come with the creation, the browser completes.
  'kit-presigned': kit('s3-upload-kit, parts signed with the creation', { presigned: true }),
  'kit-p8': kit('s3-upload-kit, 8 MiB parts', { partSize: 8 * mebibyte }),
  'kit-list': kit('s3-upload-kit, <S3Uploader/>', {}, 'kit-list'),
  uppy: peer('Uppy 6', 'uppy'),
  'uppy-post': peer('Uppy 6, POST', 'uppy', { post: true }),
  'uppy-p16': peer('Uppy 6, 16 MiB parts', 'uppy', { partSize: 16 * mebibyte }),
  'uppy-dashboard': peer('Uppy 6 + React Dashboard', 'uppy-dashboard'),
  'uppy-fileslist': peer('Uppy 6 + React FilesList', 'uppy-fileslist'),
  better: peer('better-upload 3, all at once', 'better', { route: 'mp50' }),
  'better-b6': peer('better-upload 3, 6 at once', 'better', { route: 'mp8', batch: 6, partBatch: 6 }),
  'better-p8': peer('better-upload 3, 8 MiB parts, all at once', 'better', { route: 'mp8' }),
  fine: peer('Fine Uploader 5, 3 at once', 'fine'),
  'fine-c6': peer('Fine Uploader 5, 6 at once', 'fine', { maxConnections: 6 }),
  'fine-ui': peer('Fine Uploader 5 UI, 6 at once', 'fine-ui', { maxConnections: 6 }),
}

const seconds = (count) => count * 1000
const ours = (...ids) => ['kit', ...ids]
const slower = (than, most, who = 'kit', phase = 'run') => ({ who, phase, than, most })
const noLongTask = (who, phase) => ({ who, phase, longTasks: 0 })
/** A round trip of `ms` to S3, whatever is asked of it. */
const roundTrip = (ms) => ({
  latency: { options: ms, put: ms, part: ms, post: ms, create: ms, complete: ms },
})

const smallFiles = {
  files: { count: 1000, size: 16_384 },
  floor: 'raw-post',
  timeout: seconds(150),
  contenders: [
    'raw-post',
    'raw-post-ahead',
    'raw-post-inline',
    'raw-put',
    'raw-put-inline',
    ...ours('kit-put'),
    'uppy',
    'uppy-post',
    'uppy-dashboard',
    'better',
    'better-b6',
    'fine',
    'fine-c6',
  ],
}
const parts = {
  files: { onDisk: 512 },
  floor: 'raw-mp-c6-p8',
  timeout: seconds(120),
  contenders: [
    'raw-mp-c6-p5',
    'raw-mp-c6-p8',
    'raw-mp-c6-p16',
    'raw-mp-c3-p8',
    ...ours('kit-presigned', 'kit-p8'),
    'uppy',
    'uppy-p16',
    'uppy-dashboard',
    'better',
    'better-p8',
    'better-b6',
    'fine',
    'fine-c6',
  ],
}
const list = (count) => ({
  title: `a list on the page: ${count.toLocaleString('en')} files of 1 KiB`,
  files: { count, size: 1024 },
  mode: 'phases',
  floor: 'raw-virtual',
  timeout: seconds(180),
  page: {},
  goals: [
    slower('raw-virtual', 2, 'kit-list', 'add'),
    noLongTask('kit-list', 'add'),
    slower('raw-virtual', 1.1, 'kit-list', 'upload'),
  ],
  contenders: [
    'raw-virtual',
    'raw-dom',
    'react-virtual',
    ...ours('kit-list'),
    'uppy',
    'uppy-dashboard',
    'uppy-fileslist',
    'better',
    'better-b6',
    'fine-ui',
  ],
})

/**
 * - files: `onDisk` MiB in one real file, chosen through `<input>`; or `count` files of `size` bytes, made in the page
 * - mode: `run` times add and upload as one; `phases` times add (S3 holds its answers back) apart from upload; `add` ends there
 * - page: what every contender is told, `lat` being the signer's latency in ms; sink: how S3 behaves
 * - floor: what ratios are to; goals: at most so many times as long as `than`, or so many long tasks
 */
export const scenarios = {
  W1: {
    title: '1 file of 512 MiB in a single request',
    files: { onDisk: 512 },
    page: {},
    floor: 'raw-post',
    timeout: seconds(60),
    // PUT and POST differ more from each other than we do from either.
    goals: [slower('raw-post', 1.02), slower('raw-put', 1.02, 'kit-put')],
    contenders: [
      'raw-post',
      'raw-put',
      'raw-fetch',
      ...ours('kit-put'),
      'uppy',
      'uppy-post',
      'better',
      'fine',
    ],
  },
  W2: {
    ...parts,
    title: '1 file of 512 MiB in parts, no latency',
    page: { multipart: true },
    goals: [slower('raw-mp-c6-p8', 0.9)],
  },
  W2L: {
    ...parts,
    title: '1 file of 512 MiB in parts, signer 50 ms, S3 30 ms',
    page: { multipart: true, lat: 50 },
    sink: roundTrip(30),
    goals: [slower('raw-mp-c6-p8', 1)],
  },
  W2S: {
    ...parts,
    title: '1 file of 64 MiB in parts, signer 50 ms, S3 30 ms: what the calls around the bytes cost',
    files: { onDisk: 64 },
    page: { multipart: true, lat: 50 },
    sink: roundTrip(30),
    goals: [],
  },
  W2C: {
    ...parts,
    title: '1 file of 256 MiB in parts, 24 MiB/s a connection, signer 50 ms',
    files: { onDisk: 256 },
    page: { multipart: true, lat: 50 },
    sink: { rate: 24 * mebibyte },
    goals: [slower('raw-mp-c6-p8', 1)],
  },
  W3_0: {
    ...smallFiles,
    title: '1,000 files of 16 KiB, no latency',
    page: { lat: 0 },
    goals: [slower('raw-post', 1.2)],
    contenders: [...smallFiles.contenders, 'raw-post-c3', 'raw-put-c3', 'raw-post-noprog', 'raw-worker'],
  },
  W3_50: {
    ...smallFiles,
    title: '1,000 files of 16 KiB, signer 50 ms',
    page: { lat: 50 },
    goals: [slower('raw-post', 1.2)],
  },
  W3_100: {
    ...smallFiles,
    title: '1,000 files of 16 KiB, signer 100 ms',
    page: { lat: 100 },
    goals: [slower('raw-post', 1.2)],
  },
  W3R: {
    ...smallFiles,
    title: '1,000 files of 16 KiB, signer 50 ms, S3 30 ms',
    page: { lat: 50 },
    sink: roundTrip(30),
    goals: [slower('raw-post', 1.05), slower('raw-post', 0.55, 'kit-shard2')],
    contenders: [...smallFiles.contenders, 'raw-post-shard2', 'kit-shard2'],
  },
  W4_500: list(500),
  W4_2000: list(2000),
  W4_5000: list(5000),
  ADD: {
    title: '10,000 files of 1 KiB are added',
    files: { count: 10_000, size: 1024 },
    mode: 'add',
    floor: 'raw-virtual',
    timeout: seconds(60),
    page: {},
    goals: [noLongTask('kit', 'add')],
    contenders: ['raw-virtual', 'react-virtual', ...ours('kit-list'), 'uppy'],
  },
  W5: {
    title: '200 files of 256 KiB, 256 KiB/s a connection: what progress costs',
    files: { count: 200, size: 262_144 },
    page: { countProgress: true },
    sink: { rate: 256 * 1024 },
    smallBuffers: true,
    floor: 'raw-post',
    timeout: seconds(120),
    goals: [],
    contenders: [
      'raw-put',
      'raw-post',
      'raw-worker',
      'raw-dom',
      'raw-virtual',
      'react-virtual',
      ...ours('kit-list'),
      'uppy',
      'uppy-dashboard',
      'uppy-fileslist',
      'better',
      'fine-c6',
      'fine-ui',
    ],
  },
}

/**
 * `--quick`: who takes part in which scenario, and how often; the shorter a run, the more of them it takes on a busy
 * machine. Peers run once, for the picture: goals are between the floor and us.
 */
export const quick = {
  W3_50: { who: ['raw-post', 'kit', 'uppy', 'better'], reps: 9 },
  W3R: { who: ['raw-post', 'raw-post-shard2', 'kit', 'kit-shard2', 'better'], reps: 3 },
  W2L: { who: ['raw-mp-c6-p8', 'kit', 'kit-presigned', 'uppy', 'better'], reps: 5 },
  W1: { who: ['raw-post', 'raw-put', 'kit', 'kit-put', 'uppy', 'better'], reps: 5 },
  ADD: { who: ['raw-virtual', 'kit', 'kit-list', 'uppy'], reps: 5 },
}
