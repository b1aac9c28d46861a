/**
 * `s3-upload-kit/testing/s3-server`: a strict local S3 for development and tests. It may refuse more than S3 and
 * never accepts what S3 refuses, so an upload that works here works there.
 */
export type { SessionCredentials, SessionOptions } from './auth/key-ring.ts'
export type { Dialect } from './call.ts'
export type { S3Operation } from './operation.ts'
export { startS3Server, type CorsRuleInput, type S3Server, type S3ServerOptions } from './server.ts'
