/** What an S3 answer that is no success means, and what can be done about it: one table, by S3's code, then by status. */
import { readS3Error } from '../../s3/xml.ts'
import type { S3ErrorDocument } from '../../s3/xml.ts'
import type { RetryAdvice, UploadErrorCode } from '../errors.ts'
import { UploadError } from '../errors.ts'
import type { HttpResponse } from '../ports.ts'
import { readRetryAfter } from './retry-after.ts'

type Row = readonly [code: UploadErrorCode, retry: RetryAdvice, what: string]

const rows: Readonly<Record<string, Row>> = {
  AccessControlListNotSupported: [
    'storage-refused',
    'never',
    'The bucket has ACLs disabled (Object Ownership: bucket owner enforced, the default); send no acl.',
  ],
  AuthorizationHeaderMalformed: ['wrong-bucket', 'never', 'The request was signed for another region.'],
  BadDigest: ['checksum-mismatch', 'now', 'The bytes that arrived do not match their checksum.'],
  // Ceph's, as AWS's `OperationAborted` a 409 that says "try again".
  ConcurrentModification: ['storage-failed', 'later', 'Another write to the same key was under way.'],
  ConditionalRequestConflict: ['storage-failed', 'later', 'Another write to the same key was under way.'],
  EntityTooLarge: ['file-too-large', 'never', 'The file is larger than the policy allows.'],
  EntityTooSmall: ['file-too-small', 'never', 'The file is smaller than the policy allows.'],
  ExpiredToken: ['expired', 'sign-again', 'The session token that signed the request has run out.'],
  IncompleteBody: ['network', 'later', 'The body was cut off on its way.'],
  InternalError: ['storage-failed', 'later', 'S3 failed inside.'],
  InvalidAccessKeyId: ['signature-mismatch', 'never', 'The store does not know the access key.'],
  InvalidDigest: ['checksum-mismatch', 'never', 'The checksum that was sent is malformed.'],
  // S3's own list of parts says which ones are missing; those are sent again.
  InvalidPart: ['storage-refused', 'sign-again', 'A part is missing, or is not the one that was named.'],
  InvalidPartOrder: ['storage-refused', 'sign-again', 'The parts were named out of order.'],
  InvalidPolicyDocument: [
    'signature-mismatch',
    'never',
    'The policy is malformed, or the form does not fit it.',
  ],
  InvalidStorageClass: ['storage-refused', 'never', 'The bucket does not offer that storage class.'],
  MaxPostPreDataLengthExceeded: [
    'storage-refused',
    'never',
    'The form fields before the file are larger than 20 KB together.',
  ],
  MethodNotAllowed: ['not-supported', 'never', 'The store does not allow this method here.'],
  NoSuchBucket: ['wrong-bucket', 'never', 'There is no such bucket.'],
  NoSuchUpload: ['storage-refused', 'restart', 'S3 no longer knows the multipart upload.'],
  NotImplemented: [
    'not-supported',
    'never',
    'The store does not know this operation (R2 and B2 have no POST).',
  ],
  OperationAborted: ['storage-failed', 'later', 'Another operation on the bucket was under way.'],
  PermanentRedirect: ['wrong-bucket', 'never', 'The bucket is at another endpoint.'],
  RequestTimeTooSkewed: ['clock-skew', 'sign-again', "The signer's clock is more than 15 minutes off."],
  // 400, and yet worth repeating: a sleeping laptop, a throttled tab (FACTS 1.5).
  RequestTimeout: ['timeout', 'later', 'S3 waited too long for the next bytes.'],
  ServiceUnavailable: ['throttled', 'later', 'S3 is overloaded.'],
  SignatureDoesNotMatch: [
    'signature-mismatch',
    'never',
    'The signature does not fit the request: a wrong secret key, or something was changed after signing.',
  ],
  SlowDown: ['throttled', 'later', 'S3 asks for fewer requests.'],
  TemporaryRedirect: [
    'wrong-bucket',
    'never',
    'The bucket is new and at another endpoint; use the regional one.',
  ],
}

