/** What goes wrong, each with its reason in words, a way on, and the other files unharmed. */
import type { Page, Route } from '@playwright/test'
import { expect, test } from '@playwright/test'

import { createPostPolicy } from '../../src/s3/post-policy.ts'
import { storedObjects } from './bucket.ts'
import type { DemoProcess } from './demo-process.ts'
import { startDemo } from './demo-process.ts'
import { allUploaded, choose, fileOf, rows } from './page.ts'

let demo: DemoProcess
test.beforeAll(async () => {
  demo = await startDemo(['--max-size', '1000000', '--accept', 'text/*,image/*', '--transport', 'post'])
})
test.afterAll(() => demo.stop())

const good = fileOf('good.txt', 1000, 'text/plain')
const victim = fileOf('victim.txt', 2000, 'text/plain')

interface SignAnswer {
  files: { ok: boolean; target: { fields: [string, string][] } }[]
}

/** Changes the grant for `victim.txt` on its way to the page; the other files' grants pass. */
async function tamper(
  page: Page,
  change: (fields: [string, string][]) => Promise<[string, string][]>,
): Promise<void> {
  await page.route('**/api/uploads', async (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    const asked: { action?: string; files?: { name: string }[] } = route.request().postDataJSON()
    const answer = await route.fetch()
    if (asked.action !== 'sign') return route.fulfill({ response: answer })
    const json: SignAnswer = await answer.json()
    for (const [index, file] of json.files.entries())
      if (asked.files?.[index]?.name === victim.name) file.target.fields = await change(file.target.fields)
    return route.fulfill({ response: answer, json })
  })
}

/** The victim fails with these words while the good file arrives; then, the cause being gone, a retry helps. */
async function failsAndRecovers(page: Page, words: RegExp, mend: () => Promise<unknown>): Promise<void> {
  const row = rows(page, victim.name)
  await expect(row).toContainText(words)
  await expect(row.getByRole('button', { name: /Retry/ })).toBeVisible()
  await expect(rows(page, good.name)).toContainText('Uploaded')
  await mend()
  await row.getByRole('button', { name: /Retry/ }).click()
  await allUploaded(page, 2)
}

test('too large and wrong type: not added, each with its reason; the others go on', async ({ page }) => {
  await page.goto(demo.page)
  await expect(page.getByText('Up to 1 MB each')).toBeVisible() // the signer's own word
  await choose(page, [
    fileOf('big.txt', 1_000_001, 'text/plain'),
    fileOf('tool.exe', 10, 'application/x-msdownload'),
    good,
  ])
  await expect(rows(page, 'big.txt')).toContainText(/too large.*1 MB/s)
  await expect(rows(page, 'tool.exe')).toContainText(/Not added/)
  await allUploaded(page, 1)
})

test('a forged key: S3 refuses, nothing is stored under it, a retry helps', async ({ page }) => {
  await tamper(page, async (fields) =>
    fields.map(([name, value]) => [name, name === 'key' ? 'forged/key' : value]),
  )
  await page.goto(demo.page)
  await choose(page, [victim, good])
  await failsAndRecovers(page, /mistake in this site.s setup|did not allow/, () => page.unrouteAll())
  expect((await storedObjects(demo)).map(({ key }) => key)).not.toContain('forged/key')
})

test('an expired policy: asked for a new one, and when that is old too it says so', async ({ page }) => {
  const { accessKeyId = '', secretAccessKey = '', bucket, region } = demo
  await tamper(page, async (fields) => {
    const key = fields.find(([name]) => name === 'key')?.[1] ?? ''
    const past = new Date(Date.now() - 120_000)
    const old = await createPostPolicy({
      credentials: { accessKeyId, secretAccessKey },
      region,
      bucket,
      fields: [
        ['key', key],
        ['success_action_status', '201'],
      ],
      conditions: [['content-length-range', 0, 10_000]],
      now: past,
      expiresAt: new Date(past.getTime() + 60_000),
    })
    return old.fields.map(([name, value]) => [name, value])
  })
  await page.goto(demo.page)
  await choose(page, [victim, good])
  await failsAndRecovers(page, /took longer than it was allowed/, () => page.unrouteAll())
})

test('S3 finds the file larger than was granted: its limit in words', async ({ page }) => {
  // A browser that lies about the size: the policy holds it to what it said.
  await page.route('**/api/uploads', (route: Route) => {
    if (route.request().method() !== 'POST') return route.continue()
    const asked: { action: string; files?: { name: string; size: number }[] } = route.request().postDataJSON()
    for (const file of asked.files ?? []) if (file.name === victim.name) file.size = 10
    return route.continue({ postData: JSON.stringify(asked) })
  })
  await page.goto(demo.page)
  await choose(page, [victim, good])
  await expect(rows(page, victim.name)).toContainText(/too large/)
  await expect(rows(page, good.name)).toContainText('Uploaded')
})

test('the signer answers 500: it waits and says so; a click goes on at once', async ({ page }) => {
  await page.route('**/api/uploads', (route) => route.fulfill({ status: 500, body: 'oops' }))
  await page.goto(demo.page)
  await choose(page, [victim])
  await expect(rows(page, victim.name)).toContainText(/Waiting.*Trying again/s)
  await page.unrouteAll()
  await rows(page, victim.name).getByRole('button', { name: /Retry/ }).click()
  await allUploaded(page, 1)
})
