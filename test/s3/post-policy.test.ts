import { createHmac } from 'node:crypto'

import { S3Client } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { createPostPolicy, signPolicy, type PostPolicyInput } from '../../src/s3/post-policy.ts'

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const region = 'us-east-1'
const now = new Date('2015-12-29T00:00:00Z')

// AWS: sigv4-post-example. Its lines end in CRLF, whatever a page's HTML makes of them.
const awsExample = [
  '{ "expiration": "2015-12-30T12:00:00.000Z",',
  '  "conditions": [',
  '    {"bucket": "sigv4examplebucket"},',
  '    ["starts-with", "$key", "user/user1/"],',
  '    {"acl": "public-read"},',
  '    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},',
  '    ["starts-with", "$Content-Type", "image/"],',
  '    {"x-amz-meta-uuid": "14365123651274"},',
  '    {"x-amz-server-side-encryption": "AES256"},',
  '    ["starts-with", "$x-amz-meta-tag", ""],',
  '',
  '    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},',
  '    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},',
  '    {"x-amz-date": "20151229T000000Z" }',
  '  ]',
  '}',
]
const botocoreExample =
  '{"expiration": "2015-12-29T01:00:00Z", "conditions": [{"bucket": "sigv4examplebucket"}, {"key": "user/user1/photo.jpg"}, {"x-amz-algorithm": "AWS4-HMAC-SHA256"}, {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"}, {"x-amz-date": "20151229T000000Z"}]}'

describe('published vectors', () => {
  test.each([
    [
      "AWS's example",
      awsExample.join('\r\n'),
      '8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e',
    ],
    [
      'the same with bare line feeds',
      awsExample.join('\n'),
      '86aaafeda50e7b032f0fe24086079df198e4c3d0d308518251cf6653a9bf390d',
    ],
    [
      "botocore's example",
      botocoreExample,
      '3364624b39010d9b06f5d9b8c9a18a6e478d261c048159c92f2fd6fa885f14e6',
    ],
  ])('%s', async (_, text, signature) => {
    const signed = await signPolicy(text, { credentials, region, now })
    expect(signed.signature).toBe(signature)
    expect(Buffer.from(signed.policy, 'base64').toString()).toBe(text)
  })

  test("AWS's example is 648 bytes, 864 characters in base64", async () => {
    const text = awsExample.join('\r\n')
    expect(text).toHaveLength(648)
    expect((await signPolicy(text, { credentials, region, now })).policy).toHaveLength(864)
  })
})

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** Signature by another road: `node:crypto`, step by step as AWS writes it. */
function sign(policy: string, secret: string, day: string) {
  const key = ['us-east-1', 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, day))
  return hmac(key, policy).toString('hex')
}

type Policy = { expiration: string; conditions: unknown[] }
const decode = (policy: string | undefined): Policy =>
  JSON.parse(Buffer.from(policy ?? '', 'base64').toString()) as Policy
