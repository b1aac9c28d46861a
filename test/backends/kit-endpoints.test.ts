/** Where the calls about a file go, and what is learned of each address. */
import { describe, expect, test, vi } from 'vitest'

import type { KitRef, KitTypes } from '../../src/backends/kit-types.ts'
import { kit } from '../../src/backends/kit.ts'
import { UploadError } from '../../src/core/errors.ts'
import type { BackendCall, UploadBackend, UploadRequest } from '../../src/core/ports.ts'
import type { UploadHandler } from '../../src/server/index.ts'
import { createUploadRouter, r2, route } from '../../src/server/index.ts'
import { aRequest, bytesOf, callTo, granted, handlerFor } from '../server/store-suite.ts'

const mebibyte = 1024 ** 2
const authorize = (): string => 'ann'
const credentials = { accessKeyId: 'a', secretAccessKey: 'b'.repeat(40) }

/** A signer of a bucket of its own, with a store that has nothing. */
function signerOf(bucket: string, options: Partial<Parameters<typeof route>[0]> = {}): UploadHandler {
  const storage = { bucket, region: 'eu-central-1', credentials }
  const router = createUploadRouter({ default: route({ authorize, ...options }) })
  const fetch = (url: string, { method }: RequestInit) =>
    Promise.resolve(
      method === 'POST'
        ? new Response('<R><UploadId>u</UploadId></R>')
        : new Response('<R/>', { status: url.includes('uploads=') ? 200 : 404 }),
    )
  return handlerFor({ storage, now: Date.now }, router, { fetch, onError: () => {} })
}

/** Leads each call to the signer at its address, and remembers where calls went. */
function network(signers: Readonly<Record<string, UploadHandler>>) {
  const asked: string[] = []
  const call: BackendCall = {
    signal: new AbortController().signal,
    now: Date.now,
    send(request) {
      asked.push(`${request.url} ${actionOf(request.body)}`)
      const handler = signers[request.url]
      if (!handler) throw new UploadError('network', 'later', 'Nobody is there.')
      return callTo(handler).send(request)
    },
  }
  return { asked, call }
}
const actionOf = (body: { readonly kind: string; readonly text?: string } | undefined): string =>
  (JSON.parse(body?.text ?? '{}') as { action?: string }).action ?? 'limits'

const backend = (): UploadBackend<KitTypes> => kit({ endpoint: '/up' })
const at = (endpoint: string, facts: Partial<UploadRequest<KitTypes>> = {}): UploadRequest<KitTypes> =>
  aRequest(bytesOf(1), { options: { endpoint }, ...facts })

describe('a file with an address of its own', () => {
  const signers = () => ({ '/up': signerOf('one'), '/team/up': signerOf('two') })

  test('is signed there, in one call per address, and all verdicts come in order', async () => {
    const { asked, call } = network(signers())
    const files = [at('/team/up'), aRequest(bytesOf(1)), at('/team/up'), at('/up')]
    const grants = await backend().createUploads(files, call)
    expect(asked.toSorted()).toEqual(['/team/up sign', '/up sign'])
    const hosts = grants.map((grant) => {
      const { target } = granted(grant)
      return target.type === 'post' && new URL(target.urls[0]).host.split('.')[0]
    })
    expect(hosts).toEqual(['two', 'one', 'two', 'one'])
    expect(grants.map((grant) => typeof granted(grant).ref)).toEqual(['object', 'string', 'object', 'string'])
  })

  test('has all later calls go there, after a reload too', async () => {
    const { asked, call } = network(signers())
    const kept = backend()
    const [first] = await kept.createUploads([at('/team/up', { accepts: ['multipart'] })], call)
    const ref = kept.parseRef(JSON.parse(JSON.stringify(granted(first).ref)))
    if (ref === undefined) throw new Error('no ref')
    asked.length = 0
    const file = at('/team/up')
    const part = [{ number: 1, size: 1 }]
    const { multipart } = kept
    await Promise.allSettled([
      multipart?.signParts(ref, part, call),
      multipart?.listParts?.(ref, call),
      multipart?.complete(ref, part, call),
      multipart?.abort(ref, call),
      kept.probe?.(ref, call),
      kept.confirm?.(ref, { location: '' }, file, call),
      kept.release?.(ref, call),
      kept.deleteObject?.(ref, call),
      kept.view?.(ref, call),
      kept.createUploads([{ ...file, reason: 'renew', previous: ref }], call),
    ])
    expect(asked).toHaveLength(9) // abort and release went together
    expect(asked.every((one) => one.startsWith('/team/up '))).toBe(true)
  })

  test('whose signer is away fails alone; alone, it fails as a call', async () => {
    const { call } = network({ '/up': signerOf('one') })
    const grants = await backend().createUploads([at('/away'), aRequest(bytesOf(1))], call)
    expect(grants).toMatchObject([
      { ok: false, error: { code: 'signer-unreachable', retry: 'later' } },
      { ok: true },
    ])
    await expect(backend().createUploads([at('/away')], call)).rejects.toMatchObject({
      code: 'signer-unreachable',
    })
  })

  test('the route is not added to it', async () => {
    const { asked, call } = network({ '/up?route=a': signerOf('one'), '/team/up': signerOf('two') })
    await kit({ endpoint: '/up', route: 'a' }).createUploads([at('/team/up'), aRequest(bytesOf(1))], call)
    expect(asked.toSorted()).toEqual(['/team/up sign', '/up?route=a sign'])
  })
})

