/** Where an object goes: bucket, key, and how S3 is reached. */
import { UploadError } from '../../core/errors.ts'
import type { FileFacts } from '../../core/ports.ts'
import { encodeKey } from '../../s3/key.ts'
import type { FineUploaderOptions, FineUploaderRef, FineUploaderTypes } from './types.ts'

/** What of a bucket's address goes into requests and signatures. */
export interface BucketPlace {
  /** Without a slash at the end. */
  readonly url: string
  readonly bucket: string
  /** As S3 sees them. */
  readonly host: string
  readonly path: string
}

/** A bucket's address taken apart. */
export function placeOf(
  endpoint: string,
  { bucket, host, path }: NonNullable<FineUploaderOptions['objectProperties']> = {},
): BucketPlace {
  // Without a scheme the original takes http; pages of today may not send there.
  const url = new URL(/^https?:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`)
  const prefix = url.pathname.replace(/\/+$/, '')
  return {
    url: url.origin + prefix,
    bucket: bucket ?? bucketOf(url.hostname, prefix),
    host: host ?? url.host,
    path: path ?? (host === undefined ? prefix : ''),
  }
}

/** Amazon's hosts: regional, dual-stack, FIPS, accelerated, the old `s3-eu-west-1`, and China's. */
const amazon = /^(?:(?<bucket>.+)\.)?s3(?:[.-][a-z\d-]+){0,3}\.amazonaws\.(?:com(?:\.cn)?|eu)$/

function bucketOf(hostname: string, path: string): string {
  const [, first = ''] = path.split('/')
  const named = amazon.exec(hostname)?.groups?.['bucket']
  return named ?? (first === '' ? hostname : decodeURIComponent(first))
}

/** The object's own address. */
export const objectUrl = ({ url }: BucketPlace, key: string): string => `${url}/${encodeKey(key)}`

/** The object's path, as S3 puts it into the canonical request. */
export const objectPath = ({ path }: BucketPlace, key: string): string => `${path}/${encodeKey(key)}`

/**
 * Names a file's object, once: a retry is for the same.
 * @throws UploadError `refused` if there is no key for it; whatever the app's function throws
 */
export async function nameObject(
  file: FileFacts<FineUploaderTypes['options']>,
  { request, objectProperties = {} }: FineUploaderOptions,
): Promise<FineUploaderRef> {
  const { endpoint, key: own, deleteFile } = optionsOf(file)
  const { key: how = 'uuid' } = objectProperties
  const uuid = newUuid()
  const name = wellFormed(file.name)
  const extension = /\.[^.]+$/.exec(name)?.[0] ?? ''
  const made =
    own ?? (await (typeof how === 'function' ? how(file) : how === 'uuid' ? uuid + extension : name))
  if (typeof made !== 'string' || made === '')
    throw new UploadError('refused', 'never', 'objectProperties.key gave no key for the file.')
  return {
    uuid,
    key: wellFormed(made),
    bucket: placeOf(endpoint ?? request.endpoint, objectProperties).bucket,
    ...(endpoint !== undefined && { endpoint }),
    ...(deleteFile?.endpoint !== undefined && { deleteEndpoint: deleteFile.endpoint }),
    ...(deleteFile?.params && { deleteParams: deleteFile.params }),
  }
}

/** The engine hands on whatever the app gave with the file. */
export function optionsOf({
  options,
}: FileFacts<FineUploaderTypes['options']>): NonNullable<FineUploaderTypes['options']> {
  return typeof options === 'object' && options !== null ? options : {}
}

/** Checks a ref that comes back from storage. */
export function parseRef(value: unknown): FineUploaderRef | undefined {
  if (!isRecord(value)) return undefined
  const { uuid, key, bucket, endpoint, uploadId, deleteEndpoint, deleteParams } = value
  if (!isText(uuid) || !isText(key) || !isText(bucket)) return undefined
  if (!isMaybeText(endpoint) || !isMaybeText(uploadId) || !isMaybeText(deleteEndpoint)) return undefined
  if (deleteParams !== undefined && !isTexts(deleteParams)) return undefined
  return {
    uuid,
    key,
    bucket,
    ...(endpoint !== undefined && { endpoint }),
    ...(uploadId !== undefined && { uploadId }),
    ...(deleteEndpoint !== undefined && { deleteEndpoint }),
    ...(deleteParams !== undefined && { deleteParams }),
  }
}

/** An object that is no list. */
export const isRecord = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A text that says something. */
export const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const isMaybeText = (value: unknown): value is string | undefined => value === undefined || isText(value)

/** Texts by name. */
export const isTexts = (value: unknown): value is { readonly [name: string]: string } =>
  isRecord(value) && Object.values(value).every((text) => typeof text === 'string')

/** UTF-8 has no lone surrogates, which file names can hold: policy, form and signature must agree on what they become. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD')

/** `crypto.randomUUID` is missing on pages without a secure context; these random bytes are not. */
function newUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
