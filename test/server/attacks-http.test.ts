import { afterAll, beforeAll, describe, vi } from 'vitest'

import type { S3Server } from '../../src/testing/s3-server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import { describeAttacks } from './cases/attacks/index.ts'

vi.setConfig({ testTimeout: 60_000 })

let server: S3Server

beforeAll(async () => {
  server = await startS3Server({ region: 'eu-central-1' })
  await server.createBucket('uploads')
})

afterAll(() => server.close())

describe('against the local S3', () => {
  describeAttacks(() => {
    const { endpoint, region, credentials } = server
    return { storage: { bucket: 'uploads', region, endpoint, credentials }, now: Date.now }
  })
})
