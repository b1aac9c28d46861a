/** Large files in parts, while everything goes wrong: nothing lost, nothing sent that S3 has already. */
import type { Page } from '@playwright/test'
import { expect, test } from '@playwright/test'

import type { DiskFile, FaultyStore } from './faulty-store.ts'
import { diskFile, startFaultyStore } from './faulty-store.ts'
import { allUploaded, dropFromDisk, rows } from './page.ts'

const mebibyte = 1024 ** 2
const inParts = ['--multipart-from', String(6 * mebibyte)]

let store: FaultyStore
let file: DiskFile
const onDisk: DiskFile[] = []
test.beforeEach(async () => {
  store = await startFaultyStore(inParts)
})
test.afterEach(async () => {
  for (const each of onDisk.splice(0)) each.remove()
  await store.stop()
})

async function written(...args: Parameters<typeof diskFile>): Promise<DiskFile> {
  const made = await diskFile(...args)
  onDisk.push(made)
  return made
}

async function chooseFromDisk(page: Page, { path }: DiskFile, button = 'Choose files'): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: button }).click()
  await (await chooser).setFiles(path)
}

const bytesSent = (): number =>
  store.sent('UploadPart').reduce((sum, { bytesReceived }) => sum + bytesReceived, 0)
const partsStored = (): number => store.sent('UploadPart').filter(({ status }) => status === 200).length

async function expectStored(): Promise<void> {
  expect(await store.stored()).toEqual({ sha256: [file.sha256], open: 0 })
}

test('300 MiB through resets, stalls, 503s and lost answers', async ({ page }) => {
  test.slow()
  file = await written('patient.bin', 300)
  const { faults } = store.s3
  faults.add({ fault: { type: 'reset', afterBytes: 3 * mebibyte }, on: 'UploadPart', nth: [2, 9] })
  faults.add({ fault: { type: 'stall', afterBytes: mebibyte }, on: 'UploadPart', nth: 5 })
  faults.add({ fault: { type: 'error', code: 'SlowDown' }, on: 'UploadPart', nth: [7, 8] })
  faults.add({ fault: { type: 'error', code: 'InternalError' }, on: 'UploadPart', nth: 12 })
  faults.add({ fault: { type: 'expired' }, on: 'UploadPart', nth: 14 })
  faults.add({ fault: { type: 'lost-answer' }, on: 'UploadPart', nth: 15 })
  faults.add({
    fault: { type: 'error-under-200', code: 'InternalError' },
    on: 'CompleteMultipartUpload',
    nth: 1,
  })
  faults.add({ fault: { type: 'lost-answer' }, on: 'CompleteMultipartUpload', nth: 2 })
  await page.goto(`${store.demo.page}?stallTimeout=3000`)
  await chooseFromDisk(page, file)
  await expect(rows(page).filter({ hasText: 'Uploaded' })).toHaveCount(1, { timeout: 120_000 })
  await expectStored()
  // The parts that failed, and no others.
  expect(bytesSent()).toBeLessThan(file.size + 9 * 16 * mebibyte)
})

test('a reload in the middle: only the missing parts are sent', async ({ page }) => {
  file = await written('reloaded.bin', 96)
  store.s3.faults.add({ fault: { type: 'bandwidth', bytesPerSecond: 16 * mebibyte }, on: 'UploadPart' })
  await page.goto(`${store.demo.page}?concurrency=1`)
  await chooseFromDisk(page, file)
  await expect.poll(partsStored).toBeGreaterThan(1)
  page.on('dialog', (dialog) => void dialog.accept())
  await page.reload()
  await expect(rows(page, file.name)).toContainText('Choose the same file again')
  store.s3.faults.clear()
  const stored = partsStored()
  store.s3.clearLog()
  await chooseFromDisk(page, file, 'Choose file reloaded.bin again')
  await allUploaded(page, 1)
  await expectStored()
  expect(bytesSent()).toBe(file.size - stored * 16 * mebibyte)
})

