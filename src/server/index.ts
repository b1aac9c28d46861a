export type { Accept } from '../protocol/accept.ts'
export { createUploadHandler, type UploadHandler } from './handler.ts'
export { sanitizeFileName, uniqueKey } from './keys.ts'
export type {
  Authorization,
  CompletedUpload,
  SignerRules,
  UploadedFile,
  UploadHandlerOptions,
} from './options.ts'
export { Reject } from './reject.ts'
export type { FetchLike, SignerCredentials, StorageOptions } from './storage.ts'
