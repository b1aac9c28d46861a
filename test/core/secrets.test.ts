/** Nothing secret in what errors say and keep: they are logged, whole, by `console.error`. */
import { inspect } from 'node:util'

import { describe, expect, test } from 'vitest'

import { fineUploader, kit, plupload, presignedPost } from '../../src/backends/index.ts'
import type { UploadBackend } from '../../src/core/index.ts'
import { errorOfAnswer } from '../../src/core/rules/s3-error.ts'
import { asking } from '../backends/conformance/stage.ts'
import { wire } from '../support/backend-call.ts'
import { fileOf } from '../support/engine.ts'

const logged = (error: unknown): string => inspect(error, { depth: 9, showHidden: true })
const errorOf = (text: string, status = 403): ReturnType<typeof errorOfAnswer> =>
  errorOfAnswer({ status, headers: new Map(), text }, 'The upload', 0)
const documentOf = (code: string, fields: Readonly<Record<string, string>>): string =>
  `<Error><Code>${code}</Code>${Object.entries(fields)
    .map(([name, text]) => `<${name}>${text}</${name}>`)
    .join('')}</Error>`

describe('a failed condition of the policy: its field, and not its value', () => {
  test.each([
    ['AWS', 'Invalid according to Policy: Policy Condition failed: ["eq", "$x-amz-meta-card", "s3cr3t]"]'],
    ['over lines', 'Policy Condition failed: ["starts-with", "$x-amz-meta-card", "s3cr3t\ns3cr3t"]'],
    ['MinIO', 'Invalid according to Policy: Policy Condition failed: [eq, $x-amz-meta-card, s3cr3t]'],
    ['Ceph', 'Policy condition failed: eq: $x-amz-meta-card, s3cr3t'],
  ])('%s', (_store, message) => {
    const error = errorOf(documentOf('AccessDenied', { Message: message }))
    expect(error.message).toMatch(/condition failed: x-amz-meta-card$/i)
    expect(logged(error)).not.toContain('s3cr3t')
  })

  test('one that names no field, whatever its value looks like', () => {
    const message = 'Policy Condition failed: {"s3cr3t": "$s3cr3t"}'
    expect(logged(errorOf(documentOf('AccessDenied', { Message: message })))).not.toContain('s3cr3t')
  })

  test('a value that says `expired` does not make it one that has', () => {
    const message = 'Invalid according to Policy: Policy Condition failed: ["eq", "$x-amz-meta-a", "expired"]'
    expect(errorOf(documentOf('AccessDenied', { Message: message }))).toMatchObject({
      code: 'signature-mismatch',
    })
  })
})

describe('what S3 says of what was signed', () => {
  test.each([
    'AWSAccessKeyId',
    'StringToSign',
    'StringToSignBytes',
    'SignatureProvided',
    'CanonicalRequest',
    'CanonicalRequestBytes',
    'Token-0',
    'ArgumentValue',
    'Unheard-Of',
  ])('%s is not kept', (name) => {
    const error = errorOf(documentOf('SignatureDoesNotMatch', { Message: 'No.', [name]: 's3cr3t' }))
    expect(logged(error)).not.toContain('s3cr3t')
    expect(error).toMatchObject({ code: 'signature-mismatch', s3Code: 'SignatureDoesNotMatch' })
  })

  test('what support asks for is', () => {
    const fields = {
      Message: 'No.',
      RequestId: 'R1',
      HostId: 'H1',
      Resource: '/bucket/key',
      Region: 'eu-west-1',
    }
    expect(errorOf(documentOf('AccessDenied', fields)).cause).toEqual({
      status: 403,
      Code: 'AccessDenied',
      ...fields,
    })
  })
})

test('a proxy’s page is kept without the signed URL that it names', () => {
  const page =
    '<html><title>502 Bad Gateway</title>GET /a.txt?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE&amp;X-Amz-Signature=s3cr3t' +
    ' key AKIAIOSFODNN7EXAMPLE signature 0123456789abcdef0123456789abcdef</html>'
  const error = errorOf(page, 502)
  expect(error.cause).toEqual({
    status: 502,
    body: '<html><title>502 Bad Gateway</title>GET /a.txt… key … signature …</html>',
  })
})

describe('what a signer answers', () => {
  const backends: readonly UploadBackend[] = [
    kit({ endpoint: '/sign' }),
    presignedPost({ from: '/sign' }),
    plupload({ save: '/sign' }),
    fineUploader({
      request: { endpoint: 'https://bkt.s3.amazonaws.com', accessKey: 'AK' },
      signature: { endpoint: '/sign' },
    }),
  ]
  test.each(backends)('$name: a broken answer is not quoted', async (backend) => {
    const call = wire(() => ({ text: 'signature=s3cr3t' }))
    const failure = await backend
      .createUploads([asking(fileOf('a.png'))], call)
      .then(([grant]) => (grant?.ok ? undefined : grant?.error))
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'bad-answer' })
    expect(logged(failure)).not.toContain('s3cr3t')
  })
})
