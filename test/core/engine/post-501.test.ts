/** Stores without POST Object (R2, B2) answer 501: the engine asks for another kind of target, once for the uploader. */
import { beforeAll, expect, test } from 'vitest'

import type { UploadTarget } from '../../../src/core/index.ts'
import { grantOf } from '../../../src/testing/index.ts'
import type { ScriptedBackendOptions } from '../../../src/testing/index.ts'
import { bench, errorAnswer, fileOf, first, loadChunks, quiet, serve } from '../../support/engine.ts'

beforeAll(loadChunks)

const noPost = errorAnswer(
  501,
  'NotImplemented',
  'A header you provided implies functionality not implemented',
)

/** A signer that obeys `accepts`, as ours does. */
const obeying: ScriptedBackendOptions = {
  grant(request) {
    if (request.accepts.includes('post')) return grantOf(request)
    const target: UploadTarget = {
      type: 'put',
      request: { url: `https://bucket.test/${request.id}`, headers: [] },
      expiresIn: 60,
    }
    return { ok: true, ref: { key: request.id }, target }
  },
}

test('501 on POST asks again without post, for the same object, and sends that', async () => {
  const { uploader, transport, backend, until } = bench({}, obeying)
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond(noPost)
  const again = await transport.next()
  expect(again.request.method).toBe('PUT')
  again.respond({ status: 200 })
  await until(id, 'success')
  expect(backend.calls).toMatchObject([
    [{ reason: 'first', accepts: ['post', 'put', 'multipart'] }],
    [{ reason: 'renew', accepts: ['put', 'multipart'], previous: { key: `${id}/a` } }],
  ])
})

test('also where only the status says so', async () => {
  const { uploader, transport, until } = bench({}, obeying)
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond({ status: 501, text: '<html>Not Implemented</html>' })
  ;(await transport.next()).respond({ status: 200 })
  expect(await until(id, 'success')).toMatchObject({ stored: { location: `https://bucket.test/${id}` } })
})

test('later files are never asked for with post', async () => {
  const { uploader, transport, backend, until } = bench({}, obeying)
  const one = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond(noPost)
  ;(await transport.next()).respond({ status: 200 })
  await until(one.id, 'success')
  const two = first(uploader.add(fileOf('b')))
  ;(await transport.next()).respond({ status: 200 })
  await until(two.id, 'success')
  expect(backend.calls.at(-1)).toMatchObject([{ id: two.id, accepts: ['put', 'multipart'] }])
  expect(transport.requests.map(({ method }) => method)).toEqual(['POST', 'PUT', 'PUT'])
})

test('files whose POSTs are under way at the same time all go on with PUT', async () => {
  const { uploader, transport, until } = bench({ concurrency: 3 }, obeying)
  const items = uploader.add(['a', 'b', 'c'].map((name) => fileOf(name)))
  const posts = [await transport.next(), await transport.next(), await transport.next()]
  for (const post of posts) post.respond(noPost)
  serve(transport, (put) => put.respond({ status: 200 }))
  for (const { id } of items) await until(id, 'success')
  expect(transport.requests.map(({ method }) => method)).toEqual([
    ...Array.from({ length: 3 }, () => 'POST'),
    ...Array.from({ length: 3 }, () => 'PUT'),
  ])
})

test('targets that were granted ahead are not tried with a POST that cannot succeed', async () => {
  const { uploader, transport } = bench({ concurrency: 1 }, obeying)
  uploader.add(Array.from({ length: 20 }, (_, at) => fileOf(String(at))))
  serve(transport, (sent) => sent.respond(sent.request.method === 'POST' ? noPost : { status: 200 }))
  await uploader.whenSettled()
  expect(uploader.getCounts()).toMatchObject({ success: 20 })
  expect(transport.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
})

test('a backend that insists on POST fails its file, and is not asked in a circle', async () => {
  const { uploader, transport, backend, until } = bench({ retry: 5, retryDelay: 1 })
  const { id } = first(uploader.add(fileOf('a')))
  serve(transport, (sent) => sent.respond(noPost))
  expect(await until(id, 'error')).toMatchObject({
    step: 'transfer',
    error: { code: 'not-supported', retry: 'never' },
  })
  await quiet()
  expect(transport.requests).toHaveLength(2)
  expect(backend.calls).toHaveLength(2)
})

test('501 on a PUT is an error: there is nothing else to ask for', async () => {
  const { uploader, transport, backend, until } = bench(
    { retry: 5, retryDelay: 1 },
    {
      grant: ({ id }) => ({
        ok: true,
        ref: { key: id },
        target: { type: 'put', request: { url: 'https://bucket.test/a', headers: [] }, expiresIn: 60 },
      }),
    },
  )
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond(noPost)
  expect(await until(id, 'error')).toMatchObject({ error: { code: 'not-supported' } })
  await quiet()
  expect(backend.calls).toHaveLength(1)
  expect(transport.requests).toHaveLength(1)
})
