import { mkdtempSync, rmSync } from 'node:fs'
/** The demo as a program: ports, restarts, its end. */
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from '@playwright/test'

import { listen } from '../../demo/listen.ts'
import { storedObjects } from './bucket.ts'
import { startDemo } from './demo-process.ts'
import { allUploaded, choose, fileOf } from './page.ts'

test('objects survive a restart; Ctrl-C ends it cleanly and frees its ports', async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), 's3-upload-kit-restart-'))
  try {
    const first = await startDemo(['--data', folder])
    await page.goto(first.page)
    await choose(page, [fileOf('kept.txt', 10)])
    await allUploaded(page, 1)
    expect(await first.stop()).toBe(0)

    const ports = [first.page, first.s3].map((url) => new URL(url).port)
    for (const port of ports) {
      const server = createServer()
      await listen(server, Number(port)) // rejects while somebody has it
      await new Promise((closed) => server.close(closed))
    }

    const second = await startDemo(['--data', folder])
    try {
      expect((await storedObjects(second)).map(({ key }) => key)).toEqual([
        expect.stringContaining('kept.txt'),
      ])
      await page.goto(second.page)
      await expect(page.getByRole('link', { name: 'kept.txt' })).toBeVisible()
    } finally {
      await second.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a taken port is named, and the next one used', async () => {
  const taken = createServer()
  const port = await listen(taken, 0)
  const demo = await startDemo(['--port', String(port)])
  try {
    expect(demo.stderr()).toContain(`Port ${port} is taken`)
    expect(Number(new URL(demo.page).port)).toBeGreaterThan(port)
  } finally {
    await demo.stop()
    await new Promise((closed) => taken.close(closed))
  }
})

test('a second demo beside the first keeps its objects apart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 's3-upload-kit-beside-'))
  const first = await startDemo(['--data', folder])
  try {
    const second = await startDemo(['--data', folder])
    try {
      await expect.poll(() => second.stderr()).toContain(`kept in ${folder}-2`)
    } finally {
      await second.stop()
    }
  } finally {
    await first.stop()
    for (const each of [folder, `${folder}-2`]) rmSync(each, { recursive: true, force: true })
  }
})

test('the bucket takes pages of this origin and no other', async () => {
  const demo = await startDemo()
  try {
    const preflight = (origin: string): Promise<Response> =>
      fetch(`${demo.s3}/${demo.bucket}`, {
        method: 'OPTIONS',
        headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
      })
    expect((await preflight(demo.page)).status).toBe(200)
    expect((await preflight('https://elsewhere.example')).status).toBe(403)
  } finally {
    await demo.stop()
  }
})

test('arguments that make no sense are refused with how to call it', async () => {
  await expect(startDemo(['--endpoint', 'http://127.0.0.1:1'])).rejects.toThrow('--bucket and --region')
})
