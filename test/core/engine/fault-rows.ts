/** Faults of a file that goes in one piece, and what is to come of each (FACTS 1.5). */
import { UploadError } from '../../../src/core/index.ts'
import type { ScriptedExchange } from '../../../src/testing/index.ts'
import { errorAnswer } from '../../support/engine.ts'

/** Bytes of the file. */
export const size = 1000

export type Fault = (sent: ScriptedExchange) => void
/** The file has arrived, and this is the answer. */
export const says =
  (status: number, code = '', message = ''): Fault =>
  (sent) => {
    sent.progress(size)
    sent.respond(code ? errorAnswer(status, code, message) : { status, text: '<html>' })
  }
/** The line is cut after so many bytes. */
export const cut =
  (bytes: number): Fault =>
  (sent) => {
    sent.progress(bytes)
    sent.fail()
  }
const gone: Fault = (sent) => sent.fail(new UploadError('file-unreadable', 'never', 'The file is gone.'))
/** Nothing moves any more; the clock goes on until that is noticed. */
const stall: Fault = (sent) => sent.progress(600)

/** How often it happens, and what is to come of it: requests sent again, calls to the signer, what is seen. */
export type Row = readonly [
  fault: string,
  happens: Fault,
  times: number,
  again: number,
  signer: number,
  sees: string,
]

const always = Infinity
export const passing: readonly Row[] = [
  ['503 SlowDown', says(503, 'SlowDown'), 1, 1, 0, 'waits (throttled), success'],
  ['503 SlowDown, without end', says(503, 'SlowDown'), always, 5, 0, 'waits (throttled), throttled'],
  ['503 ServiceUnavailable', says(503, 'ServiceUnavailable'), 1, 1, 0, 'waits (throttled), success'],
  ['503 without XML', says(503), 1, 1, 0, 'waits (throttled), success'],
  ['500 InternalError', says(500, 'InternalError'), 1, 1, 0, 'waits (storage-failed), success'],
  ['200 with an error in it', says(200, 'InternalError'), 1, 1, 0, 'waits (storage-failed), success'],
  ['502 of a proxy', says(502), 1, 1, 0, 'waits (storage-failed), success'],
  ['429', says(429), 1, 1, 1, 'waits (throttled), success'],
  ['408', says(408), 1, 1, 1, 'waits (timeout), success'],
  ['400 RequestTimeout', says(400, 'RequestTimeout'), 1, 1, 1, 'waits (timeout), success'],
  ['400 IncompleteBody', says(400, 'IncompleteBody'), 1, 1, 1, 'waits (network), success'],
  [
    '409 ConditionalRequestConflict',
    says(409, 'ConditionalRequestConflict'),
    1,
    1,
    1,
    'waits (storage-failed), success',
  ],
  ['cut in the middle', cut(600), 1, 1, 0, 'waits (network), success'],
  ['cut in the middle, without end', cut(600), always, 5, 0, 'waits (network), network'],
  ['cut after the last byte, not stored', cut(size), 1, 1, 0, 'waits (network), success'],
  ['no byte moves for 30 s', stall, 1, 1, 0, 'waits (timeout), success'],
]
export const stale: readonly Row[] = [
  [
    '403 policy expired',
    says(403, 'AccessDenied', 'Invalid according to Policy: Policy expired.'),
    1,
    1,
    1,
    'success',
  ],
  [
    '403 policy expired, twice',
    says(403, 'AccessDenied', 'Invalid according to Policy: Policy expired.'),
    always,
    1,
    1,
    'expired',
  ],
  ['403 URL expired', says(403, 'AccessDenied', 'Request has expired'), 1, 1, 1, 'success'],
  ['400 ExpiredToken', says(400, 'ExpiredToken'), 1, 1, 1, 'success'],
  ['403 RequestTimeTooSkewed', says(403, 'RequestTimeTooSkewed'), 1, 1, 1, 'success'],
  ['403 RequestTimeTooSkewed, twice', says(403, 'RequestTimeTooSkewed'), always, 1, 1, 'clock-skew'],
  ['400 BadDigest', says(400, 'BadDigest'), 1, 1, 1, 'success'],
  ['400 BadDigest, twice', says(400, 'BadDigest'), always, 1, 1, 'checksum-mismatch'],
  ['501 NotImplemented', says(501, 'NotImplemented'), 1, 1, 1, 'success'],
  ['405 MethodNotAllowed, by POST and by PUT', says(405, 'MethodNotAllowed'), always, 1, 1, 'not-supported'],
]
export const final: readonly Row[] = (
  [
    [403, 'AccessDenied', 'Access Denied', 'access-denied'],
    [
      403,
      'AccessDenied',
      'Invalid according to Policy: Policy Condition failed: ["eq", "$key", "a"]',
      'signature-mismatch',
    ],
    [403, 'SignatureDoesNotMatch', '', 'signature-mismatch'],
    [403, 'InvalidAccessKeyId', '', 'signature-mismatch'],
    [400, 'InvalidPolicyDocument', '', 'signature-mismatch'],
    [400, 'EntityTooLarge', '', 'file-too-large'],
    [400, 'EntityTooSmall', '', 'file-too-small'],
    [400, 'InvalidDigest', '', 'checksum-mismatch'],
    [400, 'AccessControlListNotSupported', '', 'storage-refused'],
    [400, 'InvalidStorageClass', '', 'storage-refused'],
    [400, 'MaxPostPreDataLengthExceeded', '', 'storage-refused'],
    [400, 'AuthorizationHeaderMalformed', '', 'wrong-bucket'],
    [404, 'NoSuchBucket', '', 'wrong-bucket'],
    [301, 'PermanentRedirect', '', 'wrong-bucket'],
    [307, 'TemporaryRedirect', '', 'wrong-bucket'],
    [412, 'PreconditionFailed', '', 'already-exists'],
    [400, 'SomethingNew', '', 'storage-refused'],
    [413, '', '', 'file-too-large'],
    [404, '', '', 'wrong-bucket'],
    [403, '', '', 'access-denied'],
  ] as const
).map(([status, code, message, sees]) => [
  [status, code || 'without XML', message].join(' ').trim(),
  says(status, code, message),
  always,
  0,
  0,
  sees,
])
export const local: Row = ['the file was changed or deleted on disk', gone, always, 0, 0, 'file-unreadable']

// S3's answer to a POST that is not multipart/form-data: nothing is stored there (FACTS 1.5).
const condition = 'Bucket POST must be of the enclosure-type multipart/form-data'
export const notAForm: Row = [
  '412 PreconditionFailed: the form arrived as something else',
  says(412, 'PreconditionFailed', `</Message><Condition>${condition}</Condition><Message>`),
  always,
  0,
  0,
  'storage-refused',
]
