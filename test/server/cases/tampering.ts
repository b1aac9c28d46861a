/** A grant that was changed on its way is refused, and nothing is stored. */
import { describe, expect, test } from 'vitest'

import type { AnyRouter } from '../../../src/server/index.ts'
import { createUploadRouter, route } from '../../../src/server/index.ts'
import type { Store, StoreHabits } from '../store-suite.ts'
import {
  aRequest,
  authorize,
  backendFor,
  bytesOf,
  granted,
  openSigner,
  postForm,
  put,
} from '../store-suite.ts'

const stored = { location: '', key: '' }
const onlyPost = ['post'] as const
const onlyPut = ['put'] as const
const onlyParts = ['multipart'] as const

/** Declares the tests for the store that `open()` gives once they run. */
export function describeTampering(open: () => Store, { takesUnsignedMetadata = false }: StoreHabits): void {
  const setUp = (router: AnyRouter) => openSigner(open(), router)

  describe('a changed grant is refused, and nothing is stored', () => {
    const swap = (url: string, change: (url: URL) => void): string => {
      const changed = new URL(url)
      change(changed)
      return changed.href
    }
    const header = (name: string, value: string) => (headers: Headers) => headers.set(name, value)
    test.each<
      readonly [why: string, url: (url: URL) => void, headers: (headers: Headers) => void, size: number]
    >([
      ['another key', (url) => (url.pathname += 'x'), () => {}, 10],
      ['a longer life', (url) => url.searchParams.set('X-Amz-Expires', '604800'), () => {}, 10],
      ['an acl', (url) => url.searchParams.set('x-amz-acl', 'public-read'), () => {}, 10],
      ['tags', () => {}, header('x-amz-tagging', 'GuardDutyMalwareScanStatus=NO_THREATS_FOUND'), 10],
      ['a copy', () => {}, header('x-amz-copy-source', '/any/secret'), 10],
      ['an unsigned acl', () => {}, header('x-amz-acl', 'public-read'), 10],
      ['a redirect', () => {}, header('x-amz-website-redirect-location', '/evil'), 10],
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
      const isTaken = takesUnsignedMetadata && why === 'metadata'
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
}
