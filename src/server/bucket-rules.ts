/** Documents for the bucket, made from the router, so that the bucket allows what the routes need, and no more. */
import { receiptLife } from './call-context.ts'
import { checkRouter } from './handler-checks.ts'
import { origins as originList } from './option-checks.ts'
import type { AnyRouteOptions } from './route.ts'
import type { AnyRouter } from './router.ts'
import { bucketName } from './storage/storage-checks.ts'

/** A statement of an IAM policy. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html */
export interface IamStatement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
}

/** An IAM policy, ready for `JSON.stringify`. */
export interface IamPolicy {
  readonly Version: '2012-10-17'
  readonly Statement: readonly IamStatement[]
}

/** One CORS rule, as PutBucketCors has it in JSON. */
export interface CorsRule {
  readonly AllowedOrigins: readonly string[]
  readonly AllowedMethods: readonly string[]
  readonly AllowedHeaders: readonly string[]
  readonly ExposeHeaders: readonly string[]
  readonly MaxAgeSeconds: number
}

/** One lifecycle rule, as PutBucketLifecycleConfiguration has it. */
export interface LifecycleRule {
  readonly ID: string
  readonly Status: 'Enabled'
  readonly Filter: { readonly Prefix: string }
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number }
  readonly Expiration?: { readonly Days: number } | { readonly ExpiredObjectDeleteMarker: true }
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays: number }
}

const optionsOf = ({ routes }: AnyRouter): readonly AnyRouteOptions[] => [...routes.values()]
const prefixesOf = (options: AnyRouteOptions): string[] => [
  options.prefix ?? '',
  ...(options.promote === undefined ? [] : [options.promote]),
]
/** Where browsers upload to. */
const uploadPrefixOf = ({ promote, prefix = '' }: AnyRouteOptions): string => promote ?? prefix
const canMultipart = ({ transport = 'auto' }: AnyRouteOptions): boolean =>
  transport === 'auto' || transport === 'multipart'
/** Nothing twice, and nothing that a shorter prefix holds already. */
const shortest = (prefixes: readonly string[]): string[] =>
  [...new Set(prefixes)].filter((one) => !prefixes.some((other) => other !== one && one.startsWith(other)))

// Options that are made per file may hold anything.
const mayHave =
  (name: 'tags' | 'acl') =>
  ({ object }: AnyRouteOptions): boolean =>
    typeof object === 'function' || object?.[name] !== undefined

/**
 * The least that the signer's credentials need. Give routes a `prefix`: without one their keys can be anything, and so
 * all of the bucket is allowed. KMS keys are not in it: they need kms:GenerateDataKey, and kms:Decrypt for parts.
 * @param options `partition`: `aws-cn` or `aws-us-gov` where the bucket is there. `of`: whose policy; default the
 * signer's own `credentials`. That of `grantCredentials` must allow no reading, so it belongs to another user or role.
 */
export function iamPolicy(
  router: AnyRouter,
  {
    bucket,
    partition = 'aws',
    of = 'credentials',
  }: {
    readonly bucket: string
    readonly partition?: string
    readonly of?: 'credentials' | 'grantCredentials'
  },
): IamPolicy {
  checkRouter(router)
  bucketName(bucket, 'iamPolicy: bucket')
  const arn = `arn:${partition}:s3:::${bucket}`
  const routes = optionsOf(router)
  const under = (chosen: readonly AnyRouteOptions[]): string[] =>
    shortest(chosen.flatMap(of === 'grantCredentials' ? uploadPrefixOf : prefixesOf)).map(
      (prefix) => `${arn}/${prefix}*`,
    )
  const statement = (Sid: string, Action: string[], chosen: readonly AnyRouteOptions[]): IamStatement[] =>
    chosen.length === 0 ? [] : [{ Sid, Effect: 'Allow', Action, Resource: under(chosen) }]
  const having = (test: (options: AnyRouteOptions) => boolean): AnyRouteOptions[] => routes.filter(test)
  if (of === 'grantCredentials')
    return {
      Version: '2012-10-17',
      // Without GetObject, so that a copy by an unsigned header fails.
      Statement: [
        ...statement('Upload', ['s3:PutObject'], routes),
        ...statement(
          'Parts',
          ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
          having(canMultipart),
        ),
        ...statement('Tags', ['s3:PutObjectTagging'], having(mayHave('tags'))),
        ...statement('Acl', ['s3:PutObjectAcl'], having(mayHave('acl'))),
      ],
    }
  if (of !== 'credentials') throw new TypeError("iamPolicy: `of` is 'credentials' or 'grantCredentials'.")
  return {
    Version: '2012-10-17',
    Statement: [
      // PutObject is forms, PUT, and beginning, sending and completing parts; GetObject is HEAD and view.
      ...statement('Upload', ['s3:PutObject', 's3:GetObject'], routes),
      ...statement('Parts', ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], having(canMultipart)),
      // What does not pass, and what is given up after it has arrived.
      ...statement('Remove', ['s3:DeleteObject'], routes),
      // A scanner may tag files that wait, and CopyObject needs both rights for the tags of its source.
      ...statement(
        'Tags',
        ['s3:PutObjectTagging', 's3:GetObjectTagging'],
        having((options) => options.promote !== undefined || mayHave('tags')(options)),
      ),
      ...statement('Acl', ['s3:PutObjectAcl'], having(mayHave('acl'))),
      // A copy names the version that was checked where the bucket keeps versions.
      ...statement(
        'Versions',
        ['s3:GetObjectVersion', 's3:GetObjectVersionTagging'],
        having(({ promote }) => promote !== undefined),
      ),
      // Without ListBucket a missing object looks forbidden.
      {
        Sid: 'Look',
        Effect: 'Allow',
        Action: [
          's3:ListBucket',
          ...(having(canMultipart).length > 0 ? ['s3:ListBucketMultipartUploads'] : []),
        ],
        Resource: [arn],
      },
    ],
  }
}

