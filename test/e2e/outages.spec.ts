/** Servers that really go away, and come back. */
import { expect, test } from '@playwright/test'

import { startS3Server } from '../../src/testing/s3-server/index.ts'
import { sha256, storedObjects } from './bucket.ts'
import { startDemo } from './demo-process.ts'
import { allUploaded, choose, fileOf, rows } from './page.ts'

const credentials = { accessKeyId: 'outage', secretAccessKey: 'outage-secret' }
const environment = { AWS_ACCESS_KEY_ID: 'outage', AWS_SECRET_ACCESS_KEY: 'outage-secret' }
const file = fileOf('patient.bin', 300_000)

test('S3 goes away: the reason in words; it comes back: a retry helps. No secret is printed', async ({
  page,
}) => {
  const start = (port: number): ReturnType<typeof startS3Server> =>
    startS3Server({ port, credentials: [credentials] })
  const cors = [{ allowedOrigins: ['*'], allowedMethods: ['POST' as const], allowedHeaders: ['*'] }]
  let s3 = await start(0)
  const { endpoint, port } = s3
  await s3.createBucket('real', { cors })
  const args = ['--endpoint', endpoint, '--bucket', 'real', '--region', 'us-east-1', '--path-style']
  const demo = await startDemo(args, environment)
  try {
    expect(demo.secretAccessKey).toBeUndefined()
    expect(demo.stderr()).not.toContain(credentials.secretAccessKey)
    await page.goto(demo.page)
    await expect(page.getByText('Nothing yet')).toBeVisible()
    await s3.close()
    await choose(page, [file])
    await expect(rows(page, file.name)).toContainText(/connection|reach/i)
    s3 = await start(port)
    await s3.createBucket('real', { cors })
    await rows(page, file.name).getByRole('button', { name: /Retry/ }).click()
    await allUploaded(page, 1)
    const [stored] = await storedObjects({ ...demo, ...credentials })
    expect(stored).toMatchObject({ sha256: sha256(file.buffer) })
  } finally {
    await demo.stop()
    await s3.close()
  }
})

test('the signer goes away and comes back', async ({ page }) => {
  const first = await startDemo()
  const port = new URL(first.page).port
  await page.goto(first.page)
  await expect(page.getByText('Nothing yet')).toBeVisible()
  await first.stop()
  await choose(page, [file])
  await expect(rows(page, file.name)).toContainText(/connection|reach/i)
  const second = await startDemo(['--port', port])
  try {
    expect(second.page).toBe(first.page)
    await rows(page, file.name).getByRole('button', { name: /Retry/ }).click()
    await allUploaded(page, 1)
  } finally {
    await second.stop()
  }
})
