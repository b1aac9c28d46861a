/** The demo's page as a person meets it: by roles and names. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { FrameLocator, Locator, Page } from '@playwright/test'
import { expect } from '@playwright/test'

/** A file for an upload. */
export interface TestFile {
  name: string
  mimeType: string
  buffer: Buffer
}

/** Bytes that differ for every name and place, so that a mix-up shows. */
export function fileOf(name: string, size: number, mimeType = 'application/octet-stream'): TestFile {
  const buffer = Buffer.alloc(size)
  let state = Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7)
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    buffer[at] = state >>> 24
  }
  return { name, mimeType, buffer }
}

/** Where the demo's page is shown: in a tab, or in a frame of one. */
type Place = Page | FrameLocator

/** The rows of the upload list, or the one with this text. */
export const rows = (page: Place, text?: string): Locator => {
  const all = page.getByRole('list', { name: 'Files', exact: true }).getByRole('listitem')
  return text === undefined ? all : all.filter({ hasText: text })
}

/** Chooses files as a person does: the button, then the chooser. */
export async function choose(page: Page, files: readonly TestFile[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose files' }).click()
  await (await chooser).setFiles([...files])
}

/** Drops what is on the disk, through the browser's own drag and drop. */
export async function dropFromDisk(page: Page, paths: readonly string[], place: Place = page): Promise<void> {
  const box = await place.getByRole('button', { name: 'Choose files' }).boundingBox()
  if (!box) throw new Error('The drop zone is not on the page.')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  const client = await page.context().newCDPSession(page)
  const data = { items: [], files: [...paths], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await client.send('Input.dispatchDragEvent', { type, x, y, data })
  await expect.poll(() => rows(place).count()).toBeGreaterThan(0)
}

/** Drops real files, written to the disk for it. */
export async function drop(page: Page, files: readonly TestFile[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 's3-upload-kit-drop-'))
  const paths = files.map(({ name, buffer }) => {
    const path = join(folder, name)
    writeFileSync(path, buffer)
    return path
  })
  await dropFromDisk(page, paths)
  page.once('close', () => rmSync(folder, { recursive: true, force: true }))
}

/** Waits until `count` rows say that they are uploaded. */
export async function allUploaded(page: Place, count: number): Promise<void> {
  await expect(rows(page).filter({ hasText: 'Uploaded' })).toHaveCount(count)
}
