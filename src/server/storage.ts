/** The bucket, as the signer sees it (`endpoint`) and as browsers see it (`publicEndpoint`). */
import type { S3Credentials } from '../s3/credentials.ts'
import { encodeKey } from '../s3/key.ts'
import { createSigner, emptyBodyHash } from '../s3/sigv4.ts'
import { ProblemError } from './problem.ts'

/** Credentials with the time at which they end, as the AWS SDK's providers give them. */
export interface SignerCredentials extends S3Credentials {
  /** Nothing that is signed lives longer than this. Default: they do not end. */
  readonly expiration?: Date
}

/** Where objects go. */
export interface StorageOptions {
  readonly bucket: string
  /** Such as `eu-central-1`; `auto` on R2, `us-east-1` where a store has no regions. */
  readonly region: string
  /** The store's address without the bucket. Default: AWS, `https://s3.<region>.amazonaws.com`. */
  readonly endpoint?: string
  /** The address that browsers use, where it differs: outside of a container network, behind a proxy. Default `endpoint`. */
  readonly publicEndpoint?: string
  /**
   * `https://host/bucket` instead of `https://bucket.host`; most stores but AWS want it. Default: false, but true where
   * the other form cannot work: addresses that are numbers, bucket names with dots, capitals or underscores.
   */
  readonly forcePathStyle?: boolean
  /** Or a function that gives them, asked at each call, such as one of the AWS SDK's providers. */
  readonly credentials: SignerCredentials | (() => SignerCredentials | Promise<SignerCredentials>)
}

/** What HEAD tells of an object. */
export interface FoundObject {
  /** Bytes. */
  readonly size: number
  /** With its quotes; `''` where the store gives none. */
  readonly etag: string
}

/** How an object is looked for. */
export interface Look {
  readonly credentials: SignerCredentials
  /** Milliseconds since 1970. */
  readonly now: number
  readonly signal: AbortSignal
}

/** The bucket's operations that the signer needs. */
export interface Storage {
  readonly bucket: string
  readonly region: string
  /** Where a form is posted to. */
  readonly postUrl: string
  credentials(): Promise<SignerCredentials>
  /**
   * Looks for an object.
   * @returns undefined if there is none (404)
   * @throws ProblemError 502 if the store gives no useful answer
   */
  find(key: string, look: Look): Promise<FoundObject | undefined>
}

/** Sends a request: `fetch`, or what stands for it in tests. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>

const headTimeout = 10_000

/** @throws TypeError if an option is missing or makes no sense */
export function createStorage(options: StorageOptions, send: FetchLike): Storage {
  const { bucket, region, credentials } = options
  if (!bucket || !region || !credentials)
    throw new TypeError('storage needs `bucket`, `region` and `credentials`.')
  const endpoint = options.endpoint ?? awsEndpoint(region)
  const bucketUrl = urlOfBucket(endpoint, options)

  return {
    bucket,
    region,
    postUrl: urlOfBucket(options.publicEndpoint ?? endpoint, options),
    credentials: async () => (typeof credentials === 'function' ? credentials() : credentials),
    async find(key, { credentials: by, now, signal }) {
      const url = `${bucketUrl.replace(/\/$/, '')}/${encodeKey(key)}`
      const signer = createSigner({ credentials: by, region })
      const signed = await signer.sign({ method: 'HEAD', url, bodyHash: emptyBodyHash, now: new Date(now) })
      // A compressing proxy would tell the length of something else. Not signed: Cloudflare's workers change it.
      const headers = { ...signed, 'accept-encoding': 'identity' }
      const until = AbortSignal.any([signal, AbortSignal.timeout(headTimeout)])
      let answer: Response
      try {
        // A redirect means another region: following it would only end in a wrong signature.
        answer = await send(url, {
          method: 'HEAD',
          headers,
          redirect: 'manual',
          signal: until,
        })
      } catch (cause) {
        throw new ProblemError(
          502,
          'storage-failed',
          'The signer cannot reach the store to look for the object.',
          {
            cause,
          },
        )
      }
      if (answer.status === 404) return undefined
      const length = answer.headers.get('content-length')
      if (answer.status !== 200 || length === null) throw unexpected(answer.status)
      return { size: Number(length), etag: answer.headers.get('etag') ?? '' }
    },
  }
}

const awsEndpoint = (region: string): string =>
  `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`

function urlOfBucket(endpoint: string, { bucket, forcePathStyle }: StorageOptions): string {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    throw new TypeError(
      `storage.endpoint must be an http or https address, such as ${awsEndpoint('us-east-1')}.`,
    )
  const { protocol, host, hostname, pathname } = new URL(endpoint)
  const base = pathname.replace(/\/+$/, '')
  const isNumeric = /^[\d.]+$|^\[/.test(hostname)
  // A dot makes a name that the store's wildcard certificate does not cover.
  const isHostName = /^[a-z0-9-]+$/.test(bucket)
  if (forcePathStyle ?? (isNumeric || !isHostName)) return `${protocol}//${host}${base}/${bucket}`
  return `${protocol}//${bucket}.${host}${base}/`
}

/** HEAD answers have no body, so that the status is all there is to go by. The hint is for the log. */
function unexpected(status: number): ProblemError {
  const hint =
    status === 403
      ? 'Allow the signer s3:GetObject, and s3:ListBucket, without which a missing object looks forbidden.'
      : status >= 300 && status < 400
        ? "Check the storage's region and endpoint: the bucket is elsewhere."
        : 'The store is in trouble, or it is no S3.'
  const what = `The store answered ${status} when the signer looked for the object.`
  return new ProblemError(502, 'storage-failed', what, { cause: new Error(`${what} ${hint}`) })
}
