/** The bucket's two addresses: the signer's own, and the one that browsers use. */
import { encodeKey } from '../../s3/key.ts'
import type { StorageOptions } from './options.ts'

/** Addresses of a bucket. */
export interface Addresses {
  /** For the signer's own calls, without a slash at the end. */
  readonly own: string
  /** For browsers, without a slash at the end. */
  readonly public: string
  /** Where browsers post forms to. */
  readonly post: string
}

/** @throws TypeError if the options contradict one another */
export function addressesOf(options: StorageOptions): Addresses {
  const { bucket, region, endpoint, publicEndpoint, accelerate = false, dualStack = false } = options
  if (endpoint !== undefined && (accelerate || dualStack))
    throw new TypeError('storage.accelerate and dualStack mean addresses of AWS: leave out endpoint.')
  if (publicEndpoint !== undefined && accelerate)
    throw new TypeError('storage.accelerate means an address of AWS: leave out publicEndpoint.')
  if (accelerate && !isHostLabel(bucket))
    throw new TypeError('storage.accelerate takes no bucket with dots or capitals in its name.')
  const own = urlOfBucket(endpoint ?? awsEndpoint(region, dualStack), options)
  if (accelerate) {
    const host = `${bucket}.s3-accelerate${dualStack ? '.dualstack' : ''}.amazonaws.com`
    return { own: bare(own), public: `https://${host}`, post: `https://${host}/` }
  }
  if (publicEndpoint === undefined) return { own: bare(own), public: bare(own), post: own }
  if (options.publicEndpointIsBucket) {
    const { origin, pathname } = new URL(publicEndpoint)
    return { own: bare(own), public: bare(origin + pathname), post: origin + pathname }
  }
  const seen = urlOfBucket(publicEndpoint, options)
  return { own: bare(own), public: bare(seen), post: seen }
}

/** Are these options those of Amazon S3 itself, in any of its partitions? */
export function isAws({ endpoint }: StorageOptions): boolean {
  if (endpoint === undefined) return true
  const host = URL.canParse(endpoint) ? new URL(endpoint).hostname : ''
  return /(^|\.)(amazonaws\.com(\.cn)?|amazonaws\.eu)$/.test(host)
}

/**
 * Can a URL name an object of this key? Not with a segment `.` or `..`: whoever parses a URL resolves those, `%2e`
 * included, and ends at another object (WHATWG URL, "double-dot path segment").
 */
export function hasAddress(key: string): boolean {
  return !key.split('/').some((segment) => segment === '.' || segment === '..')
}

/**
 * The address of one object.
 * @throws TypeError for a key that has none, see {@link hasAddress}
 */
export function urlOfKey(bucketUrl: string, key: string): string {
  if (hasAddress(key)) return `${bucketUrl}/${encodeKey(key)}`
  throw new TypeError(
    'A key with a segment of dots has no address of its own: its URL would mean another object.',
  )
}

const bare = (url: string): string => url.replace(/\/$/, '')

// A dot makes a name that the store's wildcard certificate does not cover.
const isHostLabel = (bucket: string): boolean => /^[a-z0-9-]+$/.test(bucket)

const awsEndpoint = (region: string, dualStack: boolean): string =>
  `https://s3.${dualStack ? 'dualstack.' : ''}${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`

function urlOfBucket(endpoint: string, { bucket, forcePathStyle }: StorageOptions): string {
  const { protocol, host, hostname, pathname } = new URL(endpoint)
  const base = pathname.replace(/\/+$/, '')
  const isNumeric = /^[\d.]+$|^\[/.test(hostname)
  if (forcePathStyle ?? (isNumeric || !isHostLabel(bucket))) return `${protocol}//${host}${base}/${bucket}`
  return `${protocol}//${bucket}.${host}${base}/`
}
