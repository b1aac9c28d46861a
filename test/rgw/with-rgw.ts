/**
 * `node test/rgw/with-rgw.ts COMMAND …`: runs the command while Ceph RGW stands ready, with an empty bucket that takes
 * forms and files from every origin, named to it in `E2E_S3` (see test/e2e/demo-process.ts). Exits as the command does; with 69
 * where there can be no RGW.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

import { CreateBucketCommand, PutBucketCorsCommand, S3Client } from '@aws-sdk/client-s3'

import { RgwUnavailable, startRgw } from './rgw.ts'
import type { Rgw } from './rgw.ts'

const bucket = 'end-to-end'

async function makeBucket({ endpoint, region, accessKeyId, secretAccessKey }: Rgw): Promise<void> {
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  })
  const rule = {
    AllowedOrigins: ['*'],
    AllowedMethods: ['POST', 'PUT'],
    AllowedHeaders: ['*'],
    ExposeHeaders: ['ETag'],
  }
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  await client.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: [rule] } }))
  client.destroy()
}

async function main([command = '', ...args]: readonly string[]): Promise<number> {
  const rgw = await startRgw()
  try {
    await makeBucket(rgw)
    const { endpoint: s3, region, accessKeyId, secretAccessKey } = rgw
    const store = JSON.stringify({
      s3,
      bucket,
      region,
      accessKeyId,
      secretAccessKey,
      preset: 'ceph',
    })
    const child = spawn(command, args, { env: { ...process.env, E2E_S3: store }, stdio: 'inherit' })
    const [code] = await once(child, 'exit')
    return typeof code === 'number' ? code : 1
  } finally {
    await rgw.stop()
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof RgwUnavailable)) throw error
  console.log(`Skipped: ${error.message}`)
  process.exitCode = 69
}
