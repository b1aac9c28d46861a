/** An upload that is over is over for every process of the signer, not only for the one that ended it. */
import { describe, expect, test, vi } from 'vitest'

import type { HandlerOptions, RouteOptions, UploadState } from '../../../src/server/index.ts'
import { createUploadRouter, Reject, route } from '../../../src/server/index.ts'
import type { Store } from '../store-suite.ts'
import {
  aRequest,
  authorize,
  backendFor,
  bytesOf,
  callTo,
  carryOut,
  granted,
  handlerFor,
  openSigner,
} from '../store-suite.ts'

const stored = { location: '', key: '' }
const content = bytesOf(1000)
const ways = [['post'], ['put'], ['multipart']] as const
type Way = (typeof ways)[number][0]

/** Declares the tests for the store that `open()` gives once they run. */
export function describeStates(open: () => Store): void {
  const folder = (): string => `states/${crypto.randomUUID()}/`

  /** A file that was sent, and processes of the signer, each with a memory of its own. */
  async function sent(
    way: Way,
    options: Partial<RouteOptions<{ id: string }>>,
    handlerOptions: Partial<HandlerOptions> = {},
  ) {
    const router = createUploadRouter({ files: route({ authorize, ...options }) })
    const { call, witness } = openSigner(open(), router, handlerOptions)
    const backend = backendFor('files')
    const file = aRequest(content, { accepts: [way] })
    const mine = granted((await backend.createUploads([file], call))[0])
    const send = (): Promise<void> => carryOut(mine, content, backend, call)
    await send()
    const fresh = () => callTo(handlerFor(open(), router, handlerOptions))
    return {
      witness,
      send,
      confirm: async () => backend.confirm?.(mine.ref, stored, file, fresh()),
      abort: async () =>
        way === 'multipart'
          ? backend.multipart?.abort(mine.ref, fresh())
          : backend.release?.(mine.ref, fresh()),
      renew: async () =>
        (await backend.createUploads([{ ...file, reason: 'renew', previous: mine.ref }], fresh()))[0],
      remove: async () => backend.deleteObject?.(mine.ref, fresh()),
      view: async () => backend.view?.(mine.ref, fresh()),
    }
  }
  const gone = { code: 'confirm-failed', retry: 'restart' }

  describe.each(ways)('sent as %s, with promote', (way) => {
    test('an aborted upload is not confirmed by a fresh process, and not renewed', async () => {
      const [prefix, promote] = [folder(), folder()]
      const onComplete = vi.fn()
      const file = await sent(way, { prefix, promote, onComplete })
      await file.abort()
      await expect(file.confirm()).rejects.toMatchObject(gone)
      expect(await file.renew()).toMatchObject({ ok: false, error: { code: 'expired', retry: 'restart' } })
      if (way !== 'multipart') await file.send()
      await expect(file.confirm()).rejects.toMatchObject(gone)
      expect(onComplete).not.toHaveBeenCalled()
      expect(await file.witness.keys(prefix)).toEqual([])
    })

    test('a confirmed file stays when a fresh process gets an abort', async () => {
      const [prefix, promote] = [folder(), folder()]
      const onAbort = vi.fn()
      const file = await sent(way, { prefix, promote, onAbort, onComplete: () => 'saved' })
      await file.confirm()
      await file.abort()
      expect(onAbort).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ stored: true }))
      expect(await file.witness.keys(prefix)).toHaveLength(1)
      expect(await file.confirm()).toBe('saved')
    })

    test('an abort while onComplete runs leaves no file, or tells that it is stored', async () => {
      const [prefix, promote] = [folder(), folder()]
      const onAbort = vi.fn()
      let during = (): Promise<unknown> => Promise.resolve()
      const file = await sent(way, {
        prefix,
        promote,
        onAbort,
        onComplete: async () => void (await during()),
      })
      during = file.abort
      await expect(file.confirm()).rejects.toMatchObject(gone)
      expect(onAbort).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ stored: false }))
      expect(await file.witness.keys(prefix)).toEqual([])
    })

    test('a file that was deleted does not come back', async () => {
      const [prefix, promote] = [folder(), folder()]
      const onComplete = vi.fn()
      const file = await sent(way, { prefix, promote, onComplete, delete: true })
      await file.confirm()
      await file.remove()
      await file.remove()
      if (way !== 'multipart') await file.send()
      await expect(file.confirm()).rejects.toMatchObject(gone)
      expect(onComplete).toHaveBeenCalledOnce()
      expect(await file.witness.keys(prefix)).toEqual([])
    })

    test('a file that was refused is not asked about again', async () => {
      const [prefix, promote] = [folder(), folder()]
      const onComplete = vi.fn(() => {
        throw new Reject('Not this one.')
      })
      const file = await sent(way, { prefix, promote, onComplete })
      await expect(file.confirm()).rejects.toMatchObject({ userMessage: 'Not this one.' })
      if (way !== 'multipart') await file.send()
      await expect(file.confirm()).rejects.toMatchObject(gone)
      expect(onComplete).toHaveBeenCalledOnce()
      expect(await file.witness.keys(prefix)).toEqual([])
    })

    test('a grant alone shows and deletes nothing', async () => {
      const [prefix, promote] = [folder(), folder()]
      const key = (): string => `${prefix}report.png`
      const options = { prefix, promote, key, view: true, delete: true }
      const theirs = await sent(way, options)
      await theirs.confirm()
      const mine = await sent(way, options)
      await expect(mine.view()).rejects.toMatchObject({ status: 409 })
      await expect(mine.remove()).rejects.toMatchObject({ status: 409 })
      expect(await theirs.witness.keys(prefix)).toEqual([key()])
    })

    test('an item that was aborted and is asked for again goes to another key', async () => {
      const [prefix, promote] = [folder(), folder()]
      const router = createUploadRouter({
        files: route({ authorize, prefix, promote, onComplete: ({ key }) => key }),
      })
      const { call, witness } = openSigner(open(), router)
      const backend = backendFor('files')
      const file = aRequest(content, { accepts: [way] })
      const first = granted((await backend.createUploads([file], call))[0])
      await backend.release?.(first.ref, call)
      const second = granted((await backend.createUploads([file], call))[0])
      await carryOut(second, content, backend, call)
      const key = await backend.confirm?.(second.ref, stored, file, call)
      expect(await witness.keys(prefix)).toEqual([key])
    })
  })

  describe.each(ways)('sent as %s, with uploadState', (way) => {
    test('an aborted upload is not confirmed, renewed or kept', async () => {
      const prefix = folder()
      const onComplete = vi.fn()
      let state: UploadState = 'open'
      const file = await sent(way, {
        prefix,
        onComplete,
        uploadState: () => state,
        onAbort: () => (state = 'aborted'),
      })
      await file.abort()
      expect(await file.witness.keys(prefix)).toEqual([])
      if (way !== 'multipart') await file.send()
      await expect(file.confirm()).rejects.toMatchObject(gone)
      expect(await file.renew()).toMatchObject({ ok: false, error: { code: 'expired' } })
      expect(onComplete).not.toHaveBeenCalled()
    })

    test('an upload that the app has taken is not renewed, so that nobody replaces it', async () => {
      const file = await sent(way, { prefix: folder(), uploadState: () => 'taken' })
      expect(await file.renew()).toMatchObject({ ok: false, error: { code: 'expired' } })
    })

    test('an answer that is none of the three refuses, and removes nothing', async () => {
      const prefix = folder()
      const onError = vi.fn()
      // @ts-expect-error -- an app without types
      const uploadState = (): UploadState => 'done'
      const file = await sent(way, { prefix, uploadState }, { onError })
      await expect(file.confirm()).rejects.toMatchObject({ status: 500 })
      await expect(file.abort()).rejects.toMatchObject({ status: 500 })
      expect(await file.witness.keys(prefix)).toHaveLength(1)
      expect(String(onError.mock.calls[0]?.[0])).toContain('uploadState()')
    })
  })

  test('the app learns until when an aborted grant can still be used', async () => {
    const times: number[] = []
    const options = { onAbort: ({ usableUntil }: { usableUntil: number }) => void times.push(usableUntil) }
    const now = Date.now()
    const hour = 3_600_000
    const near = (at: number) => expect.closeTo(at, -5) as number
    await (await sent('put', { ...options, prefix: folder() })).abort()
    await (await sent('put', { ...options, prefix: folder(), promote: folder() })).abort()
    await (await sent('put', { ...options, prefix: folder(), uploadState: () => 'open' })).abort()
    await (await sent('put', { ...options, prefix: folder(), promote: folder(), maxGrantLife: 600 })).abort()
    await (await sent('multipart', { ...options, prefix: folder() })).abort()
    const week = 7 * 24 * hour
    expect(times).toEqual([
      near(now + week + hour),
      near(now + hour),
      near(now + hour),
      near(now + hour / 6),
      near(now),
    ])
  })
}
