/**
 * What a file in parts takes, and what remembers it: one chunk. A large file wants all of it at once, a page that looks
 * for what earlier visits left all but `sendParts`; four small chunks are four requests, and together some 1,100 bytes
 * larger, since each is compressed by itself.
 */
export { fingerprintOf } from '../resume/fingerprint.ts'
export { indexedDbResumeStore } from '../resume/indexed-db.ts'
export { createRestoring } from '../restoring.ts'
export { changedError, createResumption, noResumeStore } from '../resumption.ts'
export { sendParts } from './multipart.ts'
