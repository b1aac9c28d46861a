/** Ceph drops a form's Cache-Control, Content-Disposition and Content-Encoding: options of a route must not get lost so. */
import { describe, expect, test } from 'vitest'

import type { UploadTarget } from '../../src/core/ports.ts'
import type { ObjectOptions, RouteOptions } from '../../src/server/index.ts'
import { ceph, createUploadRouter, route } from '../../src/server/index.ts'
import { aRequest, authorize, backendFor, bytesOf, callTo, granted, handlerFor } from './store-suite.ts'

const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
const storage = ceph({ endpoint: 'https://s3.example.com', bucket: 'uploads', credentials })
const options: ObjectOptions[] = [
  { cacheControl: 'private, max-age=60' },
  { contentDisposition: 'attachment; filename="fixed.png"' },
  { contentEncoding: 'gzip' },
]

type Way = UploadTarget['type']
type Facts = Parameters<typeof aRequest>[1]

/** The way that is granted, or what the client is told. */
const outcomeOf = (
  grant: Awaited<ReturnType<ReturnType<typeof backendFor>['createUploads']>>[number] | undefined,
): string => (grant?.ok ? grant.target.type : `${grant?.error.message}`)

const begun = '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>'
const answerOf = (url: string, { method }: RequestInit): Response =>
  new Response(method === 'POST' && url.includes('uploads=') ? begun : '<R></R>', {
    status: method === 'HEAD' ? 404 : 200,
  })

function open(ways: Partial<RouteOptions<{ id: string }>>) {
  const reports: string[] = []
  const files = route({ authorize, prefix: 'files/', ...ways })
  const handler = handlerFor({ storage, now: Date.now }, createUploadRouter({ files }), {
    onError: (error) => void reports.push(String(error)),
    fetch: (url, init) => Promise.resolve(answerOf(url, init)),
  })
  const backend = backendFor('files')
  const call = callTo(handler)
  return {
    reports,
    wayOf: async (facts: Facts, size = 10) =>
      outcomeOf((await backend.createUploads([aRequest(bytesOf(size), facts)], call))[0]),
    renewal: async (first: readonly Way[], then: readonly Way[]): Promise<string> => {
      const request = aRequest(bytesOf(10), { accepts: first })
      const { ref: previous } = granted((await backend.createUploads([request], call))[0])
      const again = { ...request, accepts: then, reason: 'renew', previous } as const
      return outcomeOf((await backend.createUploads([again], call))[0])
    },
  }
}

describe.each(options)('%j on a store that drops it from forms', (object) => {
  test.each<[name: string, object: NonNullable<RouteOptions<{ id: string }>['object']>]>([
    ['of the route', object],
    ['of a hook', () => object],
  ])('%s goes as PUT or in parts, and a client of forms alone is refused', async (_name, chosen) => {
    const { wayOf } = open({ object: chosen })
    expect(await wayOf({ accepts: ['post', 'put', 'multipart'] })).toBe('put')
    expect(await wayOf({ accepts: ['post', 'multipart'] })).toBe('multipart')
    expect(await wayOf({ accepts: ['post'] })).toContain('only as PUT')
    expect(await wayOf({ accepts: ['post', 'multipart'] }, 0)).toContain('only as PUT')
  })

  test('is not lost by a renewal for a client of forms alone', async () => {
    expect(await open({ object }).renewal(['put'], ['post'])).toContain('only as PUT')
  })

  test('and transport post do not go together: at start, or when a hook answers', async () => {
    expect(() => open({ object, transport: 'post' })).toThrow(/The route files, object: .*forms/)
    const { wayOf, reports } = open({ object: () => object, transport: 'post' })
    expect(await wayOf({})).toContain('its log says why')
    expect(reports).toEqual([expect.stringContaining('forms')])
  })
})

test.each<ObjectOptions>([{}, { tags: { a: 'b' } }, { metadata: { a: 'b' } }])(
  '%j, which forms keep, goes as a form to a client of forms alone',
  async (object) => {
    const { wayOf, renewal } = open({ object })
    expect(await wayOf({ accepts: ['post'] })).toBe('post')
    expect(await renewal(['put'], ['post'])).toBe('post')
  },
)

test('createOnly and transport post do not go together, since forms cannot say If-None-Match', () => {
  expect(() => open({ object: { createOnly: true }, transport: 'post' })).toThrow('If-None-Match')
})
