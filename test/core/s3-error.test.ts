import { describe, expect, test } from 'vitest'

import { errorOfAnswer } from '../../src/core/rules/s3-error.ts'

const xml = (code: string, message = '', more = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`
const answer = (status: number, text = ''): Parameters<typeof errorOfAnswer>[0] => ({
  status,
  headers: new Map(),
  text,
})

// FACTS 1.5: what S3 really says, and what can be done about it.
const rows: readonly [string, number, string, string, string][] = [
  [
    'policy expired',
    403,
    xml('AccessDenied', 'Invalid according to Policy: Policy expired.'),
    'expired',
    'sign-again',
  ],
  ['URL expired', 403, xml('AccessDenied', 'Request has expired'), 'expired', 'sign-again'],
  ['token expired', 400, xml('ExpiredToken', 'The provided token has expired.'), 'expired', 'sign-again'],
  [
    'condition failed',
    403,
    xml('AccessDenied', 'Invalid according to Policy: Policy Condition failed: ["eq", "$key", "a"]'),
    'signature-mismatch',
    'never',
  ],
  ['plain denial', 403, xml('AccessDenied', 'Access Denied'), 'access-denied', 'never'],
  [
    'too large',
    400,
    xml(
      'EntityTooLarge',
      'Your proposed upload exceeds the maximum allowed size',
      '<ProposedSize>11</ProposedSize><MaxSizeAllowed>10</MaxSizeAllowed>',
    ),
    'file-too-large',
    'never',
  ],
  ['too small', 400, xml('EntityTooSmall'), 'file-too-small', 'never'],
  ['bad signature', 403, xml('SignatureDoesNotMatch'), 'signature-mismatch', 'never'],
  ['clock', 403, xml('RequestTimeTooSkewed'), 'clock-skew', 'sign-again'],
  ['slow socket: a 400 that is worth repeating', 400, xml('RequestTimeout'), 'timeout', 'later'],
  ['throttled', 503, xml('SlowDown'), 'throttled', 'later'],
  ['R2 and B2 on POST', 501, xml('NotImplemented'), 'not-supported', 'never'],
  ['bucket gone', 404, xml('NoSuchBucket'), 'wrong-bucket', 'never'],
  ['ACLs disabled', 400, xml('AccessControlListNotSupported'), 'storage-refused', 'never'],
  ['corrupted on the way', 400, xml('BadDigest'), 'checksum-mismatch', 'now'],
  [
    'another write at the same time, on AWS',
    409,
    xml('ConditionalRequestConflict'),
    'storage-failed',
    'later',
  ],
  ['the same on Ceph', 409, xml('ConcurrentModification'), 'storage-failed', 'later'],
  ['another operation at the same time', 409, xml('OperationAborted'), 'storage-failed', 'later'],
  ['an unknown code goes by its status', 500, xml('Whatever'), 'storage-failed', 'later'],
  ['a code that is a property of every object', 400, xml('constructor'), 'storage-refused', 'never'],
  ['no XML: a proxy before S3', 502, '<html>Bad Gateway</html>', 'storage-failed', 'later'],
  ['no body', 503, '', 'throttled', 'later'],
  ['a proxy that limits bodies', 413, '', 'file-too-large', 'never'],
]

describe('an answer of S3', () => {
  test.each(rows)('%s', (_what, status, text, code, retry) => {
    expect(errorOfAnswer(answer(status, text), 'The upload', 0)).toMatchObject({ code, retry, status })
  })

  test('the limit and the size are read', () => {
    const [, , text] = rows.find(([what]) => what === 'too large') ?? []
    expect(
      errorOfAnswer(
        answer(
          400,
          xml('EntityTooLarge', '', '<ProposedSize>11</ProposedSize><MaxSizeAllowed>10</MaxSizeAllowed>'),
        ),
        'x',
        0,
      ),
    ).toMatchObject({ limit: 10, actual: 11 })
    expect(text).toBeDefined()
  })

  test("S3's code and words are kept for developers", () => {
    const error = errorOfAnswer(
      answer(403, xml('SignatureDoesNotMatch', 'a &lt;b&gt;')),
      'The upload (POST)',
      0,
    )
    expect(error.s3Code).toBe('SignatureDoesNotMatch')
    expect(error.message).toContain('a <b>')
    expect(error.cause).toMatchObject({ status: 403 })
  })
})
