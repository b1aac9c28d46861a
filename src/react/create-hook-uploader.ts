import { kit } from '../backends/kit.ts'
import type { KitOptions } from '../backends/kit.ts'
import { createUploader } from '../core/index.ts'
import type { HttpTransport, Scheduler, UploadBackend, Uploader, UploaderSettings } from '../core/index.ts'

/** Where targets come from: any backend, or the address of our own signer. Fixed for the uploader's life. */
export type UploadSource =
  | { backend: UploadBackend; endpoint?: never; headers?: never; credentials?: never }
  | ({ backend?: never } & Pick<KitOptions, 'endpoint' | 'headers' | 'credentials'>)

/** What `useS3Upload`, `S3UploadProvider` and `S3Uploader` take. Rules and callbacks may change at any render. */
export type UseS3UploadOptions = UploadSource &
  UploaderSettings & {
    /** How requests are sent. Default: XMLHttpRequest. Fixed for the uploader's life. */
    transport?: HttpTransport | undefined
    /** When changes become visible. Default: once per animation frame. Fixed for the uploader's life. */
    schedule?: Scheduler | undefined
    /** Cancel what is under way when the component that owns the uploader unmounts. Default false. */
    cancelOnUnmount?: boolean | undefined
  }

/** An uploader whose options follow the component's latest props. */
export interface HookUploader {
  uploader: Uploader
  update: (options: UseS3UploadOptions) => void
}

/** Makes the uploader of one component. Inert, so a render that React throws away costs nothing. */
export function createHookUploader(options: UseS3UploadOptions): HookUploader {
  let latest = options
  const { transport, schedule } = options
  const uploader = createUploader({
    ...settingsOf(options),
    backend: options.backend ?? kitOf(options, () => latest),
    ...(transport && { transport }),
    ...(schedule && { schedule }),
  })
  return {
    uploader,
    update(next) {
      latest = next
      uploader.setOptions(settingsOf(next))
    },
  }
}

/** The kit backend asks for the headers of the latest render: a token that was renewed in props must be used. */
function kitOf(
  { endpoint, credentials }: Extract<UseS3UploadOptions, { endpoint: string }>,
  latest: () => UseS3UploadOptions,
): UploadBackend {
  return kit({
    endpoint,
    ...(credentials && { credentials }),
    async headers() {
      const { headers } = latest()
      return (typeof headers === 'function' ? await headers() : headers) ?? {}
    },
  })
}

// Every setting is named, also when it is undefined: a prop that is gone must not linger in the engine.
function settingsOf(options: UseS3UploadOptions): Required<UploaderSettings> {
  const { accept, minSize, maxSize, maxFiles, maxTotalSize, overflow, autoStart, concurrency } = options
  const { retry, retryDelay, stallTimeout } = options
  const { onAdded, onRejected, onSuccess, onError, onSettled } = options
  return {
    accept,
    minSize,
    maxSize,
    maxFiles,
    maxTotalSize,
    overflow,
    autoStart,
    concurrency,
    retry,
    retryDelay,
    stallTimeout,
    onAdded,
    onRejected,
    onSuccess,
    onError,
    onSettled,
  }
}