/** Names compare without case, here as in S3. */
const normal = (condition: unknown) =>
  Array.isArray(condition)
    ? JSON.stringify(
        condition.map((item: unknown) => (String(item).startsWith('$') ? String(item).toLowerCase() : item)),
      )
    : JSON.stringify(condition).replace(/^\{"[^"]+"/, (name) => name.toLowerCase())

const lower = (entries: Iterable<[string, string]>) =>
  Object.fromEntries([...entries].map(([name, value]) => [name.toLowerCase(), value]))

describe('as @aws-sdk/s3-presigned-post, field by field', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  const long = 'é'.repeat(3_000)
  test.each<[string, session: string | undefined, key: string, fields: Record<string, string>]>([
    ['a plain upload', undefined, 'user/1/photo.jpg', { 'Content-Type': 'image/jpeg' }],
    ['temporary credentials', 'FwoGZXIvYXdzEN//+=', 'a', {}],
    [
      'every kind of field',
      undefined,
      'ünï "q" \\ 日本+&#\u0001.txt',
      {
        'Content-Type': 'text/plain; charset=utf-8',
        'Cache-Control': 'max-age=60',
        'Content-Disposition': 'attachment; filename="x.txt"',
        'x-amz-meta-owner': 'ann',
        success_action_status: '201',
      },
    ],
    ['a long value', undefined, 'a', { 'x-amz-meta-note': long }],
  ])('%s', async (_, sessionToken, key, fields) => {
    vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    const at = new Date()
    const session = { ...credentials, ...(sessionToken !== undefined && { sessionToken }) }
    const range = ['content-length-range', 1, 10_485_760] as const
    const theirs = await createPresignedPost(new S3Client({ region, credentials: session }), {
      Bucket: 'examplebucket',
      Key: key,
      Fields: fields,
      Conditions: [['content-length-range', 1, 10_485_760]],
      Expires: 600,
    })
    const ours = await createPostPolicy({
      credentials: session,
      region,
      bucket: 'examplebucket',
      fields: [['key', key], ...Object.entries(fields)],
      conditions: [range],
      expiresAt: new Date(at.getTime() + 600_000),
      now: at,
    })
    const form = new Map(ours.fields)
    const theirPolicy = decode(theirs.fields['Policy'])
    const ourPolicy = decode(form.get('policy'))

    expect(ourPolicy.expiration).toBe(theirPolicy.expiration)
    expect(ourPolicy.conditions.map(normal).toSorted()).toEqual(theirPolicy.conditions.map(normal).toSorted())
    // They send `bucket` as a field as well, which is no documented field.
    const { bucket: __, Policy: ___, 'X-Amz-Signature': signature, ...rest } = theirs.fields
    const { policy, 'x-amz-signature': ourSignature, ...ourRest } = lower(form)
    expect(ourRest).toEqual(lower(Object.entries(rest)))
    const day = form.get('x-amz-date')?.slice(0, 8) ?? ''
    expect(signature).toBe(sign(theirs.fields['Policy'] ?? '', credentials.secretAccessKey, day))
    expect(ourSignature).toBe(sign(policy ?? '', credentials.secretAccessKey, day))
  })
})

describe('createPostPolicy', () => {
  const input = (over: Partial<PostPolicyInput> = {}): PostPolicyInput => ({
    credentials,
    region,
    bucket: 'b',
    fields: [['key', 'k']],
    expiresAt: new Date(now.getTime() + 60_000),
    now,
    ...over,
  })

  test('fields come first, in their order, with their spelling; the policy and its signature come last', async () => {
    const fields = [
      ['key', 'k'],
      ['Content-Type', 'image/png'],
      ['x-amz-meta-b', '2'],
      ['x-amz-meta-a', '1'],
    ] as const
    const made = await createPostPolicy(input({ fields }))
    expect(made.fields.slice(0, 4)).toEqual(fields)
    expect(made.fields.slice(4).map(([name]) => name)).toEqual([
      'x-amz-algorithm',
      'x-amz-credential',
      'x-amz-date',
      'policy',
      'x-amz-signature',
    ])
  })

  test('extra conditions are conditions and no fields', async () => {
    const made = await createPostPolicy(input({ conditions: [['starts-with', '$Content-Type', 'image/']] }))
    const form = new Map(made.fields)
    expect(decode(form.get('policy')).conditions).toContainEqual(['starts-with', '$Content-Type', 'image/'])
    expect(form.has('Content-Type')).toBe(false)
  })

  test.each<[string, Partial<PostPolicyInput>]>([
    ['no life', { expiresAt: now }],
    ['a negative life', { expiresAt: new Date(now.getTime() - 1) }],
    ['more than 7 days', { expiresAt: new Date(now.getTime() + 7 * 86_400_000 + 1) }],
    ['no date', { expiresAt: new Date(Number.NaN) }],
  ])('refuses %s', async (_, over) => {
    await expect(createPostPolicy(input(over))).rejects.toThrow(RangeError)
  })

  test.each([
    ['key', 'u/${filename}'],
    ['key', 'cost$'],
    ['x-amz-meta-name', 'x ${filename}'],
  ])('refuses the variable in %s', async (name, value) => {
    await expect(createPostPolicy(input({ fields: [[name, value]] }))).rejects.toThrow(TypeError)
  })

  test('7 days exactly are allowed', async () => {
    const made = await createPostPolicy(input({ expiresAt: new Date(now.getTime() + 7 * 86_400_000) }))
    expect(decode(new Map(made.fields).get('policy')).expiration).toBe('2016-01-05T00:00:00Z')
  })
})
