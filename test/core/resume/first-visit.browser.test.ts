/** What a page costs on which nothing was ever left unfinished. */
import { promisifyRequest } from 'idb-keyval'
import { expect, test, vi } from 'vitest'

import { createUploader } from '../../../src/core/index.ts'
import { indexedDbResumeStore } from '../../../src/core/resume/indexed-db.ts'
import { scriptedBackend } from '../../../src/testing/index.ts'
import { recordOf } from './records.ts'

const ours = async (): Promise<boolean> =>
  (await indexedDB.databases()).some(({ name }) => name === 's3-upload-kit')

test('no database is opened, and none made; one that is there is read', async () => {
  await promisifyRequest(indexedDB.deleteDatabase('s3-upload-kit'))
  const open = vi.spyOn(indexedDB, 'open')
  const backend = scriptedBackend({ multipart: {} })
  const restored = (): Promise<unknown> => createUploader({ backend }).restore()
  expect(await restored()).toEqual([])
  expect(open).not.toHaveBeenCalled()
  expect(await ours()).toBe(false)

  const record = recordOf('left')
  await indexedDbResumeStore().save({
    ...record,
    backend: backend.name,
    createdAt: Date.now(),
    updatedAt: Date.now(),
  })
  expect(await restored()).toMatchObject([{ id: 'left', status: 'paused' }])

  // A browser that does not tell: then it has to be looked at.
  vi.spyOn(indexedDB, 'databases').mockRejectedValue(new Error('no'))
  expect(await restored()).toMatchObject([{ id: 'left' }])
  await promisifyRequest(indexedDB.deleteDatabase('s3-upload-kit'))
})