test('a pasted picture is gone with its page: it says so, and leaves nothing in the bucket', async ({
  page,
}) => {
  store.s3.faults.add({ fault: { type: 'bandwidth', bytesPerSecond: 16 * mebibyte }, on: 'UploadPart' })
  await page.goto(`${store.demo.page}?concurrency=1`)
  await page.getByRole('button', { name: 'Choose files' }).focus()
  await page.evaluate((size) => {
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File([new Uint8Array(size)], 'image.png', { type: 'image/png' }))
    const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
    document.activeElement?.dispatchEvent(paste)
  }, 96 * mebibyte)
  await expect.poll(partsStored).toBeGreaterThan(1)
  page.on('dialog', (dialog) => void dialog.accept())
  await page.reload()
  await expect(rows(page, 'pasted')).toContainText('was lost when the page was left. Add it again.')
  await expect(rows(page, 'pasted').getByRole('button')).toHaveAccessibleName(/Remove/)
  await expect.poll(async () => (await store.stored()).open).toBe(0)
})

test('a dropped file goes on after a reload without being chosen again', async ({ page }) => {
  file = await written('dropped.bin', 64)
  store.s3.faults.add({ fault: { type: 'bandwidth', bytesPerSecond: 16 * mebibyte }, on: 'UploadPart' })
  await page.goto(`${store.demo.page}?concurrency=1`)
  await dropFromDisk(page, [file.path])
  await expect.poll(partsStored).toBeGreaterThan(0)
  page.on('dialog', (dialog) => void dialog.accept())
  await page.reload()
  store.s3.faults.clear()
  // Here the browser still permits it; in another session it asks, in the click on "Continue".
  await allUploaded(page, 1)
  await expectStored()
})

test('another file is refused with words, and the right one goes on when it is simply added', async ({
  page,
}) => {
  file = await written('wanted.bin', 64)
  const other = await written('wanted.bin', 65)
  store.s3.faults.add({ fault: { type: 'bandwidth', bytesPerSecond: 16 * mebibyte }, on: 'UploadPart' })
  await page.goto(`${store.demo.page}?concurrency=1`)
  await chooseFromDisk(page, file)
  await expect.poll(partsStored).toBeGreaterThan(0)
  page.on('dialog', (dialog) => void dialog.accept())
  await page.reload()
  store.s3.faults.clear()
  await chooseFromDisk(page, other, 'Choose file wanted.bin again')
  await expect(rows(page, file.name)).toContainText('not the file whose upload was begun')
  await chooseFromDisk(page, file)
  await allUploaded(page, 1)
  await expectStored()
})

test('offline is a state: it waits, and goes on by itself', async ({ page, context }) => {
  file = await written('offline.bin', 64)
  store.s3.faults.add({ fault: { type: 'bandwidth', bytesPerSecond: 16 * mebibyte }, on: 'UploadPart' })
  await page.goto(`${store.demo.page}?concurrency=1`)
  await chooseFromDisk(page, file)
  await expect.poll(partsStored).toBeGreaterThan(0)
  await context.setOffline(true)
  await expect(rows(page, file.name)).toContainText('You are offline')
  store.s3.faults.clear()
  await context.setOffline(false)
  await allUploaded(page, 1)
  await expectStored()
})

test('a pause keeps what S3 has, and a cancel leaves nothing behind', async ({ page }) => {
  file = await written('paused.bin', 64)
  store.s3.faults.add({ fault: { type: 'bandwidth', bytesPerSecond: 16 * mebibyte }, on: 'UploadPart' })
  await page.goto(`${store.demo.page}?concurrency=1`)
  await chooseFromDisk(page, file)
  await expect.poll(partsStored).toBeGreaterThan(0)
  const row = rows(page, file.name)
  await row.getByRole('button', { name: /^Pause/ }).click()
  await expect(row).toContainText('Paused')
  expect((await store.stored()).open).toBe(1)
  await row.getByRole('button', { name: /^Resume/ }).click()
  await expect(row).toContainText('Uploading')
  await row.getByRole('button', { name: /^Cancel/ }).click()
  await expect(row).toContainText('Canceled')
  await expect.poll(() => store.stored()).toEqual({ sha256: [], open: 0 })
})

test('an upload that vanished from the store begins anew', async ({ page }) => {
  file = await written('vanished.bin', 64)
  store.s3.faults.add({ fault: { type: 'vanished-upload' }, on: 'UploadPart', nth: 3 })
  await page.goto(`${store.demo.page}?concurrency=1`)
  await chooseFromDisk(page, file)
  await allUploaded(page, 1)
  await expectStored()
})
