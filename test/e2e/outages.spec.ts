/** Servers that really go away, and come back: the files wait, say so, and go on by themselves. */
import { expect, test } from '@playwright/test'

import { startS3Server } from '../../src/testing/s3-server/index.ts'
import { sha256, storedObjects } from './bucket.ts'
import { startDemo } from './demo-process.ts'
import { allUploaded, choose, fileOf, rows } from './page.ts'

const credentials = { accessKeyId: 'outage', secretAccessKey: 'outage-secret' }
const environment = { AWS_ACCESS_KEY_ID: 'outage', AWS_SECRET_ACCESS_KEY: 'outage-secret' }
const file = fileOf('patient.bin', 300_000)

test('S3 goes away and comes back. No secret is printed', async ({ page }) => {
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
    await expect(rows(page, file.name)).toContainText(/Waiting.*Trying again in/s)
    s3 = await start(port)
    await s3.createBucket('real', { cors })
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
  await expect(rows(page, file.name)).toContainText(/Waiting.*Trying again in/s)
  const second = await startDemo(['--port', port])
  try {
    expect(second.page).toBe(first.page)
    await allUploaded(page, 1)
  } finally {
    await second.stop()
  }
})

test('what does not come back is an error with its reason in the end, and a click goes on', async ({
  page,
}) => {
  const demo = await startDemo()
  try {
    // Five pauses of a second and more, run through at once.
    await page.clock.install()
    await page.goto(demo.page)
    await page.route('**/api/uploads', (route) => route.abort('connectionrefused'))
    await choose(page, [file])
    const row = rows(page, file.name)
    await expect(async () => {
      await page.clock.runFor(5000)
      await expect(row).toContainText(/can.t be reached/, { timeout: 100 })
    }).toPass()
    await page.unrouteAll()
    await row.getByRole('button', { name: /Retry/ }).click()
    await expect(async () => {
      await page.clock.runFor(500)
      await expect(row).toContainText('Uploaded', { timeout: 100 })
    }).toPass()
  } finally {
    await demo.stop()
  }
})
