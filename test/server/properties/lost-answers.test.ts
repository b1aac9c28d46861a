/**
 * Lives of one upload, in which any answer may be lost and is asked for again, in whichever process of the signer, while
 * another user tries the same receipts. Whatever the order: one object at most, and only where all agree.
 */
import { array, assert, asyncProperty, boolean, constantFrom, integer, record } from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { S3Server } from '../../../src/testing/s3-server/index.ts'
import { startS3Server } from '../../../src/testing/s3-server/index.ts'
import type { Life } from './live.ts'
import { live, steps } from './live.ts'

let server: S3Server
beforeAll(async () => {
  server = await startS3Server({ region: 'eu-central-1' })
  await server.createBucket('uploads')
})
afterAll(() => server.close())

const step = record({
  step: constantFrom(...steps),
  times: integer({ min: 1, max: 3 }),
  process: integer({ min: 0, max: 2 }),
  atOnce: boolean(),
})
const lives = record<Life>({
  way: constantFrom('post', 'put', 'multipart'),
  closes: constantFrom('promote', 'uploadState', 'promote with a fixed key'),
  dated: boolean(),
  steps: array(step, { minLength: 2, maxLength: 8 }),
})

test('a lost answer costs no file, and gives none away', { timeout: 120_000 }, async () => {
  const { endpoint, region, credentials } = server
  const storage = { bucket: 'uploads', region, endpoint, credentials }
  await assert(
    asyncProperty(lives, async (life) => {
      expect(await live(life, storage)).toEqual([])
    }),
    { numRuns: 200 },
  )
})
