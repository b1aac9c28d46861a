/** POST Object: the policy's conditions (AWS: sigv4-HTTPPOSTConstructPolicy). */
import type { Case } from './case.ts'
import { check } from './case.ts'
import { data } from './client.ts'
import { refusal } from './http.ts'
import { drop, set } from './post-signatures.ts'

const denied = '403 AccessDenied'
const range = (min: unknown, max: unknown) => [['content-length-range', min, max]]
const size = data.length

export const postPolicies: readonly Case[] = [
  check('post.expired', 'an expired policy', denied, async (s3, key) => {
    return (await s3.post({ key, expiresIn: -60 })).verdict
  }),
  check(
    'post.expiration-offset',
    'an expiration with an offset, not Z',
    '400 InvalidPolicyDocument',
    async (s3, key) => {
      return (await s3.post({ key, expiration: '2099-01-01T00:00:00+01:00' })).verdict
    },
  ),
  check('post.expiration-seconds', 'an expiration without milliseconds', '204', async (s3, key) => {
    const expiration = `${new Date(Date.now() + 600_000).toISOString().slice(0, 19)}Z`
    return (await s3.post({ key, expiration })).verdict
  }),
  check('post.no-expiration', 'a policy without expiration', 'refused', async (s3, key) => {
    return refusal(
      await s3.post({ key, policy: JSON.stringify({ conditions: [{ bucket: s3.bucket }, { key }] }) }),
    )
  }),
  check('post.not-json', 'a policy that is no JSON', '400 InvalidPolicyDocument', async (s3, key) => {
    return (await s3.post({ key, policy: '{"expiration": "2099-01-01T00:00:00Z", "conditions": [' })).verdict
  }),
  check('post.operator', 'an operator that S3 does not know', 'refused', async (s3, key) => {
    return refusal(await s3.post({ key, conditions: [['ends-with', '$key', key]] }))
  }),
  check(
    'post.too-large',
    'a byte more than content-length-range allows',
    '400 EntityTooLarge',
    async (s3, key) => {
      return (await s3.post({ key, conditions: range(0, size - 1) })).verdict
    },
  ),
  check(
    'post.too-small',
    'a byte less than content-length-range asks for',
    '400 EntityTooSmall',
    async (s3, key) => {
      return (await s3.post({ key, conditions: range(size + 1, size + 9) })).verdict
    },
  ),
  check('post.range-ends', 'content-length-range includes both its ends', ['204', '204'], async (s3, key) => [
    (await s3.post({ key, conditions: range(0, size) })).verdict,
    (await s3.post({ key, conditions: range(size, size + 9) })).verdict,
  ]),
  check('post.range-text', 'content-length-range with numbers as strings', '204', async (s3, key) => {
    return (await s3.post({ key, conditions: range('1', '1000') })).verdict
  }),
  check(
    'post.range-empty',
    'an empty file, where the range begins at 1',
    '400 EntityTooSmall',
    async (s3, key) => {
      return (await s3.post({ key, conditions: range(1, 9), file: { bytes: Buffer.alloc(0) } })).verdict
    },
  ),
  check(
    'post.too-large-8m',
    '8 MiB against a limit of 1 MiB: refused, and readable',
    '400 EntityTooLarge',
    async (s3, key) => {
      return (await s3.post({ key, conditions: range(0, 1 << 20), file: { bytes: Buffer.alloc(8 << 20) } }))
        .verdict
    },
  ),
  check('post.starts-with', 'a key that starts as it must', '204', async (s3, key) => {
    return (await s3.post({ key: `${key}/a`, conditions: [['starts-with', '$key', `${key}/`]] })).verdict
  }),
  check('post.starts-with-other', 'a key that does not start as it must', denied, async (s3, key) => {
    return (await s3.post({ key: `${key}/bob`, conditions: [['starts-with', '$key', `${key}/ann/`]] }))
      .verdict
  }),
  check('post.key', 'another key than the signed one', denied, async (s3, key) => {
    return (await s3.post({ key, change: set('key', `${key}-2`) })).verdict
  }),
  check(
    'post.key-case',
    'a key in another case: values are compared to the letter',
    denied,
    async (s3, key) => {
      return (await s3.post({ key, change: set('key', key.toUpperCase()) })).verdict
    },
  ),
  check('post.eq', 'eq spelled out as a list', ['204', denied], async (s3, key) => {
    const conditions = [['eq', '$key', key]]
    return [
      (await s3.post({ key, conditions })).verdict,
      (await s3.post({ key: `${key}-2`, conditions })).verdict,
    ]
  }),
  check('post.both', 'two conditions on one field must both hold', denied, async (s3, key) => {
    const conditions = [
      ['starts-with', '$key', 'conformance/'],
      ['starts-with', '$key', 'elsewhere/'],
    ]
    return (await s3.post({ key, conditions })).verdict
  }),
  check('post.bucket', 'a policy for another bucket', denied, async (s3, key) => {
    return (await s3.post({ key, bucket: 'other-bucket' })).verdict
  }),
  check('post.bucket-field', 'a field named bucket, as the SDK sends it', '204', async (s3, key) => {
    return (await s3.post({ key, change: (fields) => [['bucket', s3.bucket], ...fields] })).verdict
  }),
  check('post.type-prefix', 'a Content-Type that starts with image/', '204', async (s3, key) => {
    const conditions = [['starts-with', '$Content-Type', 'image/']]
    return (await s3.post({ key, fields: { 'Content-Type': 'image/png' }, conditions })).verdict
  }),
  check(
    'post.type-prefix-other',
    'a Content-Type that does not start with image/',
    denied,
    async (s3, key) => {
      const conditions = [['starts-with', '$Content-Type', 'image/']]
      return (await s3.post({ key, fields: { 'Content-Type': 'text/html' }, conditions })).verdict
    },
  ),
  check(
    'post.type-list',
    'a list of types is held against starts-with one by one',
    denied,
    async (s3, key) => {
      const conditions = [['starts-with', '$Content-Type', 'image/']]
      return (await s3.post({ key, fields: { 'Content-Type': 'image/png,text/html' }, conditions })).verdict
    },
  ),
  check('post.type', 'another Content-Type than the signed one', denied, async (s3, key) => {
    const change = set('content-type', 'text/html')
    return (await s3.post({ key, fields: { 'Content-Type': 'image/png' }, change })).verdict
  }),
  check('post.names-in-conditions', 'conditions name fields in any case', '204', async (s3, key) => {
    const conditions = [['eq', '$CONTENT-TYPE', 'image/png'], { KEY: key }]
    return (await s3.post({ key, fields: { 'Content-Type': 'image/png' }, conditions })).verdict
  }),
  check('post.extra', 'a field that no condition names', denied, async (s3, key) => {
    return (await s3.post({ key, change: (fields) => [['x-amz-meta-extra', 'no'], ...fields] })).verdict
  }),
  check('post.extra-acl', 'an acl that no condition names', denied, async (s3, key) => {
    return (await s3.post({ key, change: (fields) => [['acl', 'public-read'], ...fields] })).verdict
  }),
  check('post.extra-type', 'a Content-Type that no condition names', denied, async (s3, key) => {
    return (await s3.post({ key, change: (fields) => [['Content-Type', 'text/html'], ...fields] })).verdict
  }),
  check('post.extra-checksum', 'a checksum that no condition names', denied, async (s3, key) => {
    return (await s3.post({ key, change: (fields) => [['x-amz-checksum-crc32', 'AAAAAA=='], ...fields] }))
      .verdict
  }),
  check('post.ignore', 'x-ignore-* needs no condition', '204', async (s3, key) => {
    return (await s3.post({ key, change: (fields) => [['x-ignore-me', 'yes'], ...fields] })).verdict
  }),
  check('post.missing', 'a condition on a field that the form lacks', denied, async (s3, key) => {
    return (await s3.post({ key, conditions: [{ 'x-amz-meta-owner': 'ann' }] })).verdict
  }),
  check(
    'post.missing-any',
    'a condition that anything meets, on a field that the form lacks',
    denied,
    async (s3, key) => {
      return (await s3.post({ key, conditions: [['starts-with', '$Content-Type', '']] })).verdict
    },
  ),
  check('post.credential-uncovered', 'x-amz-credential without a condition', denied, async (s3, key) => {
    const conditions = [{ bucket: s3.bucket }, { key }]
    const expiration = new Date(Date.now() + 600_000).toISOString()
    return (await s3.post({ key, policy: JSON.stringify({ expiration, conditions }) })).verdict
  }),
  check('post.no-key', 'no key', 'refused', async (s3, key) => {
    return refusal(await s3.post({ key, change: drop('key') }))
  }),
]
