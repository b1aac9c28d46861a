/** The bucket's two addresses: the signer's own, and the one that browsers use. */
import { encodeKey } from '../../s3/key.ts'
import type { StorageOptions } from './options.ts'
import { canAccelerate, domainOf, isAwsHost, isAwsRegion } from './partitions.ts'

/** Addresses of a bucket. */
export interface Addresses {
  /** For the signer's own calls, without a slash at the end. */
  readonly own: string
  /** For browsers, without a slash at the end. */
  readonly public: string
  /** Where browsers post forms to. */
  readonly post: string
  /** What URLs for browsers are signed for, without a slash at the end: `public`, or what the store sees instead. */
  readonly signed: string
}

/** @throws TypeError if the options contradict one another */
export function addressesOf(options: StorageOptions, region: string): Addresses {
  const { bucket, endpoint, publicEndpoint, accelerate = false, dualStack = false } = options
  if (endpoint !== undefined && (accelerate || dualStack))
    throw new TypeError('storage.accelerate and dualStack mean addresses of AWS: leave out endpoint.')
  if (publicEndpoint !== undefined && accelerate)
    throw new TypeError('storage.accelerate means an address of AWS: leave out publicEndpoint.')
  if (accelerate && !canAccelerate(region))
    throw new TypeError(`storage.accelerate: AWS has no Transfer Acceleration in ${region}. Leave it out.`)
  if (accelerate && !isHostLabel(bucket))
    throw new TypeError('storage.accelerate takes no bucket with dots or capitals in its name.')
  const own = urlOfBucket(endpoint ?? awsEndpoint(region, dualStack), options)
  if (accelerate) {
    const host = `${bucket}.s3-accelerate${dualStack ? '.dualstack' : ''}.amazonaws.com`
    return { own: bare(own), public: `https://${host}`, post: `https://${host}/`, signed: `https://${host}` }
  }
  if (publicEndpoint === undefined) return { own: bare(own), public: bare(own), post: own, signed: bare(own) }
  const { origin, pathname, hostname } = new URL(publicEndpoint)
  const isBucket = options.publicEndpointIsBucket === true
  const post = isBucket ? origin + pathname : urlOfBucket(publicEndpoint, options)
  // A store takes a foreign host for a bucket's name. So what stands before the bucket sends another Host.
  const { signedHost = isBucket && hostname !== bucket ? 'own' : 'public' } = options
  return { own: bare(own), public: bare(post), post, signed: bare(signedHost === 'own' ? own : post) }
}

/** Are these options those of Amazon S3 itself, in any of its partitions? */
export function isAws({ endpoint }: StorageOptions): boolean {
  if (endpoint === undefined) return true
  return URL.canParse(endpoint) && isAwsHost(new URL(endpoint).hostname)
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

function awsEndpoint(region: string, dualStack: boolean): string {
  if (!isAwsRegion(region))
    throw new TypeError(
      `storage.region must be a region of AWS such as eu-central-1, not ${region}. Another store needs storage.endpoint.`,
    )
  return `https://s3.${dualStack ? 'dualstack.' : ''}${region}.${domainOf(region)}`
}

function urlOfBucket(endpoint: string, { bucket, forcePathStyle }: StorageOptions): string {
  const { protocol, host, hostname, pathname } = new URL(endpoint)
  const base = pathname.replace(/\/+$/, '')
  const isNumeric = /^[\d.]+$|^\[/.test(hostname)
  if (forcePathStyle ?? (isNumeric || !isHostLabel(bucket))) return `${protocol}//${host}${base}/${bucket}`
  return `${protocol}//${bucket}.${host}${base}/`
}
