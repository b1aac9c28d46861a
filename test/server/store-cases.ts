/** The cases of `store-suite.ts` that hold on every store. */
import { describe, expect, test, vi } from 'vitest'

import type { AnyRouter, HandlerOptions } from '../../src/server/index.ts'
import { createUploadRouter, Reject, route } from '../../src/server/index.ts'
import { describeAborts } from './cases/aborts.ts'
import { describeCarried } from './cases/carried.ts'
import { describeCopies } from './cases/copies.ts'
import { describeDigests } from './cases/digests.ts'
import { describeMarks } from './cases/marks.ts'
import { describeMetadata } from './cases/metadata.ts'
import { describeParts } from './cases/parts.ts'
import { describeRepeats } from './cases/repeats.ts'
import { describeStates } from './cases/states.ts'
import { describeTags } from './cases/tags.ts'
import { describeTampering } from './cases/tampering.ts'
import type { Store, StoreHabits } from './store-suite.ts'
import {
  aRequest,
  authorize,
  backendFor,
  bytesOf,
  callOver,
  carryOut,
  granted,
  handlerFor,
  openSigner,
} from './store-suite.ts'

const mebibyte = 1024 ** 2
const stored = { location: '', key: '' }
const onlyPost = ['post'] as const
const onlyPut = ['put'] as const
const onlyParts = ['multipart'] as const

