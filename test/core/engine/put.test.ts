/** PUT targets: one signed request with the file as its body. */
import { expect, test, vi } from 'vitest'

import type { UploadTarget } from '../../../src/core/index.ts'
import type { ScriptedBackendOptions, ScriptedExchange } from '../../../src/testing/index.ts'
import { bench, errorAnswer, eventually, fileOf, first, quiet } from '../../support/engine.ts'

const url = 'https://bucket.test/key%20of%20it?X-Amz-Signature=secret'

/** Grants a PUT with these headers. */
const granting = (headers: readonly (readonly [string, string])[] = []): ScriptedBackendOptions => ({
  grant: ({ id }) => {
    const target: UploadTarget = { type: 'put', request: { url, headers }, expiresIn: 60 }
    return { ok: true, ref: { key: id }, target }
  },
})

const blobOf = ({ request: { body } }: ScriptedExchange): Blob => {
  if (body?.kind !== 'blob') throw new Error('expected a blob as the body')
  return body.blob
}

test('is one PUT to the signed URL, headers as signed, the file as its body', async () => {
  const headers = [
    ['If-None-Match', '*'],
    ['x-amz-meta-Album', '7'],
  ] as const
  const { uploader, transport, until } = bench({}, granting(headers))
  const { id } = first(uploader.add(new File(['bytes'], 'a.txt', { type: 'text/plain' })))
  const sent = await transport.next()
  expect(sent.request).toMatchObject({ method: 'PUT', url, headers })
  expect(await blobOf(sent).text()).toBe('bytes')
  sent.respond({ status: 200 })
  await until(id, 'success')
  expect(transport.requests).toHaveLength(1)
})

test('without a signed Content-Type the browser is given none of its own to send', async () => {
  const { uploader, transport } = bench({}, granting([['x-amz-meta-a', 'b']]))
  uploader.add(new File(['bytes'], 'a.txt', { type: 'text/plain' }))
  expect(blobOf(await transport.next())).toMatchObject({ type: '', size: 5 })
})

test.each(['Content-Type', 'content-type'])('a signed %s is sent as it was signed', async (name) => {
  const { uploader, transport } = bench({}, granting([[name, 'image/png']]))
  uploader.add(new File(['bytes'], 'a.png', { type: 'image/png' }))
  const sent = await transport.next()
  expect(sent.request.headers).toEqual([[name, 'image/png']])
  expect(blobOf(sent)).toMatchObject({ type: 'image/png' })
})

test('its bytes are progress, and the last one counts when S3 has answered', async () => {
  const { uploader, transport, until } = bench({}, granting())
  const { id } = first(uploader.add(fileOf('a', 100)))
  const sent = await transport.next()
  sent.progress(40)
  await vi.waitFor(() => expect(uploader.getProgress(id)).toEqual({ loaded: 40, total: 100 }))
  sent.progress(100)
  await vi.waitFor(() => expect(uploader.getProgress(id)).toEqual({ loaded: 99, total: 100 }))
  sent.respond({ status: 200 })
  await until(id, 'success')
  expect(uploader.getProgress(id)).toEqual({ loaded: 100, total: 100 })
})

test('stored: the ETag as S3 gives it, the location without the signature', async () => {
  const { uploader, transport, until } = bench({}, granting())
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond({ status: 200, headers: { etag: '"e1"' } })
  expect(await until(id, 'success')).toMatchObject({
    stored: { etag: '"e1"', location: 'https://bucket.test/key%20of%20it' },
  })
})

test('a hidden ETag (CORS) is no error', async () => {
  const { uploader, transport, until } = bench({}, granting())
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond({ status: 200 })
  const item = await until(id, 'success')
  expect(item).toHaveProperty('stored', { location: 'https://bucket.test/key%20of%20it' })
})

test('a 200 that says <Error> is none', async () => {
  const { uploader, transport, until } = bench({}, granting())
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond({ ...errorAnswer(200, 'InternalError') })
  expect(await until(id, 'error')).toMatchObject({ step: 'transfer', error: { code: 'storage-failed' } })
})

test('an empty file is sent too', async () => {
  const { uploader, transport, until } = bench({}, granting())
  const { id } = first(uploader.add(fileOf('empty', 0)))
  const sent = await transport.next()
  expect(blobOf(sent).size).toBe(0)
  sent.respond({ status: 200 })
  await until(id, 'success')
})

test('a pause holds nothing: it begins again at byte 0, and says so', async () => {
  const { uploader, transport, until } = bench({}, granting())
  const { id } = first(uploader.add(fileOf('a', 100)))
  const one = await transport.next()
  one.progress(60)
  uploader.pause(id)
  expect(one.aborted).toBe(true)
  expect(uploader.getItem(id)).toMatchObject({ status: 'paused', canResume: false })
  expect(uploader.getProgress(id).loaded).toBe(0)
  uploader.resume(id)
  const two = await transport.next()
  expect(blobOf(two).size).toBe(100)
  two.respond({ status: 200 })
  await until(id, 'success')
})

const exists = errorAnswer(412, 'PreconditionFailed', 'At least one of the preconditions did not hold')

test('412 on a first try: somebody else’s object is there', async () => {
  const probe = vi.fn(async () => ({ location: 'https://bucket.test/theirs' }))
  const { uploader, transport, until } = bench({ retry: 5 }, { ...granting([['If-None-Match', '*']]), probe })
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond(exists)
  expect(await until(id, 'error')).toMatchObject({ step: 'transfer', error: { code: 'already-exists' } })
  expect(probe).not.toHaveBeenCalled()
  expect(transport.requests).toHaveLength(1)
})

test('412 after an answer was lost may be our own success: it is asked about, and is success when it is there', async () => {
  const found = { location: 'https://bucket.test/ours', etag: '"ours"' }
  // At first S3 does not show it yet: only so is it sent once more.
  const probe = vi.fn().mockResolvedValueOnce('absent').mockResolvedValue(found)
  const { uploader, transport, until } = bench(
    { retry: 5, retryDelay: 1 },
    { ...granting([['If-None-Match', '*']]), probe },
  )
  const { id } = first(uploader.add(fileOf('a')))
  const one = await transport.next()
  one.progress(4)
  one.fail()
  ;(await transport.next()).respond(exists)
  expect(await until(id, 'success')).toMatchObject({ stored: found })
  expect(probe).toHaveBeenCalledTimes(2)
  expect(transport.requests).toHaveLength(2)
})

test('412 after a lost answer with nothing there is asked about once, not in a circle', async () => {
  const probe = vi.fn(async () => 'unknown' as const)
  const { uploader, transport, until } = bench(
    { retry: 5, retryDelay: 1 },
    { ...granting([['If-None-Match', '*']]), probe },
  )
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).fail()
  ;(await transport.next()).respond(exists)
  ;(await transport.next()).respond(exists)
  expect(await until(id, 'error')).toMatchObject({ error: { code: 'already-exists' } })
  await quiet()
  expect(probe).toHaveBeenCalledTimes(2)
  expect(transport.requests).toHaveLength(3)
})

test('what S3 refused is not used again: the next try asks anew, for the same object', async () => {
  const { uploader, transport, backend, until } = bench({ retry: 5, retryDelay: 1 }, granting())
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond(errorAnswer(403, 'AccessDenied', 'Request has expired'))
  ;(await transport.next()).respond({ status: 200 })
  await until(id, 'success')
  await eventually(() => backend.calls.length === 2)
  expect(backend.calls[1]).toMatchObject([{ id, reason: 'renew', previous: { key: id } }])
})
