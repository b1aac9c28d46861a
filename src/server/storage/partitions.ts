/** AWS's partitions: which domain S3 has in which region. */

/**
 * As the AWS SDK's table has them (`partitionsInfo` of `@aws-sdk/core`), by the beginning of the region's name. All other
 * regions are of the partition `aws`.
 */
const domains: readonly (readonly [prefix: string, domain: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['us-isof-', 'csp.hci.ic.gov'],
]
const commonDomain = 'amazonaws.com'

/** The domain of a region's endpoints, such as `amazonaws.com`. */
export const domainOf = (region: string): string =>
  domains.find(([prefix]) => region.startsWith(prefix))?.[1] ?? commonDomain

/** Does it look like the name of a region of AWS? New ones come every year, so there is no list of them. */
export const isAwsRegion = (region: string): boolean => /^[a-z]{2,4}(-[a-z]+){1,2}-\d{1,2}$/.test(region)

/** Is it the host of an endpoint of AWS, in any of its partitions? */
export const isAwsHost = (host: string): boolean =>
  [commonDomain, ...domains.map(([, domain]) => domain)].some((domain) => `.${host}`.endsWith(`.${domain}`))

/**
 * Has the region Transfer Acceleration? Buckets of the other partitions have no address at `s3-accelerate.amazonaws.com`
 * (AWS: govcloud-s3; the SDK's endpoint rules for `aws-cn`).
 */
export const canAccelerate = (region: string): boolean =>
  domainOf(region) === commonDomain && !region.startsWith('us-gov-')
