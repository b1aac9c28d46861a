/** One cluster for all files of this folder. Where there can be none, their tests are skipped, with the reason. */
import type { TestProject } from 'vitest/node'

import type { S3Credentials } from '../../src/s3/credentials.ts'
import { RgwUnavailable, startRgw } from './rgw.ts'

export interface RgwAddress {
  readonly endpoint: string
  readonly region: string
  readonly credentials: S3Credentials
  readonly session: S3Credentials
  /** May do what iamPolicy() lists for grantCredentials: it cannot read. */
  readonly writer: S3Credentials
}

const writing = ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts']

declare module 'vitest' {
  interface ProvidedContext {
    rgw: RgwAddress | { readonly unavailable: string }
  }
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const began = performance.now()
  try {
    const rgw = await startRgw()
    const { endpoint, region, accessKeyId, secretAccessKey } = rgw
    const session = await rgw.assumeRole()
    const writer = await rgw.assumeRole(writing)
    const credentials = { accessKeyId, secretAccessKey }
    project.provide('rgw', { endpoint, region, credentials, session, writer })
    console.log(`Ceph RGW at ${endpoint} after ${((performance.now() - began) / 1000).toFixed(1)} s`)
    return () => rgw.stop()
  } catch (error) {
    if (!(error instanceof RgwUnavailable)) throw error
    console.log(`Skipped: ${error.message}`)
    project.provide('rgw', { unavailable: error.message })
    return undefined
  }
}
