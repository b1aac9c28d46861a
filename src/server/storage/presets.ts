/** Storage options for the stores that are known by name. Each may be overridden member by member. */
import { isText, refuse } from '../option-checks.ts'
import { storeCapabilities } from './capabilities.ts'
import type { StorageOptions } from './options.ts'

/** Amazon S3, or any store that is told to be one by `endpoint`. Checked when the handler is made. */
export function s3(options: StorageOptions): StorageOptions {
  return options
}

/**
 * Cloudflare R2. It takes no forms: files go as PUT or in parts. Browsers must use the account's address, since
 * presigned URLs do not work on custom domains.
 * @param options `jurisdiction`: `eu` or `fedramp`, where the bucket was made in one
 */
export function r2({
  accountId,
  jurisdiction,
  ...options
}: StorageOptions & { readonly accountId: string; readonly jurisdiction?: string }): StorageOptions {
  const host = [accountId, ...(jurisdiction === undefined ? [] : [jurisdiction]), 'r2.cloudflarestorage.com']
  return {
    region: 'auto',
    endpoint: `https://${host.join('.')}`,
    forcePathStyle: true,
    ...options,
    capabilities: { ...storeCapabilities.r2, ...options.capabilities },
  }
}

/** Backblaze B2, such as region `eu-central-003`. It takes no forms: files go as PUT or in parts. */
export function b2(options: StorageOptions & { readonly region: string }): StorageOptions {
  return {
    endpoint: `https://s3.${options.region}.backblazeb2.com`,
    ...options,
    capabilities: { ...storeCapabilities.b2, ...options.capabilities },
  }
}

/** MinIO at `endpoint`. Set `MINIO_API_CORS_ALLOW_ORIGIN` on the server: it takes no CORS rules. */
export function minio(options: StorageOptions & { readonly endpoint: string }): StorageOptions {
  return {
    region: 'us-east-1',
    forcePathStyle: true,
    ...ownStore(options),
    capabilities: { ...storeCapabilities.minio, ...options.capabilities },
  }
}

/** Ceph's gateway (RGW) at `endpoint`. */
export function ceph(options: StorageOptions & { readonly endpoint: string }): StorageOptions {
  return {
    region: 'us-east-1',
    forcePathStyle: true,
    ...ownStore(options),
    capabilities: { ...storeCapabilities.ceph, ...options.capabilities },
  }
}

/** Without an address the files of all users would go to AWS, into a bucket of that name that anybody may own. */
function ownStore<Options extends { readonly endpoint: string }>(options: Options): Options {
  if (isText(options.endpoint)) return options
  return refuse(
    'storage.endpoint must be',
    "the store's address, such as https://s3.example.com",
    options.endpoint,
  )
}
