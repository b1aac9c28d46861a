/** What must work in every engine, from the demo's button to the bytes in the store. */
import { expect } from '@playwright/test'

import { fileOf } from '../page.ts'
import { partCases } from './part-cases.ts'
import type { EngineCase, World } from './run-case.ts'
import { digestsOf } from './run-case.ts'

const files = [fileOf('empty.txt', 0), fileOf('one.txt', 1), fileOf('seven.bin', 7_000_000)]
const digests = digestsOf(files)

async function uploadAll({ page, store, choose, arrived }: World): Promise<void> {
  await page.goto(store.demo.page)
  await choose(files)
  await arrived(digests)
}

const hostileNames = [
  `quote" and apostrophe'.txt`,
  'фото отпуск.txt',
  '日本語 🎉.txt',
  'e\u0301 combining.txt',
  'a #1? 100% + & = ;.txt',
  ' leading and  double spaces.txt',
  '%2f..%2fetc%2fpasswd',
  '<img src=x onerror=alert(1)>.txt',
  '${filename}',
  '.hidden',
]

/** See the head of this file. */
export const cases: readonly EngineCase[] = [
  {
    title: '0 bytes, 1 byte and 7 MB by POST',
    args: ['--transport', 'post'],
    async run(world) {
      await uploadAll(world)
      expect(world.store.sent('PostObject')).toHaveLength(files.length)
    },
  },
  {
    title: '0 bytes, 1 byte and 7 MB by PUT',
    args: ['--transport', 'put'],
    async run(world) {
      await uploadAll(world)
      expect(world.store.sent('PutObject')).toHaveLength(files.length)
    },
  },
  {
    title: '0 bytes, 1 byte and 7 MB in parts',
    args: ['--transport', 'multipart'],
    async run(world) {
      await uploadAll(world)
      expect(world.store.sent('CompleteMultipartUpload').length).toBeGreaterThan(0)
    },
  },
  {
    title: 'a store without POST: asked once, then every file goes by PUT',
    dialect: 'r2',
    async run({ page, store, choose, arrived }) {
      await page.goto(`${store.demo.page}?concurrency=1`)
      await choose(files)
      await arrived(digests)
      expect(store.s3.log.filter(({ method, status }) => method === 'POST' && status === 501)).toHaveLength(1)
      expect(store.sent('PutObject')).toHaveLength(files.length)
    },
  },
  {
    title: '30 files at once',
    async run({ page, store, choose, arrived }) {
      const many = Array.from({ length: 30 }, (_, at) => fileOf(`many-${at}.dat`, 100 + at * 997))
      await page.goto(store.demo.page)
      await choose(many)
      await arrived(digestsOf(many))
    },
  },
  {
    title: 'names in any script, and names that mean harm',
    async run({ page, store, choose, row, arrived }) {
      const hostile = hostileNames.map((name, at) => fileOf(name, 10 + at))
      await page.goto(store.demo.page)
      await choose(hostile)
      await arrived(digestsOf(hostile))
      for (const name of hostileNames) await row(name, /Uploaded/) // shown as it is
    },
  },
  {
    title: 'too large: not added, with the reason in words; the other goes on',
    args: ['--max-size', '1000000'],
    async run({ page, store, choose, row }) {
      const good = fileOf('good.bin', 1_000_000)
      await page.goto(store.demo.page)
      await expect.poll(page.text).toMatch(/Up to 1 MB each/) // the signer has said so
      await choose([fileOf('big.bin', 1_000_001), good])
      await row('big.bin', /Not added.*too large.*the limit is 1 MB/s)
      await row('good.bin', /Uploaded/)
      expect((await store.stored()).sha256).toEqual(digestsOf([good]))
    },
  },
  {
    title: 'S3 is busy twice: it waits, says so, and goes on by itself',
    async run({ page, store, choose, row, arrived }) {
      const file = fileOf('patient.bin', 300_000)
      store.s3.faults.add({ fault: { type: 'error', code: 'SlowDown' }, on: 'PostObject', nth: [1, 2] })
      await page.goto(store.demo.page)
      await choose([file])
      await row(file.name, /Waiting.*Trying again in/s)
      await arrived(digestsOf([file]))
      expect(store.sent('PostObject').map(({ status }) => status)).toEqual([503, 503, 201])
    },
  },
  {
    title: 'S3 is busy twice and says so before it has read the bytes: it goes on by itself',
    args: ['--transport', 'put'],
    async run({ page, store, choose, row, arrived }) {
      const file = fileOf('early.bin', 20_000_000)
      store.s3.faults.add({
        fault: { type: 'early-refusal', code: 'SlowDown' },
        on: 'PutObject',
        nth: [1, 2],
      })
      await page.goto(store.demo.page)
      await choose([file])
      await row(file.name, /Waiting.*Trying again in/s)
      await arrived(digestsOf([file]))
      // Chromium shows both answers to the page, which waits twice. Firefox and WebKitGTK send a PUT again by themselves,
      // at once, when its connection ends early; of the second try Firefox tells that the network failed, WebKitGTK
      // shows the 503 (seen in Chromium 156, Firefox 153, WebKitGTK 2.50). So the page waits once or twice.
      expect(store.sent('PutObject').map(({ status }) => status)).toEqual([503, 503, 200])
    },
  },
  ...partCases,
]
