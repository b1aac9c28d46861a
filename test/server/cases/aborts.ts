/** What is given up leaves nothing behind, but what the app has taken. */
import { describe, expect, test, vi } from 'vitest'

import type { RouteOptions, UploadState } from '../../../src/server/index.ts'
import { createUploadRouter, route } from '../../../src/server/index.ts'
import type { Bytes, Store } from '../store-suite.ts'
import { aRequest, authorize, backendFor, bytesOf, carryOut, granted, openSigner } from '../store-suite.ts'

const stored = { location: '', key: '' }
const content = bytesOf(1000)
type Way = 'post' | 'put' | 'multipart'

/** Declares the tests for the store that `open()` gives once they run. */
export function describeAborts(open: () => Store): void {
  const folder = (): string => `aborts/${crypto.randomUUID()}/`

  /** A file that has arrived, and whose answer was lost: nobody confirmed it. */
  async function arrived(way: Way, options: Partial<RouteOptions<{ id: string }>>, sent: Bytes = content) {
    const router = createUploadRouter({ files: route({ authorize, ...options }) })
    const { call, witness } = openSigner(open(), router)
    const backend = backendFor('files')
    const file = aRequest(content, { accepts: [way] })
    const mine = granted((await backend.createUploads([file], call))[0])
    await carryOut(mine, sent, backend, call)
    const confirm = (): Promise<unknown> | undefined => backend.confirm?.(mine.ref, stored, file, call)
    const giveUp = async (): Promise<void> =>
      way === 'multipart' ? backend.multipart?.abort(mine.ref, call) : backend.release?.(mine.ref, call)
    return { backend, call, witness, mine, confirm, giveUp, file }
  }

  describe.each<[way: Way]>([['post'], ['put'], ['multipart']])('given up, sent as %s', (way) => {
    test('an object that the app did not take is removed, and the app is told that nothing is left', async () => {
      const prefix = folder()
      const onAbort = vi.fn()
      const uploadState = vi.fn(() => 'open' as const)
      const { witness, giveUp, confirm } = await arrived(way, { prefix, onAbort, uploadState })
      expect(await witness.keys(prefix)).toHaveLength(1)
      await giveUp()
      expect(await witness.keys(prefix)).toEqual([])
      expect(onAbort).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ stored: false }))
      await giveUp()
      await expect(confirm()).rejects.toMatchObject({ code: 'confirm-failed', retry: 'restart' })
    })

    test('an object that was confirmed stays', async () => {
      const prefix = folder()
      const onAbort = vi.fn()
      const { witness, giveUp, confirm } = await arrived(way, { prefix, onAbort, onComplete: () => null })
      await confirm()
      await giveUp()
      expect(await witness.keys(prefix)).toHaveLength(1)
      expect(onAbort).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ stored: true }))
    })

    test('an object stays that the app has taken, and goes once it has not', async () => {
      const prefix = folder()
      const uploadState = vi.fn((): UploadState => 'taken')
      const { witness, giveUp } = await arrived(way, { prefix, uploadState })
      await giveUp()
      const [key] = await witness.keys(prefix)
      expect(uploadState).toHaveBeenCalledExactlyOnceWith(
        expect.objectContaining({ key, user: { id: 'ann' } }),
      )
      uploadState.mockReturnValue('open')
      await giveUp()
      expect(await witness.keys(prefix)).toEqual([])
    })

    test('an object stays where nobody can tell whether the app has taken it, and the app is told so', async () => {
      const prefix = folder()
      const onAbort = vi.fn()
      const { witness, giveUp, confirm } = await arrived(way, { prefix, onAbort, onComplete: () => 'saved' })
      await giveUp()
      expect(await witness.keys(prefix)).toHaveLength(1)
      expect(onAbort).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ stored: true }))
      expect(await confirm()).toBe('saved')
    })

    test('what lies at a key that others may write to stays', async () => {
      const prefix = folder()
      const { witness, giveUp } = await arrived(way, { prefix, key: () => `${prefix}avatar.png` })
      await giveUp()
      expect(await witness.keys(prefix)).toEqual([`${prefix}avatar.png`])
    })

    test('of a waiting file an empty marker is left; a promoted file is out of reach', async () => {
      const [prefix, promote] = [folder(), folder()]
      const waiting = await arrived(way, { prefix, promote })
      await waiting.giveUp()
      const [marker = '', ...others] = await waiting.witness.keys(promote)
      expect(others).toEqual([])
      expect(marker).toMatch(/\.aborted$/)
      expect(await waiting.witness.head(marker)).toMatchObject({ ContentLength: 0 })
      const taken = await arrived(way, { prefix, promote })
      await taken.confirm()
      await taken.giveUp()
      expect((await taken.witness.keys(promote)).every((key) => key.endsWith('.aborted'))).toBe(true)
      expect(await taken.witness.keys(prefix)).toHaveLength(1)
      expect(await taken.confirm()).toBeNull()
    })
  })

  test('parts that were sent are gone, and so is the upload', async () => {
    const prefix = folder()
    const router = createUploadRouter({ files: route({ authorize, prefix }) })
    const { call, witness } = openSigner(open(), router)
    const backend = backendFor('files')
    const { ref } = granted(
      (await backend.createUploads([aRequest(content, { accepts: ['multipart'] })], call))[0],
    )
    const signed = await backend.multipart?.signParts(ref, [{ number: 1, size: content.length }], call)
    const { url = '', headers = [] } = signed?.parts[0]?.request ?? {}
    const put = () =>
      fetch(url, { method: 'PUT', headers: Object.fromEntries(headers), body: new Blob([content]) })
    expect((await put()).status).toBe(200)
    await backend.multipart?.abort(ref, call)
    expect(await backend.multipart?.listParts?.(ref, call)).toBe('gone')
    expect((await put()).status).toBe(404)
    expect(await witness.keys(prefix)).toEqual([])
  })
}