const byStatus = (status: number): Row => {
  if (status === 429) return ['throttled', 'later', 'The store asks for fewer requests.']
  if (status === 501) return ['not-supported', 'never', 'The store does not know this operation.']
  if (status === 503) return ['throttled', 'later', 'The store is overloaded.']
  if (status >= 500) return ['storage-failed', 'later', 'The store failed inside.']
  if (status === 403) return ['access-denied', 'never', 'The store denies the request.']
  if (status === 404) return ['wrong-bucket', 'never', 'There is no such bucket or object.']
  if (status === 408) return ['timeout', 'later', 'The store waited too long for the next bytes.']
  if (status === 412) return ['already-exists', 'never', 'A condition on the existing object does not hold.']
  if (status === 413)
    return ['file-too-large', 'never', 'The store or a proxy before it refuses a body so large.']
  return ['storage-refused', 'never', 'The store refuses the request.']
}

// S3 answers an expired policy or URL with the code that it has for everything denied: only the words differ.
// "Policy expired." (POST), "Request has expired" (presigned); Ceph and Garage have words of their own.
const saysExpired = (message: string): boolean => /\bexpired\b/i.test(message)
const saysPolicy = (message: string): boolean => /according to policy/i.test(message)

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined

/**
 * The error that an answer of S3 stands for.
 * @param doing names the request, for the message
 * @param now milliseconds since 1970
 */
export function errorOfAnswer(answer: HttpResponse, doing: string, now: number): UploadError {
  const s3 = readDocument(answer.text)
  const [code, retry, what] = rowOf(answer.status, s3)
  const said = s3 ? ` S3 said: ${s3.code}${s3.message ? `, ${s3.message}` : ''}` : ''
  const limit = number(s3?.fields.get('MaxSizeAllowed') ?? s3?.fields.get('MinSizeAllowed'))
  const actual = number(s3?.fields.get('ProposedSize'))
  return new UploadError(code, retry, `${doing} failed with status ${answer.status}. ${what}${said}`, {
    status: answer.status,
    ...(s3 && { s3Code: s3.code }),
    ...(limit !== undefined && { limit }),
    ...(actual !== undefined && { actual }),
    ...readRetryAfter(answer.headers, now),
    cause: {
      status: answer.status,
      ...(s3 ? Object.fromEntries(s3.fields) : { body: withoutSecrets(answer.text) }),
    },
  })
}

/**
 * What of S3's answer may be kept and shown: errors are logged, and an answer holds whatever was signed (StringToSign,
 * Token-0, AWSAccessKeyId …) and values of the form. So only what is known to be harmless stays.
 */
const harmless =
  /^(?:Code|Message|RequestId|HostId|Resource|BucketName|Endpoint|Region|Condition|Header|Method|ArgumentName|M\w+SizeAllowed|ProposedSize|Expires|\w+Time|MaxAllowedSkewMilliseconds)$/

function readDocument(text: string): S3ErrorDocument | undefined {
  const s3 = readS3Error(text)
  if (!s3) return undefined
  const message = withoutValues(s3.message)
  const fields = [...s3.fields, ['Message', message] as const].filter(([name]) => harmless.test(name))
  return { code: s3.code, message, fields: new Map(fields) }
}

/** A failed condition of the policy is quoted with its value, as AWS, MinIO and Ceph each write it: its field is enough. */
const withoutValues = (message: string): string =>
  message.replace(/(condition failed)(.*)/is, (_, said: string, condition: string) => {
    const [, field] = /^\W*(?:eq|starts-with)\W+\$([\w.-]+)/i.exec(condition) ?? []
    return field ? `${said}: ${field}` : said
  })

/** Of what is no error of S3's, such as a proxy's page: no queries of signed URLs, nothing that looks like a key. */
const withoutSecrets = (text: string): string =>
  text.slice(0, 2048).replace(/\?[^\s"'<>]*|[\w+/=-]{20,}/g, '…')

function rowOf(status: number, s3: S3ErrorDocument | undefined): Row {
  if (!s3) return byStatus(status)
  const denied = s3.code === 'AccessDenied' || s3.code === 'RequestExpired'
  if ((denied || s3.code === 'InvalidRequest') && saysExpired(s3.message))
    return ['expired', 'sign-again', 'What was signed has run out.']
  if (denied && saysPolicy(s3.message))
    return ['signature-mismatch', 'never', 'The form does not fit the signed policy.']
  // On a POST, 412 says nothing of an existing object.
  if (s3.code === 'PreconditionFailed' && /multipart/i.test(s3.fields.get('Condition') ?? ''))
    return ['storage-refused', 'never', 'The form did not arrive as multipart/form-data.']
  return Object.hasOwn(rows, s3.code) ? (rows[s3.code] ?? byStatus(status)) : byStatus(status)
}
