/** Where requests go: each store's addresses, the signer's own and those of browsers. */
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { describe, expect, test } from 'vitest'

import type { StorageOptions } from '../../src/server/index.ts'
import { b2, ceph, minio, r2, s3 } from '../../src/server/index.ts'
import { addressesOf, isAws } from '../../src/server/storage/addresses.ts'
import { aFile, makeHandler, sign } from './support.ts'

const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
const bucket = 'uploads'
const aws = { bucket, region: 'eu-west-1', credentials }

test.each<[why: string, storage: StorageOptions, own: string, seen: string, post: string]>([
  ['AWS', s3(aws), 'https://uploads.s3.eu-west-1.amazonaws.com', '', '/'],
  [
    'AWS in China',
    s3({ ...aws, region: 'cn-north-1' }),
    'https://uploads.s3.cn-north-1.amazonaws.com.cn',
    '',
    '/',
  ],
  [
    'dual stack',
    s3({ ...aws, dualStack: true }),
    'https://uploads.s3.dualstack.eu-west-1.amazonaws.com',
    '',
    '/',
  ],
  [
    'acceleration',
    s3({ ...aws, accelerate: true }),
    'https://uploads.s3.eu-west-1.amazonaws.com',
    'https://uploads.s3-accelerate.amazonaws.com',
    '/',
  ],
  [
    'acceleration, dual stack',
    s3({ ...aws, accelerate: true, dualStack: true }),
    'https://uploads.s3.dualstack.eu-west-1.amazonaws.com',
    'https://uploads.s3-accelerate.dualstack.amazonaws.com',
    '/',
  ],
  ['a bucket with dots', s3({ ...aws, bucket: 'a.b' }), 'https://s3.eu-west-1.amazonaws.com/a.b', '', ''],
  [
    'R2',
    r2({ accountId: 'acc', bucket, credentials }),
    'https://acc.r2.cloudflarestorage.com/uploads',
    '',
    '',
  ],
  [
    'R2 in the EU',
    r2({ accountId: 'acc', jurisdiction: 'eu', bucket, credentials }),
    'https://acc.eu.r2.cloudflarestorage.com/uploads',
    '',
    '',
  ],
  [
    'B2',
    b2({ region: 'eu-central-003', bucket, credentials }),
    'https://uploads.s3.eu-central-003.backblazeb2.com',
    '',
    '/',
  ],
  [
    'MinIO in a container network',
    minio({
      endpoint: 'http://minio:9000',
      publicEndpoint: 'https://files.example.com',
      bucket,
      credentials,
    }),
    'http://minio:9000/uploads',
    'https://files.example.com/uploads',
    '',
  ],
  [
    'Ceph below a path',
    ceph({ endpoint: 'https://x.example/s3/', bucket, credentials }),
    'https://x.example/s3/uploads',
    '',
    '',
  ],
  [
    'a domain of the bucket’s own',
    s3({ ...aws, publicEndpoint: 'https://cdn.example.com/', publicEndpointIsBucket: true }),
    'https://uploads.s3.eu-west-1.amazonaws.com',
    'https://cdn.example.com',
    '/',
  ],
  [
    'a number',
    minio({ endpoint: 'http://127.0.0.1:9000', bucket, credentials }),
    'http://127.0.0.1:9000/uploads',
    '',
    '',
  ],
])('%s', (_why, storage, own, seen, slash) => {
  const shown = seen || own
  expect(addressesOf(storage, storage.region ?? '')).toMatchObject({
    own,
    public: shown,
    post: shown + slash,
  })
})

test('presets know what their store cannot, and can be told better', () => {
  expect(r2({ accountId: 'a', bucket, credentials }).capabilities).toMatchObject({ post: false, tags: false })
  expect(b2({ region: 'x', bucket, credentials }).capabilities).toMatchObject({ post: false })
  expect(minio({ endpoint: 'http://x', bucket, credentials }).capabilities).toMatchObject({
    cors: 'server',
    post: true,
  })
  const told = r2({ accountId: 'a', bucket, credentials, region: 'weur', capabilities: { post: true } })
  expect(told).toMatchObject({ region: 'weur', capabilities: { post: true, tags: false } })
})

const regions = [
  'eu-west-1',
  'mx-central-1',
  'us-gov-west-1',
  'cn-north-1',
  'eusc-de-east-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'eu-isoe-west-1',
  'us-isof-south-1',
]
describe.each([false, true])('as the official client has them, dual stack: %s', (dualStack) => {
  test.each(regions)('%s', async (region) => {
    const client = new S3Client({ region, credentials, useDualstackEndpoint: dualStack })
    const command = new GetObjectCommand({ Bucket: bucket, Key: 'a' })
    const { origin } = new URL(await getSignedUrl(client, command))
    expect(addressesOf({ ...aws, dualStack }, region).own).toBe(origin)
    expect(isAws({ ...aws, endpoint: origin })).toBe(true)
  })
})

test.each(['auto', 'us-east', 'EU', 'Frankfurt', 'x', 'eu-central-003'])('AWS has no region %s', (region) => {
  expect(() => addressesOf(aws, region)).toThrow('storage.region must be a region of AWS')
})

test.each(['notamazonaws.com', 'amazonaws.com.example.com', 'example.eu'])('%s is not AWS', (host) => {
  expect(isAws({ ...aws, endpoint: `https://${host}` })).toBe(false)
})

test.each<[what: string, storage: StorageOptions, address: RegExp]>([
  [
    'a tenant’s bucket on Ceph',
    ceph({ bucket: 'tenant:bucket', endpoint: 'https://rgw.example.com', credentials }),
    /^https:\/\/rgw\.example\.com\/tenant%3Abucket\/[\w-]{36}\/photo\.png\?/,
  ],
  [
    'a path with brackets',
    ceph({ bucket, endpoint: 'https://rgw.example.com/s3(x)', credentials }),
    /^https:\/\/rgw\.example\.com\/s3%28x%29\/uploads\/[\w-]{36}\/photo\.png\?/,
  ],
  [
    'a CDN’s path with brackets',
    s3({ ...aws, publicEndpoint: 'https://cdn.example.com/f(x)', publicEndpointIsBucket: true }),
    /^https:\/\/cdn\.example\.com\/f\(x\)\/[\w-]{36}\/photo\.png\?/,
  ],
])('%s is whole in the address of a PUT', async (_what, storage, address) => {
  const [verdict] = await sign(makeHandler({ storage, transport: 'put' }), aFile({ accepts: ['put'] }))
  const target = verdict?.ok && verdict.target.type === 'put' ? verdict.target.url : JSON.stringify(verdict)
  expect(target).toMatch(address)
})

test.each(['https://host/100%', 'https://host/%zz'])(
  '%s is no endpoint: its path means nothing',
  (endpoint) => {
    expect(() => makeHandler({ storage: { ...aws, endpoint } })).toThrow('storage.endpoint must be')
  },
)
