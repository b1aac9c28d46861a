export { UploaderContext, useUploader } from './context.ts'
export type { UploadSource, UseS3UploadOptions } from './create-hook-uploader.ts'
export { createUploadHooks } from './create-upload-hooks.ts'
export type {
  RouteAddArguments,
  RouteError,
  RouteItem,
  RouteUpload,
  RouteUploadOptions,
  UploadHooks,
} from './create-upload-hooks.ts'
export { uploadMutationKey } from './mutations.ts'
export type { UploadOutcome } from './mutations.ts'
export { acceptAttribute } from './prop-getters.ts'
export type {
  UploadDropProps,
  UploadInputProps,
  UploadPasteProps,
  UploadPropGetters,
} from './prop-getters.ts'
export { S3UploadProvider } from './s3-upload-provider.tsx'
export type { S3UploadProviderProps } from './s3-upload-provider.tsx'
export {
  useUploadCounts,
  useUploadIds,
  useUploadItem,
  useUploadProgress,
  useUploadRules,
  useUploadTotals,
} from './snapshots.ts'
export type { UploadView } from './tracked-view.ts'
export { useOwnedUploader } from './use-owned-uploader.ts'
export { useS3Upload } from './use-s3-upload.ts'
export type { S3Upload } from './use-s3-upload.ts'
