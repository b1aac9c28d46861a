// The React door. It re-exports and does nothing else; each module behind it says 'use client' for itself.
export * from './components/index.ts'
export { capabilities, isUploadError, UploadError } from './core/index.ts'
export type {
  Accept,
  FileError,
  UploadBackend,
  UploadCounts,
  UploadErrorCode,
  UploadEvents,
  UploadItem,
  UploadProgress,
  UploadResult,
  UploadRules,
  UploadStatus,
  UploadTotals,
  Uploader,
  UploaderSettings,
} from './core/index.ts'
export { en } from './i18n/locales/en.ts'
export type { ActionWords, ItemAction, Messages, NamedReason, UploadEnd } from './i18n/messages.ts'
export * from './react/index.ts'
