'use client'
import { useMemo } from 'react'

import type {
  AddOptions,
  FilesInput,
  UploadError,
  Uploader,
  UploadItem,
  UploadResult,
} from '../core/index.ts'
import type {
  RouteMetadata,
  RouteName,
  RouteRecord,
  RouteRejectCode,
  RouteResult,
  RouterShape,
} from '../protocol/router-shape.ts'
import type { UseS3UploadOptions } from './create-hook-uploader.ts'
import type { S3Upload } from './use-s3-upload.ts'
import { useS3Upload } from './use-s3-upload.ts'

/** An item of a route: its record and its result have the types of the server's `prepare` and `onComplete`. */
export type RouteItem<Router extends RouterShape, Name extends RouteName<Router>> = UploadItem & {
  readonly record: RouteRecord<Router, Name> | undefined
} & (
    | { readonly status: Exclude<UploadItem['status'], 'success' | 'error'> }
    | { readonly status: 'success'; readonly result: RouteResult<Router, Name> }
    | { readonly status: 'error'; readonly error: RouteError<Router, Name> }
  )

/** An error of a route: `rejectCode` is one of those that it names in `rejects`. */
export type RouteError<Router extends RouterShape, Name extends RouteName<Router>> = UploadError & {
  readonly rejectCode: RouteRejectCode<Router, Name> | undefined
}

/** A route's metadata goes with each `add()`; the argument may be left out where the route takes none. */
export type RouteAddArguments<Router extends RouterShape, Name extends RouteName<Router>, More = unknown> =
  undefined extends RouteMetadata<Router, Name>
    ? [options?: More & { metadata?: RouteMetadata<Router, Name> }]
    : [options: More & { metadata: RouteMetadata<Router, Name> }]

/** What the typed hook returns. */
export interface RouteUpload<Router extends RouterShape, Name extends RouteName<Router>> extends Omit<
  S3Upload,
  'items' | 'add' | 'upload'
> {
  readonly items: readonly RouteItem<Router, Name>[]
  readonly add: (
    files: FilesInput,
    ...rest: RouteAddArguments<Router, Name>
  ) => readonly RouteItem<Router, Name>[]
  readonly upload: (
    file: File | Blob,
    ...rest: RouteAddArguments<Router, Name, { signal?: AbortSignal }>
  ) => Promise<UploadResult & { readonly result: RouteResult<Router, Name> }>
}

/** Options of the typed hook: the route's name, and where the signer is. */
export type RouteUploadOptions<Router extends RouterShape, Name extends RouteName<Router>> = Omit<
  Extract<UseS3UploadOptions, { endpoint: string }>,
  'route' | 'backend' | 'onSuccess' | 'onError'
> & {
  route: Name
  onSuccess?: ((item: RouteItem<Router, Name> & { status: 'success' }) => void) | undefined
  onError?:
    | ((error: RouteError<Router, Name>, item: RouteItem<Router, Name> & { status: 'error' }) => void)
    | undefined
}

/** Hooks that know a router's routes. */
export interface UploadHooks<Router extends RouterShape> {
  /** As `useS3Upload`, for one route. */
  useS3Upload: <Name extends RouteName<Router>>(
    options: RouteUploadOptions<Router, Name>,
  ) => RouteUpload<Router, Name>
}

/**
 * Binds the hooks to the types of a router on the server; only types cross, no code.
 * @example
 * import type { router } from './server/uploads'
 * export const { useS3Upload } = createUploadHooks<typeof router>()
 * // …
 * const { items, add } = useS3Upload({ endpoint: '/api/uploads', route: 'avatar' })
 */
export function createUploadHooks<Router extends RouterShape>(): UploadHooks<Router> {
  function useRoute<Name extends RouteName<Router>>(
    options: RouteUploadOptions<Router, Name>,
  ): RouteUpload<Router, Name> {
    // The router's types are the server's promise of what its answers hold; nothing of it exists at run time to check.
    const upload = useS3Upload(options as unknown as UseS3UploadOptions)
    const { uploader } = upload
    // Of the uploader, not of each view: an effect that names `add` must not run again with every change.
    const own = useMemo(() => withMetadata(uploader), [uploader])
    return useMemo(() => viewWith(own, upload), [own, upload]) as unknown as RouteUpload<Router, Name>
  }
  return { useS3Upload: useRoute }
}

interface Metadata {
  metadata?: unknown
}

const optionsOf = ({ metadata }: Metadata): AddOptions =>
  metadata === undefined ? {} : { options: { metadata } }

interface RouteCommands {
  add: (files: FilesInput, options?: Metadata) => readonly UploadItem[]
  upload: (file: File | Blob, options?: Metadata & { signal?: AbortSignal }) => Promise<UploadResult>
}

/** The commands with `metadata` where the engine says `options`. */
function withMetadata(uploader: Uploader): RouteCommands {
  return {
    add: (files, options = {}) => uploader.add(files, optionsOf(options)),
    upload: (file, { signal, ...options } = {}) =>
      uploader.upload(file, { ...optionsOf(options), ...(signal && { signal }) }),
  }
}

/** The same view, which still subscribes only to what is read, with these commands. */
const viewWith = (own: RouteCommands, upload: S3Upload): S3Upload =>
  new Proxy(upload, {
    get: (target, name) => (name === 'add' || name === 'upload' ? own[name] : Reflect.get(target, name)),
  })