/** Declares the tests for the store that `open()` gives once they run. */
export function describeSigner(open: () => Store, habits: StoreHabits = {}): void {
  const setUp = (router: AnyRouter, options: Partial<HandlerOptions> = {}) =>
    openSigner(open(), router, options)
  describeTampering(open, habits)
  describeParts(open)
  describeAborts(open)
  describeStates(open)
  describeRepeats(open)
  describeMarks(open, habits)
  describeCarried(open)
  describeMetadata(open)
  describeCopies(open)
  describeTags(open)
  describeDigests(open, habits)

  describe.each([
    ['a form', onlyPost, 1000],
    ['PUT', onlyPut, 1000],
    ['an empty form', onlyPost, 0],
    ['an empty PUT', onlyPut, 0],
    ['parts', onlyParts, 6 * mebibyte],
    ['one part', onlyParts, 10],
  ] as const)('%s', (_way, accepts, size) => {
    test('is granted, sent, confirmed, probed, listed, viewed and removed', async () => {
      const onComplete = vi.fn(({ key, record }: { key: string; record: { row: number } }) => ({
        key,
        row: record.row,
      }))
      const router = createUploadRouter({
        files: route({
          authorize,
          prefix: 'files/',
          key: ({ file, user }) => `files/${user.id}/${file.uniqueName}`,
          partSize: 5 * mebibyte,
          object: { metadata: { who: 'Ännchen $1 50%', plain: 'a b' } },
          prepare: ({ file }) => ({ row: file.size }),
          onComplete,
          list: ({ user }) => `files/${user.id}/`,
          view: true,
          delete: true,
        }),
      })
      const { call, witness } = setUp(router)
      const user = `user-${crypto.randomUUID()}`
      const own = callOver(handlerFor(open(), router), { 'x-user': user })
      const backend = backendFor('files')
      const content = bytesOf(size)
      const [grant] = await backend.createUploads(
        [aRequest(content, { accepts, name: 'mein Bild (ü).png' })],
        own,
      )
      const mine = granted(grant)
      expect(mine.record).toEqual({ row: size })
      expect(await backend.probe?.(mine.ref, own)).toBe('absent')
      await carryOut(mine, content, backend, own)
      const result = await backend.confirm?.(mine.ref, stored, aRequest(content), own)
      const [key = ''] = await witness.keys(`files/${user}/`)
      expect(result).toEqual({ key, row: size })
      expect(await backend.probe?.(mine.ref, own)).toMatchObject({ key })
      const object = await witness.head(key)
      expect(object).toMatchObject({ ContentLength: size, ContentType: 'image/png' })
      expect(object.Metadata).toMatchObject({ who: '%C3%84nnchen %241 50%25', plain: 'a b' })
      expect(await witness.read(key)).toEqual(content)
      // Again: the answer may have been lost.
      expect(await backend.confirm?.(mine.ref, stored, aRequest(content), own)).toEqual(result)

      const listed = await backend.list?.(undefined, own)
      expect(listed?.files).toMatchObject([{ size, name: key.split('/').at(-1) }])
      const [file] = listed?.files ?? []
      const seen = await fetch((await backend.view?.(file?.ref ?? '', own))?.url ?? '')
      expect(seen.status).toBe(200)
      expect(new Uint8Array(await seen.arrayBuffer())).toEqual(content)
      // Another user's receipts are none.
      await expect(backend.view?.(file?.ref ?? '', call)).rejects.toMatchObject({ code: 'refused' })
      await expect(backend.deleteObject?.(mine.ref, call)).rejects.toMatchObject({ code: 'refused' })
      await backend.deleteObject?.(file?.ref ?? '', own)
      expect(await witness.keys(`files/${user}/`)).toEqual([])
      await expect(backend.confirm?.(mine.ref, stored, aRequest(content), own)).rejects.toMatchObject({
        code: 'confirm-failed',
        retry: 'restart',
      })
    })

    test('is removed where the app rejects it', async () => {
      const folder = `reject/${crypto.randomUUID()}/`
      const onComplete = (): never => {
        throw new Reject('Upside down.')
      }
      const router = createUploadRouter({ files: route({ authorize, prefix: folder, onComplete }) })
      const { call, witness } = setUp(router)
      const backend = backendFor('files')
      const content = bytesOf(size)
      const [grant] = await backend.createUploads([aRequest(content, { accepts })], call)
      await carryOut(granted(grant), content, backend, call)
      expect(await witness.keys(folder)).toHaveLength(1)
      await expect(
        backend.confirm?.(granted(grant).ref, stored, aRequest(content), call),
      ).rejects.toMatchObject({ retry: 'never', userMessage: 'Upside down.' })
      expect(await witness.keys(folder)).toEqual([])
    })

    test('is moved to its key only when the app took it, and a replayed grant does not replace it', async () => {
      const run = crypto.randomUUID()
      let takes = false
      const onComplete = vi.fn(({ key, storedKey }: { key: string; storedKey: string }) => {
        if (!takes) throw new Error('database is down')
        return { key, storedKey }
      })
      const router = createUploadRouter({
        files: route({ authorize, prefix: `done/${run}/`, promote: `incoming/${run}/`, onComplete }),
      })
      const { call, witness } = setUp(router, { onError: () => {} })
      const backend = backendFor('files')
      const content = bytesOf(size)
      const [grant] = await backend.createUploads([aRequest(content, { accepts })], call)
      const mine = granted(grant)
      await carryOut(mine, content, backend, call)
      const confirm = () => backend.confirm?.(mine.ref, stored, aRequest(content), call)
      await expect(confirm()).rejects.toMatchObject({ code: 'confirm-failed', retry: 'later' })
      expect(await witness.keys(`done/${run}/`)).toEqual([])
      takes = true
      await confirm()
      const [key = ''] = await witness.keys(`done/${run}/`)
      expect(await witness.read(key)).toEqual(content)
      expect(await witness.keys(`incoming/${run}/`)).toEqual([])
      expect(await confirm()).toEqual({ key, storedKey: key })
      if (accepts[0] === 'multipart' || size === 0) return
      await carryOut(mine, content.toReversed(), backend, call)
      await confirm()
      expect(await witness.read(key)).toEqual(content)
    })
  })

  test.each([
    ['a form', onlyPost],
    ['PUT', onlyPut],
  ] as const)('what %s replaced while the app looked at it is not promoted', async (_way, accepts) => {
    const run = crypto.randomUUID()
    let replay = (): Promise<void> => Promise.resolve()
    const router = createUploadRouter({
      files: route({
        authorize,
        prefix: `done/${run}/`,
        promote: `incoming/${run}/`,
        onComplete: async ({ storedKey }) => {
          await replay()
          return storedKey
        },
      }),
    })
    const { call, witness } = setUp(router)
    const backend = backendFor('files')
    const content = bytesOf(1000)
    const mine = granted((await backend.createUploads([aRequest(content, { accepts })], call))[0])
    await carryOut(mine, content, backend, call)
    replay = () => carryOut(mine, content.toReversed(), backend, call)
    await expect(backend.confirm?.(mine.ref, stored, aRequest(content), call)).rejects.toMatchObject({
      code: 'confirm-failed',
      retry: 'restart',
    })
    expect(await witness.keys(`done/${run}/`)).toEqual([])
  })

  test('confirmed twice at once, a promoted file is there, once', async () => {
    const run = crypto.randomUUID()
    const router = createUploadRouter({
      files: route({
        authorize,
        prefix: `done/${run}/`,
        promote: `incoming/${run}/`,
        onComplete: ({ key }) => key,
      }),
    })
    const { call, witness } = setUp(router)
    const backend = backendFor('files')
    const content = bytesOf(1000)
    const asked = aRequest(content, { accepts: onlyPut })
    const mine = granted((await backend.createUploads([asked], call))[0])
    await carryOut(mine, content, backend, call)
    const results = await Promise.all(
      Array.from({ length: 5 }, async () => backend.confirm?.(mine.ref, stored, asked, call)),
    )
    const keys = await witness.keys(`done/${run}/`)
    expect(keys).toHaveLength(1)
    expect(new Set(results)).toEqual(new Set(keys))
    expect(await witness.keys(`incoming/${run}/`)).toEqual([])
  })

  test.each([
    'a#b.png',
    'a?b=c.png',
    'a+b.png',
    'a%2Fb.png',
    '%2e%2e%2f.png',
    'a b .png',
    '写真 😀.png',
    "it's(1).png",
  ])('the key of %j is the same in every way of sending, also where the app keeps the name', async (name) => {
    const folder = `names/${crypto.randomUUID()}/`
    let way = 0
    const key = ({ file }: { file: { name: string } }): string => `${folder}${++way}/${file.name}`
    const { call, witness } = setUp(createUploadRouter({ files: route({ authorize, key }) }))
    const backend = backendFor('files')
    for (const accepts of [onlyPost, onlyPut, onlyParts]) {
      const content = bytesOf(10)
      const [grant] = await backend.createUploads([aRequest(content, { accepts, name })], call)
      await carryOut(granted(grant), content, backend, call)
      await backend.confirm?.(granted(grant).ref, stored, aRequest(content), call)
    }
    expect(await witness.keys(folder)).toEqual([1, 2, 3].map((at) => `${folder}${at}/${name}`))
  })
}
