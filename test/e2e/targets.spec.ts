/** The same files by every kind of target, and on a store that knows no POST. */
import { writeFileSync } from 'node:fs'

import { expect, test } from '@playwright/test'

import { sha256 } from './bucket.ts'
import { diskFile, startFaultyStore } from './faulty-store.ts'
import { allUploaded, choose, fileOf, rows } from './page.ts'

const files = [
  fileOf('empty.txt', 0, 'text/plain'),
  fileOf('one.txt', 1, 'text/plain'),
  fileOf('two.bin', 7_000_000),
]
const digests = files.map(({ buffer }) => sha256(buffer)).toSorted()

for (const transport of ['post', 'put', 'multipart'] as const)
  test(`by ${transport}, with progress and the right bytes`, async ({ page }) => {
    const store = await startFaultyStore(['--transport', transport])
    try {
      await page.goto(store.demo.page)
      await choose(page, files)
      await allUploaded(page, files.length)
      const { sha256: found, open } = await store.stored()
      expect(found.toSorted()).toEqual(digests)
      expect(open).toBe(0)
    } finally {
      await store.stop()
    }
  })

test('a store without POST: asked once, then every file goes by PUT', async ({ page }) => {
  const store = await startFaultyStore([], ['ETag'], 'r2')
  try {
    await page.goto(`${store.demo.page}?concurrency=1`)
    await choose(page, files)
    await allUploaded(page, files.length)
    expect((await store.stored()).sha256.toSorted()).toEqual(digests)
    const posts = store.s3.log.filter(({ method, status }) => method === 'POST' && status === 501)
    expect(posts).toHaveLength(1)
    expect(store.sent('PutObject')).toHaveLength(files.length)
  } finally {
    await store.stop()
  }
})

test('ETags that CORS hides are read from the list of parts', async ({ page }) => {
  const store = await startFaultyStore(['--transport', 'multipart'], [])
  try {
    await page.goto(store.demo.page)
    await choose(page, files)
    await allUploaded(page, files.length)
    expect((await store.stored()).sha256.toSorted()).toEqual(digests)
  } finally {
    await store.stop()
  }
})

test('an answer that was lost is asked for: nothing is sent twice', async ({ page }) => {
  const store = await startFaultyStore()
  try {
    store.s3.faults.add({ fault: { type: 'lost-answer' }, on: 'PostObject' })
    await page.goto(store.demo.page)
    await choose(page, [fileOf('lost.bin', 300_000)])
    await allUploaded(page, 1)
    // The browser itself repeats a request that was reset on a socket in use; the kit does not.
    expect(store.sent('PostObject').length).toBeLessThanOrEqual(2)
    expect((await store.stored()).sha256).toHaveLength(1)
  } finally {
    await store.stop()
  }
})

test('policies that have run out are signed again', async ({ page }) => {
  const store = await startFaultyStore()
  try {
    store.s3.faults.add({ fault: { type: 'expired' }, on: 'PostObject', nth: 1 })
    await page.goto(store.demo.page)
    await choose(page, [fileOf('a.bin', 1000), fileOf('b.bin', 1000)])
    await allUploaded(page, 2)
    expect(store.sent('PostObject')).toHaveLength(3)
  } finally {
    await store.stop()
  }
})

test('a file that changes on the disk in the middle is never mixed', async ({ page }) => {
  const store = await startFaultyStore(['--multipart-from', '6000000'])
  const file = await diskFile('changing.bin', 64)
  try {
    store.s3.faults.add({ fault: { type: 'bandwidth', bytesPerSecond: 16_000_000 }, on: 'UploadPart' })
    await page.goto(`${store.demo.page}?concurrency=1`)
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose files' }).click()
    await (await chooser).setFiles(file.path)
    await expect.poll(() => store.sent('UploadPart').length).toBeGreaterThan(1)
    writeFileSync(file.path, 'something else')
    await expect(rows(page, file.name)).toContainText(/can.t be read any more/)
    expect((await store.stored()).sha256).toEqual([])
    await rows(page, file.name)
      .getByRole('button', { name: /^Remove/ })
      .click()
    await expect.poll(() => store.stored()).toEqual({ sha256: [], open: 0 })
  } finally {
    file.remove()
    await store.stop()
  }
})
