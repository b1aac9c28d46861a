/** Files in one piece: the policy is written here and signed by the app's server. */
import type { BackendCall, Entries, FileFacts } from '../../core/ports.ts'
import { metadataOf, storageOf } from './metadata.ts'
import type { FineUploaderOptions, FineUploaderRef, FineUploaderTypes } from './types.ts'

/** A policy before it is signed, and the form that fits it. */
export interface UnsignedPolicy {
  /** What the server is sent: the document itself. */
  readonly document: string
  /** All fields but for the policy and its signature. */
  readonly fields: Entries
}

/** What signs: the day's scope, and the moment. */
export interface Scope {
  /** `yyyymmddThhmmssZ` */
  readonly date: string
  /** `yyyymmdd/region/s3/aws4_request` */
  readonly scope: string
  /** The key pair's public half, and the scope. */
  readonly credential: string
  /** The moment itself, in milliseconds since 1970. */
  readonly now: number
}

/** By S3's clock, as far as the app knows it; of one moment, so that it cannot break at midnight. */
export function scopeAt(
  { now }: BackendCall,
  { request, objectProperties = {} }: FineUploaderOptions,
): Scope {
  const moment = now() + (request.clockDrift ?? 0)
  const date = `${new Date(moment).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const scope = `${date.slice(0, 8)}/${objectProperties.region ?? 'us-east-1'}/s3/aws4_request`
  return { date, scope, credential: `${request.accessKey}/${scope}`, now: moment }
}

const algorithm = 'AWS4-HMAC-SHA256'
const largest = Number.MAX_SAFE_INTEGER + 1

/**
 * The document in the one order that real servers bear: some of them read the size range as the first list they meet, or
 * stop looking behind the credential.
 * @param life seconds
 */
export function writePolicy(
  file: FileFacts<FineUploaderTypes['options']>,
  { bucket, key }: FineUploaderRef,
  { date, credential, now }: Scope,
  life: number,
  options: FineUploaderOptions,
): UnsignedPolicy {
  const { acl, storageClass, encryption } = storageOf(file, options)
  const type: Entries = file.type === '' ? [] : [['Content-Type', file.type]]
  const status: Entries = [['success_action_status', '200']]
  const metadata = metadataOf(file, options)
  const { sizeLimit = 0, minSizeLimit = 0 } = options.validation ?? {}
  const named: Entries = [
    ...acl,
    ['bucket', bucket],
    ...type,
    ...status,
    ...storageClass,
    ...encryption,
    ['x-amz-algorithm', algorithm],
    ['key', key],
    ['x-amz-credential', credential],
    ['x-amz-date', date],
    ...metadata,
  ]
  const conditions: unknown[] = named.map(([name, value]) => ({ [name]: value }))
  // As texts: servers compare them with their own settings.
  if (sizeLimit > 0 || minSizeLimit > 0)
    conditions.push(['content-length-range', String(minSizeLimit), String(sizeLimit || largest)])
  return {
    document: JSON.stringify({ expiration: new Date(now + life * 1000).toISOString(), conditions }),
    fields: [
      ['key', key],
      ...type,
      ...status,
      ...storageClass,
      ...encryption,
      ...acl,
      ...metadata,
      ['x-amz-algorithm', algorithm],
      ['x-amz-credential', credential],
      ['x-amz-date', date],
    ],
  }
}
