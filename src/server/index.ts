export type { Accept } from '../protocol/accept.ts'
export type {
  JsonOf,
  RouteMetadata,
  RouteName,
  RouteRecord,
  RouteRejectCode,
  RouteResult,
  RouterShape,
} from '../protocol/router-shape.ts'
export type { StandardSchema } from '../protocol/standard-schema.ts'
export {
  corsRules,
  iamPolicy,
  lifecycleRules,
  type CorsRule,
  type IamPolicy,
  type IamStatement,
  type LifecycleRule,
} from './bucket-rules.ts'
export { createUploadHandler, type UploadHandler, type UploadHandlerOptions } from './handler.ts'
export { safePath, sanitizeFileName, uniqueKey } from './keys.ts'
export { decodeMetadata, encodeMetadata } from './metadata.ts'
export type { ObjectOptions } from './object-options.ts'
export type { Authorization, CallFacts, HandlerOptions } from './options.ts'
export { Reject } from './reject.ts'
export {
  type AbortedUpload,
  type KnownUpload,
  type CompletedUpload,
  type StoredContext,
  type UploadContext,
  type UploadState,
  type UploadedFile,
} from './contexts.ts'
export { route, type Route, type RouteOptions, type SignerRules } from './route.ts'
export { privateAttachments, publicImages, type RoutePreset } from './route-presets.ts'
export { createUploadRouter, type AnyRouter, type UploadRouter } from './router.ts'
export {
  storeCapabilities,
  type StoreCapabilities,
  type TakenValues,
  type UnsignedHeaders,
} from './storage/capabilities.ts'
export type { CredentialsSource, FetchLike, SignerCredentials, StorageOptions } from './storage/options.ts'
export { b2, ceph, minio, r2, s3 } from './storage/presets.ts'
export { sweep, type SweepOptions, type Swept } from './sweep.ts'
