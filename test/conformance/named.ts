/**
 * Any S3 by its address, from the environment:
 *
 *     S3_ENDPOINT=https://s3.eu-central-1.amazonaws.com S3_REGION=eu-central-1 S3_BUCKET=my-test-bucket \
 *     AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… npx vitest run --project unit test/conformance
 *
 * | variable | |
 * |---|---|
 * | `S3_ENDPOINT` | where it answers; buckets are named in the path |
 * | `S3_REGION` | default: `AWS_REGION`, else `us-east-1` |
 * | `S3_BUCKET` | is made, and removed again, if there is none; one that exists loses no object outside of `conformance/`, and gets its CORS rules back. Default: a new one |
 * | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | whose rights are used: `s3:*` on the bucket |
 * | `S3_SESSION_ACCESS_KEY_ID`, `S3_SESSION_SECRET_ACCESS_KEY`, `S3_SESSION_TOKEN` | temporary credentials; without them the cases about sessions are skipped |
 * | `S3_DIFFERENCES` | a JSON file `{"case id": {"expect": …, "because": "…"}}` of what is known to differ from AWS |
 */
import { readFileSync } from 'node:fs'

import type { S3Credentials } from '../../src/s3/credentials.ts'
import type { Differences } from './case.ts'
import type { S3Conformance } from './s3.ts'

/** The S3 that the environment names, if it names one. */
export function namedS3(env: NodeJS.ProcessEnv = process.env): S3Conformance | undefined {
  const endpoint = env['S3_ENDPOINT']
  if (!endpoint) return undefined
  const credentials = read(env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY'], env['AWS_SESSION_TOKEN'])
  if (!credentials) throw new Error('S3_ENDPOINT needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.')
  const session = read(
    env['S3_SESSION_ACCESS_KEY_ID'],
    env['S3_SESSION_SECRET_ACCESS_KEY'],
    env['S3_SESSION_TOKEN'],
  )
  const bucket = env['S3_BUCKET']
  const file = env['S3_DIFFERENCES']
  const target = {
    endpoint,
    region: env['S3_REGION'] ?? env['AWS_REGION'] ?? 'us-east-1',
    credentials,
    ...(bucket && { bucket }),
    ...(session && { session }),
  }
  return {
    name: endpoint,
    connect: () => Promise.resolve(target),
    differences: file ? (JSON.parse(readFileSync(file, 'utf8')) as Differences) : {},
  }
}

function read(
  accessKeyId?: string,
  secretAccessKey?: string,
  sessionToken?: string,
): S3Credentials | undefined {
  if (!accessKeyId || !secretAccessKey) return undefined
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
}
