/** Promotion of objects that one request cannot copy. AWS draws the line at 5 GiB, these tests at 5 MiB. */
import { describe, expect, test } from 'vitest'

import { createUploadRouter, route } from '../../../src/server/index.ts'
import type { Store } from '../store-suite.ts'
import { aRequest, authorize, backendFor, bytesOf, carryOut, granted, openSigner } from '../store-suite.ts'

const mebibyte = 1024 ** 2
const stored = { location: '', key: '' }

/** Declares the tests for the store that `open()` gives once they run. */
export function describeCopies(open: () => Store): void {
  function small(): Store {
    const { storage, now } = open()
    return {
      now,
      storage: { ...storage, capabilities: { ...storage.capabilities, largestCopy: 5 * mebibyte } },
    }
  }

  describe('an object that is copied in ranges', () => {
    test.each([
      ['two and a rest', 11 * mebibyte + 7],
      ['two', 10 * mebibyte],
      ['one', 5 * mebibyte + 1],
    ])('%s: the same bytes, and all that they were stored with', async (_ranges, size) => {
      const run = crypto.randomUUID()
      const [prefix, promote] = [`done/${run}/`, `incoming/${run}/`]
      const router = createUploadRouter({
        files: route({
          authorize,
          prefix,
          promote,
          partSize: 6 * mebibyte,
          object: {
            cacheControl: 'max-age=60',
            contentDisposition: 'attachment; filename="fixed.png"',
            tags: { team: 'a b' },
            metadata: { Title: '写真' },
          },
        }),
      })
      const { call, witness } = openSigner(small(), router)
      const backend = backendFor('files')
      const content = bytesOf(size)
      const file = aRequest(content, { accepts: ['multipart'] })
      const mine = granted((await backend.createUploads([file], call))[0])
      await carryOut(mine, content, backend, call)
      await backend.confirm?.(mine.ref, stored, file, call)
      const [key = ''] = await witness.keys(prefix)
      expect(await witness.keys(promote)).toEqual([])
      expect(Buffer.from((await witness.read(key)) ?? []).equals(content)).toBe(true)
      expect(await witness.head(key)).toMatchObject({
        ContentLength: size,
        ContentType: 'image/png',
        CacheControl: 'max-age=60',
        ContentDisposition: 'attachment; filename="fixed.png"',
        Metadata: { title: '%E5%86%99%E7%9C%9F' },
      })
      expect(await witness.tags(key)).toEqual(['team=a b'])
      // Again: the answer may have been lost.
      expect(await backend.confirm?.(mine.ref, stored, file, call)).toBeNull()
    })

    test('and was replaced meanwhile is not promoted, and leaves no parts', async () => {
      const run = crypto.randomUUID()
      const [prefix, promote] = [`done/${run}/`, `incoming/${run}/`]
      let replay = (): Promise<void> => Promise.resolve()
      const router = createUploadRouter({
        files: route({ authorize, prefix, promote, onComplete: () => replay() }),
      })
      const { call, witness } = openSigner(small(), router)
      const backend = backendFor('files')
      const content = bytesOf(6 * mebibyte)
      const file = aRequest(content, { accepts: ['put'] })
      const mine = granted((await backend.createUploads([file], call))[0])
      await carryOut(mine, content, backend, call)
      replay = () => carryOut(mine, content.toReversed(), backend, call)
      await expect(backend.confirm?.(mine.ref, stored, file, call)).rejects.toMatchObject({
        code: 'confirm-failed',
        retry: 'restart',
      })
      expect(await witness.keys(prefix)).toEqual([])
      expect(await witness.openUploads(prefix)).toEqual([])
    })
  })
}
