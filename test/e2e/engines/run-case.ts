/** What each case finds around it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect } from '@playwright/test'

import type { S3ServerOptions } from '../../../src/testing/s3-server/index.ts'
import { sha256 } from '../bucket.ts'
import type { FaultyStore } from '../faulty-store.ts'
import { startFaultyStore } from '../faulty-store.ts'
import type { TestFile } from '../page.ts'
import type { EnginePage } from './engine-page.ts'

/** A demo with its store, in some browser. */
export interface World {
  page: EnginePage
  store: FaultyStore
  /** Chooses files: the button, then the chooser. All of them lie on the disk, as those of people do. */
  choose: (files: readonly TestFile[]) => Promise<void>
  /** Waits until the row of this name says this. */
  row: (name: string, says: RegExp) => Promise<void>
  /** Waits until every row says that it is uploaded, and holds the store to having these files and nothing else. */
  arrived: (digests: readonly string[]) => Promise<void>
}

/** One case, the same for every engine. */
export interface EngineCase {
  title: string
  /** The demo's arguments. */
  args?: readonly string[]
  dialect?: S3ServerOptions['dialect']
  /** Needs a secure context. */
  isSecure?: boolean
  run: (world: World) => Promise<void>
}

/** Digests of files. */
export const digestsOf = (files: readonly TestFile[]): string[] => files.map(({ buffer }) => sha256(buffer))

/** Some states are over soon: looks often. */
const often = { intervals: [50] }

/** Runs a case in a browser, with a store and a demo of its own. */
export async function runCase({ args, dialect, run }: EngineCase, page: EnginePage): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 's3-upload-kit-engines-'))
  const store = await startFaultyStore(args, ['ETag'], dialect)
  const isUploaded = async (): Promise<boolean[]> =>
    (await page.rows()).map((text) => text.includes('Uploaded'))
  try {
    await run({
      page,
      store,
      choose(files) {
        for (const { name, buffer } of files) writeFileSync(join(folder, name), buffer)
        return page.choose(
          'Choose files',
          files.map(({ name }) => join(folder, name)),
        )
      },
      async row(name, says) {
        const texts = async (): Promise<string> =>
          (await page.rows()).filter((text) => text.includes(name)).join('\n')
        await expect.poll(texts, often).toMatch(says)
      },
      async arrived(digests) {
        await expect.poll(isUploaded, often).toEqual(digests.map(() => true))
        const { sha256: found, open } = await store.stored()
        expect(found.toSorted()).toEqual([...digests].toSorted())
        expect(open).toBe(0)
      },
    })
  } finally {
    await store.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
