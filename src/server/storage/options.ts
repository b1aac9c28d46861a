/** Where objects go, as the app says it. */
import type { S3Credentials } from '../../s3/credentials.ts'
import type { StoreCapabilities } from './capabilities.ts'

/** Credentials with the time at which they end, as the AWS SDK's providers give them. */
export interface SignerCredentials extends S3Credentials {
  /** Nothing that is signed lives longer than this. Default: they do not end. */
  readonly expiration?: Date
}

/** Credentials, or a function that gives them. */
export type CredentialsSource = SignerCredentials | (() => SignerCredentials | Promise<SignerCredentials>)

/** Where objects go. */
export interface StorageOptions {
  readonly bucket: string
  /**
   * Such as `eu-central-1`; `auto` on R2, `us-east-1` where a store has no regions. Default: the environment's
   * `AWS_REGION`, else `AWS_DEFAULT_REGION`, read at the first call.
   */
  readonly region?: string
  /** The store's address without the bucket. Default: AWS, `https://s3.<region>.amazonaws.com`. */
  readonly endpoint?: string
  /**
   * The address that browsers use, where it differs: outside of a container network, behind a proxy, a domain of your
   * own. Default `endpoint`.
   */
  readonly publicEndpoint?: string
  /** `publicEndpoint` is this bucket's own address, such as a CDN's: nothing is added to it. Default false. */
  readonly publicEndpointIsBucket?: boolean
  /**
   * The host for which browsers' URLs are signed. `public` is that of `publicEndpoint`. `own` is that of `endpoint`, for a
   * proxy or CDN that sends the store its own Host, as CloudFront does. Forms do not depend on it. Default: `own` with
   * `publicEndpointIsBucket`, unless the bucket is called like the public host, else `public`.
   */
  readonly signedHost?: 'public' | 'own'
  /**
   * `https://host/bucket` instead of `https://bucket.host`; most stores but AWS want it. Default: false, but true where
   * the other form cannot work: addresses that are numbers, bucket names with dots, capitals or underscores.
   */
  readonly forcePathStyle?: boolean
  /**
   * Browsers send to AWS's Transfer Acceleration, which the bucket must have switched on. China, GovCloud, the European
   * Sovereign Cloud and the isolated regions have none. Default false.
   */
  readonly accelerate?: boolean
  /** AWS's addresses that answer on IPv6 too. Default false. */
  readonly dualStack?: boolean
  /**
   * Or a function that gives them, such as one of the AWS SDK's providers. It is asked again a minute before what it gave
   * ends, at the latest after 5 minutes. Default: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` of
   * the environment, read at each call.
   */
  readonly credentials?: CredentialsSource
  /**
   * A second key, which may write and not read: `iamPolicy(router, { bucket, of: 'grantCredentials' })` lists its
   * rights. All that browsers upload with is then signed by it. A store that acts on unsigned headers (MinIO) gets PUT
   * and parts only with such a key: there, a browser could otherwise copy any object that `credentials` can read.
   * Default: `credentials`.
   */
  readonly grantCredentials?: CredentialsSource
  /** What the store can do, where it is not AWS; the presets know it. Default: all that AWS can. */
  readonly capabilities?: Partial<StoreCapabilities>
}

/** Sends a request: `fetch`, or what stands for it in tests. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>
