/** Uploads in parts: found again by who began them, and completed once. */
import { expect, test, vi } from 'vitest'

import type { AnyRouter } from '../../../src/server/index.ts'
import { createUploadRouter, route } from '../../../src/server/index.ts'
import type { Store } from '../store-suite.ts'
import {
  aRequest,
  authorize,
  backendFor,
  bytesOf,
  callOver,
  granted,
  openSigner,
  put,
} from '../store-suite.ts'

const mebibyte = 1024 ** 2
const onlyParts = ['multipart'] as const

/** Declares the tests for the store that `open()` gives once they run. */
export function describeParts(open: () => Store): void {
  const setUp = (router: AnyRouter) => openSigner(open(), router)

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
}
