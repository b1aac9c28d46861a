import { kit } from '../backends/kit.ts'
import type { KitOptions } from '../backends/kit.ts'
import { createUploader, xhrTransport } from '../core/index.ts'
import type {
  HttpRequest,
  HttpResponse,
  HttpTransport,
  ResumeStore,
  Scheduler,
  UploadBackend,
  Uploader,
  UploaderSettings,
  UploadLimits,
} from '../core/index.ts'

/** Where targets come from: any backend, or the address of our own signer. Fixed for the uploader's life. */
export type UploadSource =
  | { backend: UploadBackend; endpoint?: never; route?: never; headers?: never; credentials?: never }
  | ({ backend?: never } & Pick<KitOptions, 'endpoint' | 'route' | 'headers' | 'credentials'>)

/** What `useS3Upload`, `S3UploadProvider` and `S3Uploader` take. Rules and callbacks may change at any render. */
export type UseS3UploadOptions = UploadSource &
  Omit<UploaderSettings, 'limits'> & {
    /** How requests are sent. Default: XMLHttpRequest. Fixed for the uploader's life. */
    transport?: HttpTransport | undefined
    /** When changes become visible. Default: once per animation frame. Fixed for the uploader's life. */
    schedule?: Scheduler | undefined
    /**
     * Where unfinished uploads in parts are remembered, for after a reload or a crash; false: nowhere. Default: IndexedDB.
     * Fixed for the uploader's life.
     */
    resume?: ResumeStore | false | undefined
    /** Cancel what is under way when the component that owns the uploader unmounts. Default false. */
    cancelOnUnmount?: boolean | undefined
  }

/** An uploader whose options follow the component's latest props. */
export interface HookUploader {
  uploader: Uploader
  /** Asks the server what it takes; undefined where it cannot say. */
  fetchLimits: ((signal: AbortSignal) => Promise<UploadLimits>) | undefined
  /** Tells the uploaders' limits apart in the query cache. */
  limitsKey: readonly unknown[]
  update: (options: UseS3UploadOptions) => void
}

/** Makes the uploader of one component. Inert, so a render that React throws away costs nothing. */
export function createHookUploader(options: UseS3UploadOptions): HookUploader {
  let latest = options
  const { transport = xhrTransport(), schedule, resume } = options
  const backend: UploadBackend = options.backend ?? kitOf(options, () => latest)
  const uploader = createUploader({
    ...settingsOf(options),
    backend,
    transport,
    ...(schedule && { schedule }),
    ...(resume !== undefined && { resume }),
  })
  return {
    uploader,
    fetchLimits:
      backend.limits &&
      (async (signal) => {
        const send = (request: HttpRequest): Promise<HttpResponse> => transport.send(request, { signal })
        return (await backend.limits?.({ signal, now: Date.now, send })) ?? {}
      }),
    limitsKey: options.backend
      ? ['s3-upload', 'limits', backend.name, numberOf(backend)]
      : ['s3-upload', 'limits', options.endpoint, options.route ?? null],
    update(next) {
      latest = next
      uploader.setOptions(settingsOf(next))
    },
  }
}

/** Two of one name may take different files: for one bucket, but with limits of their own. */
const numbers = new WeakMap<UploadBackend, number>()
let last = 0
function numberOf(backend: UploadBackend): number {
  const number = numbers.get(backend) ?? ++last
  numbers.set(backend, number)
  return number
}

/** The kit backend asks for the headers of the latest render: a token that was renewed in props must be used. */
function kitOf(
  { endpoint, route, credentials }: Extract<UseS3UploadOptions, { endpoint: string }>,
  latest: () => UseS3UploadOptions,
): UploadBackend {
  return kit({
    endpoint,
    ...(route !== undefined && { route }),
    ...(credentials && { credentials }),
    async headers() {
      const { headers } = latest()
      return (typeof headers === 'function' ? await headers() : headers) ?? {}
    },
  })
}

// Every setting is named, also when it is undefined: a prop that is gone must not linger in the engine.
const noSettings: Required<Omit<UploaderSettings, 'limits'>> = {
  accept: undefined,
  minSize: undefined,
  maxSize: undefined,
  maxFiles: undefined,
  maxTotalSize: undefined,
  overflow: undefined,
  validator: undefined,
  validateBatch: undefined,
  duplicates: undefined,
  compareContent: undefined,
  autoStart: undefined,
  concurrency: undefined,
  retry: undefined,
  retryDelay: undefined,
  stallTimeout: undefined,
  checksum: undefined,
  warnBeforeLeave: undefined,
  wakeLock: undefined,
  beforeUpload: undefined,
  onUnauthorized: undefined,
  onAdded: undefined,
  onRejected: undefined,
  onStatus: undefined,
  onProgress: undefined,
  onPartDone: undefined,
  onSuccess: undefined,
  onError: undefined,
  onSettled: undefined,
  onCredentialsExpiring: undefined,
}

function settingsOf(options: UseS3UploadOptions): Required<Omit<UploaderSettings, 'limits'>> {
  const settings = { ...noSettings, ...options }
  // What is not a setting is not the engine's.
  for (const name of Object.keys(settings)) if (!(name in noSettings)) Reflect.deleteProperty(settings, name)
  return settings
}
