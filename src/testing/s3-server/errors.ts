/** S3's refusals as exceptions: thrown anywhere below the dispatcher, answered there. */
import { s3ErrorStatus, type S3ErrorCode } from '../../s3/error-codes.ts'

/** What an error can carry beside its code. */
export interface S3ErrorDetails {
  /** S3's words, where they are not the code's usual ones. */
  readonly message?: string
  /** Further elements of the answer, in order. Nothing secret: it goes over the wire. */
  readonly fields?: readonly (readonly [name: string, value: string])[]
  /** Further headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** Where S3 uses another status than the code's usual one. */
  readonly status?: number
  /** What was thrown; stays on the server. */
  readonly cause?: unknown
}

/** An answer that refuses: S3 sends it as `<Error>` in XML. */
export class S3Error extends Error {
  override readonly name = 'S3Error'
  readonly code: S3ErrorCode
  readonly status: number
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly headers: Readonly<Record<string, string>>

  constructor(code: S3ErrorCode, details: S3ErrorDetails = {}) {
    super(details.message ?? usualMessages[code] ?? code, { cause: details.cause })
    this.code = code
    this.status = details.status ?? s3ErrorStatus[code]
    this.fields = details.fields ?? []
    this.headers = details.headers ?? {}
  }
}

/** 400 InvalidArgument, which S3 always sends with the argument's name and value. */
export function invalidArgument(message: string, name: string, value: string): S3Error {
  return new S3Error('InvalidArgument', {
    message,
    fields: [
      ['ArgumentName', name],
      ['ArgumentValue', value],
    ],
  })
}

/** 501, as S3 answers to a header or parameter whose meaning it does not implement. */
export function notImplemented(header: string, additional?: string): S3Error {
  return new S3Error('NotImplemented', {
    fields: [
      ['Header', header],
      ...(additional === undefined ? [] : [['additionalMessage', additional] as const]),
    ],
  })
}

/** 412 with the condition that did not hold. */
export function preconditionFailed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', { fields: [['Condition', condition]] })
}

/** As S3 words them on the wire, which is not always as its documentation does. */
const usualMessages: Readonly<Partial<Record<S3ErrorCode, string>>> = {
  AccessControlListNotSupported: 'The bucket does not allow ACLs',
  AccessDenied: 'Access Denied',
  BucketAlreadyOwnedByYou:
    'Your previous request to create the named bucket succeeded and you already own it.',
  BucketNotEmpty: 'The bucket you tried to delete is not empty',
  EntityTooLarge: 'Your proposed upload exceeds the maximum allowed size',
  EntityTooSmall: 'Your proposed upload is smaller than the minimum allowed size',
  ExpiredToken: 'The provided token has expired.',
  IncompleteBody: 'You did not provide the number of bytes specified by the Content-Length HTTP header',
  InternalError: 'We encountered an internal error. Please try again.',
  InvalidAccessKeyId: 'The AWS Access Key Id you provided does not exist in our records.',
  InvalidBucketName: 'The specified bucket is not valid.',
  InvalidChunkSizeError: 'Only the last chunk is allowed to have a size less than 8192 bytes',
  InvalidPart:
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  InvalidPartOrder: 'The list of parts was not in ascending order. Parts must be ordered by part number.',
  InvalidRange: 'The requested range is not satisfiable',
  InvalidStorageClass: 'The storage class you specified is not valid',
  InvalidToken: 'The provided token is malformed or otherwise invalid.',
  InvalidURI: "Couldn't parse the specified URI.",
  KeyTooLongError: 'Your key is too long',
  MalformedPOSTRequest: 'The body of your POST request is not well-formed multipart/form-data.',
  MalformedXML: 'The XML you provided was not well-formed or did not validate against our published schema',
  MaxMessageLengthExceeded: 'Your request was too big.',
  // S3's spelling.
  MaxPostPreDataLengthExceeded: 'Your POST request fields preceeding the upload file was too large.',
  MetadataTooLarge: 'Your metadata headers exceed the maximum allowed metadata size',
  MethodNotAllowed: 'The specified method is not allowed against this resource.',
  MissingContentLength: 'You must provide the Content-Length HTTP header.',
  NoSuchBucket: 'The specified bucket does not exist',
  NoSuchCORSConfiguration: 'The CORS configuration does not exist',
  NoSuchKey: 'The specified key does not exist.',
  NoSuchUpload:
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  NotImplemented: 'A header you provided implies functionality that is not implemented',
  PreconditionFailed: 'At least one of the pre-conditions you specified did not hold',
  RequestTimeout:
    'Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.',
  RequestTimeTooSkewed: 'The difference between the request time and the current time is too large.',
  ServiceUnavailable: 'Service is unable to handle request.',
  SignatureDoesNotMatch:
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  SlowDown: 'Please reduce your request rate.',
  XAmzContentSHA256Mismatch: "The provided 'x-amz-content-sha256' header does not match what was computed.",
}
