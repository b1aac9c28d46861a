/** Large files in parts on any store, with a proxy in between where everything goes wrong. */
import type { Page } from '@playwright/test'
import { expect, test } from '@playwright/test'

import { startS3Server } from '../../src/testing/s3-server/index.ts'
import { storedObjects } from './bucket.ts'
import type { Bucket, DemoProcess } from './demo-process.ts'
import { argumentsOf, otherStore, startDemo } from './demo-process.ts'
import type { FaultProxy, PartFault } from './fault-proxy.ts'
import { startFaultProxy } from './fault-proxy.ts'
import type { DiskFile } from './faulty-store.ts'
import { diskFile } from './faulty-store.ts'
import { rows } from './page.ts'

const mebibyte = 1024 ** 2

interface Setting {
  demo: DemoProcess
  proxy: FaultProxy
  store: Bucket
  stop: () => Promise<void>
}

/** The store that is named, or a local one; the demo reaches it through the proxy. */
async function start(faultOf: (count: number) => PartFault | undefined): Promise<Setting> {
  const own = otherStore ? undefined : await startLocal()
  const store = otherStore ?? own?.store
  if (!store) throw new Error('There is no store.')
  const proxy = await startFaultProxy(store.s3, faultOf)
  const place = argumentsOf({ ...store, s3: proxy.endpoint })
  const demo = await startDemo([...place, '--multipart-from', String(6 * mebibyte)], {
    AWS_ACCESS_KEY_ID: store.accessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: store.secretAccessKey ?? '',
  })
  const stop = async (): Promise<void> => {
    await demo.stop()
    await proxy.close()
    await own?.close()
  }
  return { demo, proxy, store, stop }
}

async function startLocal(): Promise<{ store: Bucket; close: () => Promise<void> }> {
  const credentials = { accessKeyId: 'way', secretAccessKey: 'way-secret' }
  const server = await startS3Server({ credentials: [credentials] })
  const allowedMethods = ['POST', 'PUT'] as const
  const rule = { allowedOrigins: ['*'], allowedMethods, allowedHeaders: ['*'], exposeHeaders: ['ETag'] }
  await server.createBucket('way', { cors: [rule] })
  const store = { s3: server.endpoint, bucket: 'way', region: server.region, ...credentials }
  return { store, close: () => server.close() }
}

async function choose(page: Page, file: DiskFile, button: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: button }).click()
  await (await chooser).setFiles(file.path)
}

async function expectStored(store: Bucket, file: DiskFile): Promise<void> {
  const stored = await storedObjects(store)
  expect(stored.filter(({ sha256 }) => sha256 === file.sha256)).toHaveLength(1)
}

test('300 MiB through resets, stalls, 503s and lost answers', async ({ page }) => {
  test.slow()
  const faults: Readonly<Record<number, PartFault>> = {
    2: 'reset',
    4: 'stall',
    6: 'slow-down',
    7: 'slow-down',
    9: 'lost-answer',
    13: 'reset',
  }
  const { demo, proxy, store, stop } = await start((count) => faults[count])
  const file = await diskFile(`way-${Date.now()}.bin`, 300)
  try {
    await page.goto(`${demo.page}?stallTimeout=3000`)
    await choose(page, file, 'Choose files')
    await expect(rows(page, file.name)).toContainText('Uploaded', { timeout: 120_000 })
    await expectStored(store, file)
    // 19 parts of 16 MiB, and the six that failed: a browser repeats a request by itself where a socket was reset.
    expect(proxy.parts().count).toBeLessThanOrEqual(19 + 6 + 3)
  } finally {
    file.remove()
    await stop()
  }
})

test('a reload in the middle of parts: the rest is sent, and nothing else', async ({ page }) => {
  let isDead = false
  // Three parts, and then nothing moves until the page comes back.
  const { demo, proxy, store, stop } = await start((count) => (count > 3 && isDead ? 'stall' : undefined))
  const file = await diskFile(`reload-${Date.now()}.bin`, 96)
  try {
    isDead = true
    await page.goto(`${demo.page}?concurrency=1`)
    await choose(page, file, 'Choose files')
    await expect.poll(() => proxy.parts().count).toBe(4)
    page.on('dialog', (dialog) => void dialog.accept())
    await page.reload()
    isDead = false
    await expect(rows(page, file.name)).toContainText('Choose the same file again')
    const before = proxy.parts().bytes
    await choose(page, file, `Choose file ${file.name} again`)
    await expect(rows(page, file.name)).toContainText('Uploaded')
    expect(proxy.parts().bytes - before).toBe(file.size - 3 * 16 * mebibyte)
    await expectStored(store, file)
  } finally {
    file.remove()
    await stop()
  }
})
