/** Checks of the storage options, and of what a provider of credentials answers. */
import { checksumAlgorithms } from '../../protocol/wire.ts'
import type { Check, ChecksOf } from '../option-checks.ts'
import {
  amount,
  checkOptions,
  flag,
  isText,
  limit,
  listOf,
  maybe,
  oneOf,
  refuse,
  shape,
  that,
} from '../option-checks.ts'
import { awsCapabilities } from './capabilities.ts'
import type { SignerCredentials, StorageOptions } from './options.ts'

// A line end comes of a file that was read whole, a zero-width space of a page. No header takes them.
const credential = that(
  'a text of ASCII without spaces or line ends',
  (value) => isText(value) && /^[\x21-\x7E]+$/.test(value),
)
/** It stands between slashes in X-Amz-Credential, and before a comma in Authorization. */
const accessKey = that(
  'a text of ASCII without spaces, line ends, slashes or commas',
  (value) => isText(value) && /^[\x21-\x7E]+$/.test(value) && !/[/,]/.test(value),
)

const members: ChecksOf<SignerCredentials> = {
  accessKeyId: accessKey,
  secretAccessKey: credential,
  sessionToken: maybe(credential),
  expiration: maybe(that('a Date', (value) => value instanceof Date && Number.isFinite(value.getTime()))),
}

/** Credentials may be an SDK's own class, with more members than we use. */
export const checkCredentials: Check = (value, name) => {
  if (typeof value !== 'object' || value === null || value instanceof Promise)
    return refuse(`${name} must be`, 'an object or a function', value)
  for (const [member, check] of Object.entries(members))
    check(Reflect.get(value, member), `${name}.${member}`)
}

const source: Check = (value, name) => {
  if (typeof value !== 'function') checkCredentials(value, name)
}

/** A capability is of the kind that AWS's is. */
const like = (name: string, sample: unknown): Check => {
  if (name === 'unsignedHeaders') return oneOf('refused', 'named', 'taken', 'ask')
  if (sample === 'any')
    return (value, at) => {
      if (value !== 'any') listOf("texts, or 'any'", isText)(value, at)
    }
  if (typeof sample === 'boolean') return flag
  if (typeof sample === 'number') return amount
  return typeof sample === 'string'
    ? oneOf('bucket', 'server')
    : listOf(checksumAlgorithms.join(), (value) => checksumAlgorithms.some((known) => known === value))
}

/** Signing decodes paths, and throws for a `%` that stands for nothing. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

const address = that(
  'an http or https endpoint such as https://s3.example.com',
  (value) =>
    isText(value) &&
    URL.canParse(value) &&
    /^https?:/i.test(value) &&
    isDecodable(new URL(value).pathname) &&
    // A variable was missing in `https://${account}.example.com`.
    new URL(value).hostname.split('.').every(isText),
)

const named = (wanted: string, form: RegExp): Check =>
  that(wanted, (value) => isText(value) && form.test(value))

/** A bucket's name. */
export const bucketName: Check = named("a bucket's name", /^\w[\w.:-]*$/)

/** A region's name. */
export const regionName: Check = named('a region such as eu-central-1', /^[\w-]+$/)

/** The storage options by name. */
export const storageChecks: ChecksOf<StorageOptions> = {
  bucket: bucketName,
  region: limit(regionName),
  endpoint: maybe(address),
  publicEndpoint: maybe(address),
  publicEndpointIsBucket: maybe(flag),
  signedHost: maybe(oneOf('public', 'own')),
  forcePathStyle: maybe(flag),
  accelerate: maybe(flag),
  dualStack: maybe(flag),
  credentials: limit(source),
  grantCredentials: limit(source),
  capabilities: maybe(
    shape(
      Object.fromEntries(
        Object.entries(awsCapabilities).map(([name, sample]) => [name, maybe(like(name, sample))]),
      ),
    ),
  ),
}

/** @throws TypeError for an option that is wrong, missing or unknown */
export function checkStorage(options: unknown): void {
  checkOptions(options, storageChecks, 'storage.', 'storage')
}
