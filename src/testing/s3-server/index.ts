/**
 * `s3-upload-kit/testing/s3-server`: a strict local S3 for development and tests. It may refuse more than S3 and
 * never accepts what S3 refuses, so an upload that works here works there.
 */
export type { SessionCredentials, SessionOptions } from './auth/key-ring.ts'
export type { Dialect, UnsignedHeaders } from './call.ts'
export type { ActiveFault, Faults } from './faults/fault-book.ts'
export type { Delay } from './faults/fault-plan.ts'
export type { Fault, FaultRule } from './faults/fault.ts'
export type { S3Operation } from './operation.ts'
export type { LogEntry } from './request-log.ts'
export { startS3Server, type CorsRuleInput, type S3Server, type S3ServerOptions } from './server.ts'
export type { BucketSnapshot, ObjectSnapshot, UploadSnapshot } from './snapshot.ts'
