/** Keys that repeat: an object is told from another upload's by its mark, never by its key alone. */
import { describe, expect, test, vi } from 'vitest'

import type { RouteOptions } from '../../../src/server/index.ts'
import { createUploadRouter, route } from '../../../src/server/index.ts'
import type { Bytes, Store, StoreHabits } from '../store-suite.ts'
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
const onlyParts: [accepts: readonly ['multipart']] = [['multipart']]
const [theirs, ours] = [bytesOf(11), bytesOf(11).toReversed()]

/** Declares the tests for the store that `open()` gives once they run. */
export function describeMarks(open: () => Store, { conditionsOnPutOnly = false }: StoreHabits): void {
  const folder = (): string => `marks/${crypto.randomUUID()}/`

  function setUp(options: Partial<RouteOptions<{ id: string }>>, store = open()) {
    const router = createUploadRouter({ files: route({ authorize, view: true, delete: true, ...options }) })
    const { witness, handler } = openSigner(store, router)
    /** Grants a file to a user. */
    const ask = async (user: string, accepts: readonly ('put' | 'post' | 'multipart')[], content: Bytes) => {
      const [backend, call] = [backendFor('files'), callTo(handler, { 'x-user': user })]
      const file = aRequest(content, { accepts, name: 'report.png' })
      const mine = granted((await backend.createUploads([file], call))[0])
      return {
        send: (): Promise<void> => carryOut(mine, content, backend, call),
        confirm: async () => backend.confirm?.(mine.ref, stored, file, call),
        probe: async () => backend.probe?.(mine.ref, call),
        view: async () => backend.view?.(mine.ref, call),
        remove: async () => backend.deleteObject?.(mine.ref, call),
        abort: async () => backend.multipart?.abort(mine.ref, call),
      }
    }
    return { ask, witness }
  }

  test.each<[accepts: readonly ('put' | 'multipart')[]]>([
    [['put']],
    ...(conditionsOnPutOnly ? [] : [onlyParts]),
  ])('createOnly, %j: who was refused by S3 gets nothing of the object that is there', async (accepts) => {
    const prefix = folder()
    const onComplete = vi.fn()
    const key = (): string => `${prefix}report.png`
    const { ask, witness } = setUp({ prefix, key, object: { createOnly: true }, onComplete })
    const victim = await ask('victim', ['put'], theirs)
    const mallory = await ask('mallory', accepts, theirs)
    await victim.send()
    await expect(mallory.send()).rejects.toThrow(/412|already/)
    await expect(mallory.confirm()).rejects.toMatchObject({ code: 'confirm-failed' })
    expect(await mallory.probe()).toBe('absent')
    await expect(mallory.view()).rejects.toMatchObject({ status: 409 })
    await expect(mallory.remove()).rejects.toMatchObject({ status: 409 })
    await mallory.abort()
    expect(onComplete).not.toHaveBeenCalled()
    expect(await witness.read(key())).toEqual(theirs)
    await victim.confirm()
    expect((await fetch((await victim.view())?.url ?? '')).status).toBe(200)
    await victim.remove()
    expect(await witness.keys(prefix)).toEqual([])
  })

  test.each([[['put']], [['post']], [['multipart']]] as const)(
    'a key of the app’s own, %j: an upload that was replaced is not confirmed any more',
    async (accepts) => {
      const prefix = folder()
      const key = (): string => `${prefix}avatar.png`
      const { ask, witness } = setUp({ prefix, key })
      const [first, second] = [await ask('ann', accepts, theirs), await ask('bob', accepts, ours)]
      await first.send()
      await first.confirm()
      await second.send()
      await expect(first.confirm()).rejects.toMatchObject({ code: 'confirm-failed', retry: 'restart' })
      await expect(first.remove()).rejects.toMatchObject({ status: 409 })
      await second.confirm()
      expect(await witness.read(key())).toEqual(ours)
    },
  )

  describe('createOnly and promote', () => {
    const capable = (more: object = {}): Store => {
      const { storage, now } = open()
      return { now, storage: { ...storage, capabilities: { ...storage.capabilities, ...more } } }
    }

    test('do not go together on a store that was not seen to refuse a copy', () => {
      expect(() => setUp({ promote: 'incoming/', object: { createOnly: true } })).toThrow('conditionalCopy')
    })

    test.skipIf(conditionsOnPutOnly).each([
      ['one copy', {}],
      ['ranges', { largestCopy: 5 }],
    ])('by %s, the second user’s file does not replace the first one’s', async (_how, more) => {
      const [prefix, promote] = [folder(), folder()]
      const key = (): string => `${prefix}a.png`
      const onComplete = vi.fn(({ user }: { user: { id: string } }) => user.id)
      const options = { prefix, promote, key, object: { createOnly: true }, onComplete }
      const { ask, witness } = setUp(options, capable({ conditionalCopy: true, ...more }))
      const [ann, bob] = [await ask('ann', ['put'], theirs), await ask('bob', ['put'], ours)]
      await ann.send()
      await bob.send()
      expect(await ann.confirm()).toBe('ann')
      await expect(bob.confirm()).rejects.toMatchObject({ code: 'already-exists' })
      expect(onComplete).toHaveBeenCalledOnce()
      expect(await witness.read(key())).toEqual(theirs)
      expect(await ann.confirm()).toBe('ann')
    })

    test.skipIf(conditionsOnPutOnly)('a file that came while onComplete ran is not replaced', async () => {
      const [prefix, promote] = [folder(), folder()]
      const key = (): string => `${prefix}a.png`
      let during = (): Promise<unknown> => Promise.resolve()
      const onComplete = async ({ user }: { user: { id: string } }): Promise<void> => {
        if (user.id === 'bob') await during()
      }
      const options = { prefix, promote, key, object: { createOnly: true }, onComplete }
      const { ask, witness } = setUp(options, capable({ conditionalCopy: true }))
      const [ann, bob] = [await ask('ann', ['put'], theirs), await ask('bob', ['put'], ours)]
      await ann.send()
      await bob.send()
      during = ann.confirm
      await expect(bob.confirm()).rejects.toMatchObject({ code: 'already-exists' })
      expect(await witness.read(key())).toEqual(theirs)
    })
  })

  test('a name in a file’s metadata cannot be the mark', async () => {
    const object = { metadata: { 'Upload-ID': 'x' } }
    expect(() => createUploadRouter({ files: route({ authorize, object }) })).toThrow('Upload-ID')
    const router = createUploadRouter({ files: route({ authorize, object: () => object }) })
    const onError = vi.fn()
    const call = callTo(handlerFor(open(), router, { onError }))
    const [grant] = await backendFor('files').createUploads([aRequest(ours)], call)
    expect(grant?.ok).toBe(false)
    expect(String(onError.mock.calls[0]?.[0])).toContain('Upload-ID')
  })
}
