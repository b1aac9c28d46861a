/** The way of a file: dropped, picked, pasted; watched; found in the bucket with the same SHA-256. */
import { expect, test } from '@playwright/test'

import { sha256, storedObjects } from './bucket.ts'
import type { DemoProcess } from './demo-process.ts'
import { startDemo } from './demo-process.ts'
import { allUploaded, choose, drop, fileOf, rows } from './page.ts'
import type { TestFile } from './page.ts'

let demo: DemoProcess
test.beforeAll(async () => {
  demo = await startDemo()
})
test.afterAll(() => demo.stop())

async function expectStored(files: readonly TestFile[]): Promise<void> {
  const stored = new Set((await storedObjects(demo)).map(({ sha256: digest, size }) => `${size} ${digest}`))
  for (const { name, buffer } of files)
    expect(stored.has(`${buffer.length} ${sha256(buffer)}`), name).toBe(true)
}

test('picked: 0 bytes, 1 byte, 20 MiB', async ({ page }) => {
  const files = [
    fileOf('empty.txt', 0, 'text/plain'),
    fileOf('one.txt', 1, 'text/plain'),
    fileOf('large.bin', 20 * 1024 * 1024),
  ]
  await page.goto(demo.page)
  await choose(page, files)
  await allUploaded(page, 3)
  await expectStored(files)
})

test('dropped: 50 real files at once', async ({ page }) => {
  const files = Array.from({ length: 50 }, (_, at) => fileOf(`dropped-${at}.dat`, 100 + at * 997))
  await page.goto(demo.page)
  await drop(page, files)
  await allUploaded(page, 50)
  await expectStored(files)
})

test('pasted: a real picture from the clipboard', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(demo.page)
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(40, 30)
    const paint = canvas.getContext('2d')
    if (!paint) throw new Error('no canvas')
    paint.fillStyle = 'teal'
    paint.fillRect(0, 0, 40, 30)
    const png = await canvas.convertToBlob({ type: 'image/png' })
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })])
    // The browser makes its own PNG of what is on the clipboard: what the page is given is what must arrive.
    document.addEventListener(
      'paste',
      async (event) => {
        const bytes = await event.clipboardData?.files[0]?.arrayBuffer()
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes ?? new ArrayBuffer()))
        document.title = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
      },
      { capture: true },
    )
  })
  await page.getByRole('button', { name: 'Choose files' }).focus()
  await page.keyboard.press('ControlOrMeta+v')
  await allUploaded(page, 1)
  await expect(rows(page)).toContainText(/pasted .*\.png/)
  const digest = await page.title()
  const picture = (await storedObjects(demo)).find((object) => object.sha256 === digest)
  expect(picture).toMatchObject({ type: 'image/png' })
})

test('names in any script, and names that mean harm', async ({ page }) => {
  const names = [
    'фото отпуск.txt',
    '日本語のファイル 名前.txt',
    'صورة العائلة.txt',
    '🎉 party + 100% #1?.txt',
    'quote".txt',
    "apostrophe'; DROP TABLE files;--.txt",
    '<img src=x onerror=alert(1)>.txt',
    '${filename}.txt',
    '..%2f..%2fetc%2fpasswd',
    'e\u0301 combining.txt',
    `${'long'.repeat(50)}.txt`,
    '.hidden',
    'no extension',
  ]
  const files = names.map((name, at) => fileOf(name, 10 + at))
  page.on('dialog', () => {
    throw new Error('A name ran as a script.')
  })
  await page.goto(demo.page)
  await choose(page, files)
  await allUploaded(page, files.length)
  await expectStored(files)
  // The page's second column links each object; the link opens what is in the bucket.
  const link = page.getByRole('region', { name: 'In the bucket' }).getByRole('link').first()
  const answer = await page.request.get((await link.getAttribute('href')) ?? '')
  expect(answer.status()).toBe(200)
})

test('files added while others are under way join them', async ({ page }) => {
  const slow = fileOf('first.bin', 5 * 1024 * 1024)
  await page.goto(demo.page)
  await choose(page, [slow])
  await choose(page, [fileOf('second.bin', 10)])
  await allUploaded(page, 2)
})