/**
 * The bucket's CORS rules for the pages of these origins, written as in the handler's `origins`. S3 takes one `*` in each
 * and any scheme (AWS: ManageCorsUsing).
 * @throws TypeError for origins that no browser sends
 */
export function corsRules(router: AnyRouter, origins: readonly string[]): CorsRule[] {
  checkRouter(router)
  originList(origins, 'origins')
  const routes = optionsOf(router)
  const transports = routes.map(({ transport = 'auto' }) => transport)
  const takes = (...names: string[]): boolean =>
    transports.some((one) => one === 'auto' || names.includes(one))
  return [
    {
      AllowedOrigins: origins,
      AllowedMethods: [
        ...(takes('post') ? ['POST'] : []),
        ...(takes('put', 'multipart') ? ['PUT'] : []),
        ...(routes.some(({ view }) => view) ? ['GET', 'HEAD'] : []),
      ],
      // A rule without AllowedHeaders allows no header at all; what is signed names the rest.
      AllowedHeaders: ['*'],
      // "*" is refused here. Without ETag, parts have to be listed before they are completed.
      ExposeHeaders: ['ETag', 'Location', 'x-amz-request-id', 'x-amz-id-2', 'x-amz-version-id'],
      MaxAgeSeconds: 3000,
    },
  ]
}

const day = 86_400

/**
 * Lifecycle rules that end what nobody ended: parts of abandoned uploads, which are paid for and stand in no list, and
 * files that were never confirmed where they wait apart (`promote`), with their abort markers.
 *
 * On a versioned bucket, to remove an object is to hide it: its bytes stay as a noncurrent version. The rules end those
 * below `promote` too, and the delete markers that remain. Confirmed files that the app or `delete` removes stay as
 * noncurrent versions until a rule of your own expires them; B2 keeps versions of all buckets.
 * @param days until then; more than 7, as receipts let uploads be resumed for so long. Default 8
 * @throws RangeError for fewer days
 */
export function lifecycleRules(router: AnyRouter, days = 8): LifecycleRule[] {
  checkRouter(router)
  if (!Number.isInteger(days) || days * day <= receiptLife)
    throw new RangeError(
      `Uploads can be resumed for ${receiptLife / day} days: choose more days, not ${days}.`,
    )
  const routes = optionsOf(router)
  const waiting = shortest(routes.flatMap(({ promote }) => (promote === undefined ? [] : [promote])))
  const parts = shortest(routes.filter(canMultipart).flatMap(prefixesOf))
  return [
    ...parts.map((Prefix, at): LifecycleRule => ({
      ID: `s3-upload-kit-abandoned-parts-${at + 1}`,
      Status: 'Enabled',
      Filter: { Prefix },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: days },
    })),
    ...waiting.map((Prefix, at): LifecycleRule => ({
      ID: `s3-upload-kit-unconfirmed-${at + 1}`,
      Status: 'Enabled',
      Filter: { Prefix },
      Expiration: { Days: 2 * days },
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    })),
    // A rule with Days takes no ExpiredObjectDeleteMarker (AWS: API_LifecycleExpiration).
    ...waiting.map((Prefix, at): LifecycleRule => ({
      ID: `s3-upload-kit-delete-markers-${at + 1}`,
      Status: 'Enabled',
      Filter: { Prefix },
      Expiration: { ExpiredObjectDeleteMarker: true },
    })),
  ]
}
