/** The cases of `store-suite.ts` that hold on every store. */
import { describe, expect, test, vi } from 'vitest'

import type { AnyRouter, HandlerOptions } from '../../src/server/index.ts'
import { createUploadRouter, Reject, route } from '../../src/server/index.ts'
import { describeAborts } from './cases/aborts.ts'
import { describeCopies } from './cases/copies.ts'
import { describeDigests } from './cases/digests.ts'
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
  postForm,
  put,
} from './store-suite.ts'

const mebibyte = 1024 ** 2
const stored = { location: '', key: '' }
const onlyPost = ['post'] as const
const onlyPut = ['put'] as const
const onlyParts = ['multipart'] as const

/** Declares the tests for the store that `open()` gives once they run. */
export function describeSigner(open: () => Store, habits: StoreHabits = {}): void {
  const { takesUnsignedHeaders = false } = habits
  const setUp = (router: AnyRouter, options: Partial<HandlerOptions> = {}) =>
    openSigner(open(), router, options)
  describeAborts(open)
  describeCopies(open, habits)
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

  test('an upload in parts that was begun is found by who asks again, and by nobody else', async () => {
    const prepare = vi.fn(() => ({ row: 1 }))
    const router = createUploadRouter({ files: route({ authorize, prepare, partSize: 5 * mebibyte }) })
    const { handler } = setUp(router)
    const ann = callOver(handler, { 'x-user': 'ann' })
    const backend = backendFor('files')
    const content = bytesOf(6 * mebibyte)
    const asked = aRequest(content, { accepts: onlyParts })
    const first = granted((await backend.createUploads([asked], ann))[0])
    expect(first.target).toMatchObject({ type: 'multipart', partSize: 5 * mebibyte, stored: [] })
    const one = content.slice(0, 5 * mebibyte)
    const signed = await backend.multipart?.signParts(first.ref, [{ number: 1, size: one.length }], ann)
    const { url = '', headers = [] } = signed?.parts[0]?.request ?? {}
    expect((await put(url, headers, one)).status).toBe(200)

    const again = granted((await backend.createUploads([asked], ann))[0])
    expect(again.target).toMatchObject({ type: 'multipart', stored: 'ask' })
    expect(await backend.multipart?.listParts?.(again.ref, ann)).toMatchObject([
      { number: 1, size: one.length },
    ])
    const bob = callOver(handler, { 'x-user': 'bob' })
    const other = granted((await backend.createUploads([asked], bob))[0])
    expect(await backend.multipart?.listParts?.(other.ref, bob)).toEqual([])
    const part = [{ number: 1, size: one.length }]
    for (const call of [
      () => backend.multipart?.listParts?.(first.ref, bob),
      () => backend.multipart?.abort(first.ref, bob),
      () => backend.multipart?.signParts(first.ref, part, bob),
      () => backend.multipart?.complete(first.ref, part, bob),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'refused', status: 403 })

    const restart = { ...asked, reason: 'restart', previous: first.ref } as const
    const anew = granted((await backend.createUploads([restart], ann))[0])
    expect(await backend.multipart?.listParts?.(anew.ref, ann)).toEqual([])
    for (const { ref } of [first, anew]) await backend.multipart?.abort(ref, ann)
    await backend.multipart?.abort(other.ref, bob)
    expect(await backend.multipart?.listParts?.(first.ref, ann)).toBe('gone')
    await expect(backend.multipart?.complete(first.ref, [{ number: 1, size: 1 }], ann)).rejects.toMatchObject(
      { code: 'expired', retry: 'restart' },
    )
  })

  test('parts: only those that are missing nothing become an object; completing twice is once', async () => {
    const folder = `parts/${crypto.randomUUID()}/`
    const router = createUploadRouter({
      files: route({ authorize, prefix: folder, partSize: 5 * mebibyte }),
    })
    const { call, witness } = setUp(router)
    const backend = backendFor('files')
    const content = bytesOf(6 * mebibyte)
    const { ref } = granted(
      (await backend.createUploads([aRequest(content, { accepts: onlyParts })], call))[0],
    )
    const multipart = backend.multipart
    if (!multipart) throw new Error('no multipart')
    for (const wrong of [
      { number: 1, size: 5 * mebibyte + 1 },
      { number: 2, size: 5 * mebibyte },
      { number: 3, size: 1 },
      { number: 10_000, size: mebibyte },
    ])
      await expect(multipart.signParts(ref, [wrong], call)).rejects.toMatchObject({ status: 400 })
    const sizes = [5 * mebibyte, mebibyte]
    const { parts } = await multipart.signParts(
      ref,
      sizes.map((size, at) => ({ number: at + 1, size })),
      call,
    )
    const [first, second] = parts
    if (!first || !second) throw new Error('not signed')
    const tooLong = await put(second.request.url, second.request.headers, bytesOf(mebibyte + 1))
    expect(tooLong.status).toBe(403)
    const sent = await put(first.request.url, first.request.headers, content.slice(0, 5 * mebibyte))
    const all = [1, 2].map((number) => ({ number, size: 0 }))
    await expect(multipart.complete(ref, all, call)).rejects.toMatchObject({ retry: 'sign-again' })
    await put(second.request.url, second.request.headers, content.slice(5 * mebibyte))
    const other = [{ number: 1, size: 0, etag: '"00000000000000000000000000000000"' }]
    await expect(multipart.complete(ref, other, call)).rejects.toMatchObject({ retry: 'sign-again' })
    expect(await witness.keys(folder)).toEqual([])
    const right = [{ number: 1, size: 0, ...(sent.etag !== undefined && { etag: sent.etag }) }]
    const done = await multipart.complete(ref, right, call)
    expect(await multipart.complete(ref, right, call)).toEqual(done)
    expect(await witness.read(done.key ?? '')).toEqual(content)
  })

  describe('a changed grant is refused, and nothing is stored', () => {
    const swap = (url: string, change: (url: URL) => void): string => {
      const changed = new URL(url)
      change(changed)
      return changed.href
    }
    const unsignedTags: readonly [string, () => void, (headers: Headers) => void, number] = [
      'tags',
      () => {},
      (headers) => headers.set('x-amz-tagging', 'GuardDutyMalwareScanStatus=NO_THREATS_FOUND'),
      10,
    ]
    const header = (name: string, value: string) => (headers: Headers) => headers.set(name, value)
    test.each<
      readonly [why: string, url: (url: URL) => void, headers: (headers: Headers) => void, size: number]
    >([
      ['another key', (url) => (url.pathname += 'x'), () => {}, 10],
      ['a longer life', (url) => url.searchParams.set('X-Amz-Expires', '604800'), () => {}, 10],
      ['an acl', (url) => url.searchParams.set('x-amz-acl', 'public-read'), () => {}, 10],
      ...(takesUnsignedHeaders ? [] : [unsignedTags]),
      ['metadata', () => {}, header('x-amz-meta-role', 'admin'), 10],
      ['another type', () => {}, header('content-type', 'text/html'), 10],
      ['shown inline', () => {}, header('content-disposition', 'inline'), 10],
      ['no type', () => {}, (headers) => headers.delete('content-type'), 10],
      ['a byte more', () => {}, () => {}, 11],
      ['a byte less', () => {}, () => {}, 9],
      ['nothing', () => {}, () => {}, 0],
      ['no signature', (url) => url.searchParams.delete('X-Amz-Signature'), () => {}, 10],
    ])('PUT: %s', async (why, changeUrl, changeHeaders, size) => {
      const folder = `tampered/${crypto.randomUUID()}/`
      const { call, witness } = setUp(createUploadRouter({ files: route({ authorize, prefix: folder }) }))
      const backend = backendFor('files')
      const mine = granted(
        (await backend.createUploads([aRequest(bytesOf(10), { accepts: onlyPut })], call))[0],
      )
      if (mine.target.type !== 'put') throw new Error(mine.target.type)
      const headers = new Headers(mine.target.request.headers.map(([name, value]) => [name, value]))
      changeHeaders(headers)
      const { status } = await put(swap(mine.target.request.url, changeUrl), [...headers], bytesOf(size))
      const isTaken = takesUnsignedHeaders && why === 'metadata'
      expect(status >= 400).toBe(!isTaken)
      expect(await witness.keys(folder)).toHaveLength(isTaken ? 1 : 0)
      await expect(backend.confirm?.(mine.ref, stored, aRequest(bytesOf(10)), call)).rejects.toMatchObject({
        retry: 'restart',
      })
    })

    test.each<[why: string, change: (url: URL) => void]>([
      ['another part', (url) => url.searchParams.set('partNumber', '2')],
      ['another upload', (url) => url.searchParams.set('uploadId', 'x')],
      ['another key', (url) => (url.pathname += 'x')],
    ])('a part: %s', async (_why, change) => {
      const folder = `tampered/${crypto.randomUUID()}/`
      const { call, witness } = setUp(createUploadRouter({ files: route({ authorize, prefix: folder }) }))
      const backend = backendFor('files')
      const asked = aRequest(bytesOf(10), { accepts: onlyParts })
      const { ref } = granted((await backend.createUploads([asked], call))[0])
      const signed = await backend.multipart?.signParts(ref, [{ number: 1, size: 10 }], call)
      const { url = '', headers = [] } = signed?.parts[0]?.request ?? {}
      const { status } = await put(swap(url, change), headers, bytesOf(10))
      expect(status).toBeGreaterThanOrEqual(400)
      expect(await backend.multipart?.listParts?.(ref, call)).toEqual([])
      expect(await witness.keys(folder)).toEqual([])
      await backend.multipart?.abort(ref, call)
    })

    test.each<[why: string, name: string, value: string | undefined, size: number]>([
      ['another key', 'key', 'users/bob/x.png', 10],
      ['another type', 'Content-Type', 'text/html', 10],
      ['shown inline', 'Content-Disposition', 'inline', 10],
      ['an acl', 'acl', 'public-read', 10],
      ['metadata', 'x-amz-meta-role', 'admin', 10],
      ['no policy', 'policy', undefined, 10],
      ['another signature', 'x-amz-signature', '0'.repeat(64), 10],
      ['a byte more', '', undefined, 11],
      ['nothing', '', undefined, 0],
    ])('a form: %s', async (_why, name, value, size) => {
      const folder = `tampered/${crypto.randomUUID()}/`
      const { call, witness } = setUp(createUploadRouter({ files: route({ authorize, prefix: folder }) }))
      const backend = backendFor('files')
      const asked = aRequest(bytesOf(10), { accepts: onlyPost })
      const { ref, target } = granted((await backend.createUploads([asked], call))[0])
      if (target.type !== 'post') throw new Error(target.type)
      const others = target.fields.filter(([own]) => own !== name)
      const fields = value === undefined ? others : [...others, [name, value] as const]
      expect((await postForm(target.urls[0], fields, bytesOf(size))).status).toBeGreaterThanOrEqual(400)
      expect(await witness.keys(folder)).toEqual([])
      expect(await witness.keys('users/')).toEqual([])
      await expect(backend.confirm?.(ref, stored, asked, call)).rejects.toMatchObject({ retry: 'restart' })
    })
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
