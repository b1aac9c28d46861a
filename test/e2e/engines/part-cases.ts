/** Large files in parts: what S3 has is never sent again. */
import { expect } from '@playwright/test'

import type { DiskFile } from '../faulty-store.ts'
import { diskFile } from '../faulty-store.ts'
import type { EngineCase, World } from './run-case.ts'

const mebibyte = 1024 ** 2
const args = ['--multipart-from', String(6 * mebibyte)]

/** Runs with a file of six parts, 11 MiB each but the last, on the disk. */
const withFile =
  (name: string, run: (world: World, file: DiskFile) => Promise<void>) =>
  async (world: World): Promise<void> => {
    const file = await diskFile(name, 64)
    try {
      await run(world, file)
    } finally {
      file.remove()
    }
  }

/** The store stops reading in the middle of this part, for good: what a case does then, it does in the middle. */
const stallIn = ({ store }: World, partNumber: number): void =>
  void store.s3.faults.add({
    fault: { type: 'stall', afterBytes: 4 * mebibyte },
    on: 'UploadPart',
    partNumber,
  })

/** One part after the other. */
async function begin({ page, store }: World, { path }: DiskFile): Promise<void> {
  await page.goto(`${store.demo.page}?concurrency=1`)
  await page.choose('Choose files', [path])
}

/** The numbers of the parts that were sent, whole or not. */
const partsSent = ({ store }: World): number[] =>
  store
    .sent('UploadPart')
    .map(({ partNumber = 0 }) => partNumber)
    .toSorted((one, other) => one - other)

/** Those that the store took. */
const partsStored = ({ store }: World): number[] =>
  store.sent('UploadPart').flatMap(({ status, partNumber = 0 }) => (status === 200 ? [partNumber] : []))

/** See the head of this file. */
export const partCases: readonly EngineCase[] = [
  {
    title: 'a reset in the middle of a part, and an answer that is lost: only those parts again',
    args,
    run: withFile('reset.bin', async (world, file) => {
      const { faults } = world.store.s3
      const once = { on: 'UploadPart', times: 1 } as const
      faults.add({ fault: { type: 'reset', afterBytes: 3 * mebibyte }, partNumber: 2, ...once })
      faults.add({ fault: { type: 'lost-answer' }, partNumber: 3, ...once })
      await world.page.goto(world.store.demo.page)
      await world.page.choose('Choose files', [file.path])
      await world.arrived([file.sha256])
      expect(partsSent(world)).toEqual([1, 2, 2, 3, 3, 4, 5, 6])
    }),
  },
  {
    title: 'a reload in the middle: the same file again, and only the missing parts are sent',
    args,
    // Without Web Locks nobody can tell whether another tab is at work on the upload.
    isSecure: true,
    run: withFile('reloaded.bin', async (world, file) => {
      const { page, store } = world
      stallIn(world, 3)
      await begin(world, file)
      await expect.poll(() => partsSent(world)).toEqual([1, 2, 3])
      await page.reload()
      await world.row(file.name, /Choose the same file again/)
      store.s3.faults.clear()
      store.s3.clearLog()
      await page.choose(`Choose file ${file.name} again`, [file.path])
      await world.arrived([file.sha256])
      expect(partsSent(world)).toEqual([3, 4, 5, 6])
    }),
  },
  {
    title: 'a pause in the middle keeps what S3 has; a cancel in the middle leaves nothing behind',
    args,
    run: withFile('paused.bin', async (world, file) => {
      const { page, store, row } = world
      stallIn(world, 2)
      await begin(world, file)
      // Part 1 is a sixth: what is more than that was told by the browser while part 2 was under way.
      await row(file.name, /Uploading, (1[89]|[23]\d)%/)
      await page.click(`Pause ${file.name}`)
      await row(file.name, /Paused/)
      expect(partsStored(world)).toEqual([1])
      expect((await store.stored()).open).toBe(1)

      store.s3.faults.clear()
      store.s3.clearLog()
      stallIn(world, 3)
      await page.click(`Resume ${file.name}`)
      await expect.poll(() => partsSent(world)).toEqual([2, 3])
      await page.click(`Cancel ${file.name}`)
      await row(file.name, /Canceled/)
      await expect.poll(() => store.stored()).toEqual({ sha256: [], open: 0 })
    }),
  },
]