describe('refs', () => {
  test.each<[ref: KitRef]>([['r'], [{ endpoint: '/team/up', receipt: 'r' }]])(
    '%j comes back as it was',
    (ref) => {
      expect(backend().parseRef(JSON.parse(JSON.stringify(ref)))).toEqual(ref)
    },
  )

  test.each([
    [{ endpoint: '/up' }],
    [{ receipt: 'r' }],
    [{ endpoint: '', receipt: 'r' }],
    [{ endpoint: 5, receipt: 'r' }],
    [{ endpoint: '/up', receipt: '' }],
    [{ endpoint: '/up', receipt: 'x'.repeat(17_000) }],
    [{ endpoint: '/up', receipt: { receipt: 'r' } }],
    [['/up', 'r']],
  ])('%j is none', (value) => {
    expect(backend().parseRef(value)).toBeUndefined()
  })

  test('only what is known of one is kept', () => {
    expect(backend().parseRef({ endpoint: '/up', receipt: 'r', __proto__x: 1 })).toEqual({
      endpoint: '/up',
      receipt: 'r',
    })
  })
})

test('the backend is named after its address and route: uploads of one are none of another', () => {
  expect(kit({ endpoint: '/api/uploads' }).name).toBe('kit:/api/uploads')
  expect(kit({ endpoint: '/api/uploads', route: 'avatar' }).name).toBe('kit:/api/uploads?route=avatar')
})

describe('from which size on a file is not asked for before its turn', () => {
  const ofSize = (size: number, facts: Partial<UploadRequest<KitTypes>> = {}): UploadRequest<KitTypes> => ({
    ...aRequest(bytesOf(1), facts),
    size,
  })

  test('64 MiB, as long as nothing is known', () => {
    expect(backend().signsAhead(ofSize(64 * mebibyte - 1))).toBe(true)
    expect(backend().signsAhead(ofSize(64 * mebibyte))).toBe(false)
  })

  test.each<[why: string, options: object, ahead: readonly number[], not: readonly number[]]>([
    ['what the route says', { multipartFrom: 1000 }, [999], [1000]],
    ['always', { transport: 'multipart' }, [0], [1]],
    ['never', { transport: 'put' }, [5 * 1024 ** 3], []],
  ])('as published: %s', async (_why, options, ahead, not) => {
    const { call } = network({ '/up': signerOf('one', options) })
    const kept = backend()
    await kept.limits?.(call)
    for (const size of ahead) expect(kept.signsAhead(ofSize(size))).toBe(true)
    for (const size of not) expect(kept.signsAhead(ofSize(size))).toBe(false)
  })

  test('as grants show, for each address by itself', async () => {
    const { call } = network({
      '/up': signerOf('one', { multipartFrom: 1000 }),
      '/team/up': signerOf('two', { transport: 'put', maxSize: 100 * mebibyte }),
    })
    const kept = backend()
    await kept.createUploads(
      [ofSize(2000), ofSize(80 * mebibyte, { options: { endpoint: '/team/up' } })],
      call,
    )
    expect(kept.signsAhead(ofSize(1999))).toBe(true)
    expect(kept.signsAhead(ofSize(2000))).toBe(false)
    const elsewhere = { options: { endpoint: '/team/up' } }
    expect(kept.signsAhead(ofSize(80 * mebibyte, elsewhere))).toBe(true)
    expect(kept.signsAhead(ofSize(80 * mebibyte + 1, elsewhere))).toBe(false)
  })

  test('not from what could only go one way', async () => {
    const { call } = network({ '/up': signerOf('one') })
    const kept = backend()
    await kept.createUploads([ofSize(10, { accepts: ['multipart'] })], call)
    expect(kept.signsAhead(ofSize(10))).toBe(true)
  })
})

test('limits name the digests that the store checks, and only those that this build knows', async () => {
  const storage = r2({ accountId: 'a', bucket: 'b', credentials, capabilities: { checksums: ['sha256'] } })
  const router = createUploadRouter({ default: route({ authorize, transport: 'put' }) })
  const handler = handlerFor({ storage, now: Date.now }, router)
  const spy = vi.fn(callTo(handler).send)
  const limits = await backend().limits?.({ ...callTo(handler), send: spy })
  expect(limits).toMatchObject({ checksums: ['sha256'] })
  expect(limits).not.toHaveProperty('multipartFrom')
  const future = JSON.stringify({
    v: 1,
    routes: {
      default: { accept: {}, minSize: 0, maxSize: 1, multipartFrom: 5, checksums: ['md6', 'crc32'] },
    },
  })
  const told = {
    ...callTo(handler),
    send: () => Promise.resolve({ status: 200, headers: new Map(), text: future }),
  }
  expect(await backend().limits?.(told)).toMatchObject({ checksums: ['crc32'], multipartFrom: 5 })
})
