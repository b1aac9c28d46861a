/** One test per defect that was reproduced in another uploader (PEERS-UPPY 3.2): ours does not have it. Rows M to W. */
import { afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'

import type { HttpTransport } from '../../../src/core/index.ts'
import { UploadError } from '../../../src/core/index.ts'
import {
  bench,
  errorAnswer,
  eventually,
  fileOf,
  first,
  loadChunks,
  manualFrames,
  patternFile,
  quiet,
  serve,
} from '../../support/engine.ts'
import { numberOf, partBench } from './part-store.ts'

beforeAll(loadChunks)
afterEach(() => void vi.useRealTimers())

test('M: what the app says of a file reaches the signer, and the headers that it signs are sent', async () => {
  const { uploader, transport, backend } = bench(
    {},
    {
      grant: ({ id, options }) => ({
        ok: true,
        ref: { key: id },
        target: {
          type: 'put',
          request: { url: 'https://bucket.test/a', headers: [['x-amz-meta-album', String(options)]] },
          expiresIn: 60,
        },
      }),
    },
  )
  uploader.add(new File(['x'], 'a.txt', { type: 'text/plain', lastModified: 5 }), { options: 'holiday' })
  const { request } = await transport.next()
  expect(backend.calls).toMatchObject([
    [{ name: 'a.txt', size: 1, type: 'text/plain', lastModified: 5, options: 'holiday' }],
  ])
  expect(request.headers).toEqual([['x-amz-meta-album', 'holiday']])
})

test('N: after 30 parts a pause calls off the one request that is under way, and nothing was piling up', async () => {
  const warned = vi.fn()
  process.on('warning', warned)
  onTestFinished(() => void process.off('warning', warned))
  let aborts = 0
  let isFull = false
  const transport: HttpTransport = {
    send: (request, { signal }) =>
      new Promise((resolve, reject) => {
        // As the transport over XMLHttpRequest does: it listens as long as the request lasts.
        const onAbort = (): void => {
          aborts++
          reject(signal.reason)
        }
        signal.addEventListener('abort', onAbort)
        if (isFull) return
        isFull = numberOf(request) === 30
        signal.removeEventListener('abort', onAbort)
        resolve({ status: 200, headers: new Map([['etag', `"u1-${numberOf(request)}"`]]), text: '' })
      }),
  }
  const { uploader, until } = partBench({ transport, concurrency: 1 })
  const { id } = first(uploader.add(patternFile('a', 400)))
  await eventually(() => isFull)
  await quiet()
  uploader.pause(id)
  await until(id, 'paused')
  await quiet()
  expect(aborts).toBe(1)
  expect(warned).not.toHaveBeenCalled()
})

test('O: a cancel while the upload is being created leaves no orphan', async () => {
  let create: (() => void) | undefined
  const { uploader, world, log } = partBench(
    {},
    {
      script: {
        grant: ({ id }) =>
          new Promise((resolve) => {
            create = () => {
              world.uploads.set('u1', new Map())
              const ref = { key: id, uploadId: 'u1' }
              resolve({ ok: true, ref, target: { type: 'multipart', partSize: 10, stored: [] } })
            }
          }),
      },
    },
  )
  const { id } = first(uploader.add(patternFile('a', 30)))
  await eventually(() => create !== undefined)
  uploader.cancel(id)
  create?.()
  await eventually(() => log.includes('abort u1'))
  expect(world.uploads.size).toBe(0)
})

test('P: a pause while it is being completed, and a resume: success, since the object was made', async () => {
  const { uploader, transport, until, take, world, sent } = partBench(
    {},
    {
      multipart: ({ complete }) => ({
        // Its answer comes too late for anyone to hear, the first time.
        complete: async (...args) => (world.objects.size ? complete(...args) : complete(...args).then(never)),
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 30)))
  serve(transport, take)
  await eventually(() => world.objects.size === 1)
  await quiet()
  uploader.pause(id)
  await until(id, 'paused')
  uploader.resume(id)
  expect(await until(id, 'success')).toMatchObject({ stored: { key: id } })
  expect(sent()).toEqual([1, 2, 3])
  expect(world.begun).toBe(1)
})

const never = (): Promise<never> => new Promise(() => undefined)

test('Q: a completion that answers 200 with an error is tried again', async () => {
  const { uploader, transport, until, take, log } = partBench(
    { retry: 5, retryDelay: 1 },
    {
      multipart: ({ complete }) => ({
        async complete(ref, parts, call) {
          const { text } = await call.send({ method: 'POST', url: 'https://bucket.test/complete' })
          if (text.includes('<Error>')) throw new UploadError('storage-failed', 'later', text)
          return complete(ref, parts, call)
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 10)))
  take(await transport.next())
  ;(await transport.next('/complete')).respond(errorAnswer(200, 'InternalError'))
  ;(await transport.next('/complete')).respond({ status: 200, text: '<CompleteMultipartUploadResult/>' })
  await until(id, 'success')
  expect(log.filter((what) => what === 'complete')).toHaveLength(1)
})

test('R: ExpiredToken is understood whatever charset its answer names', async () => {
  const { uploader, transport, backend, until } = bench({ retry: 5 })
  const { id } = first(uploader.add(fileOf('a')))
  const expired = errorAnswer(400, 'ExpiredToken', 'The provided token has expired.')
  ;(await transport.next()).respond({
    ...expired,
    headers: { 'content-type': 'application/xml;charset=UTF-8' },
  })
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(backend.calls).toHaveLength(2)
})

test('S: destroying it in the middle leaves no promise hanging', async () => {
  const { uploader, transport } = bench()
  const one = uploader.upload(fileOf('a'))
  const all = uploader.whenSettled()
  await transport.next()
  uploader.destroy()
  await expect(one).rejects.toMatchObject({ code: 'aborted' })
  expect((await all).canceled).toHaveLength(1)
})

test('T: a failed file that is removed leaves no parts behind', async () => {
  const { uploader, transport, until, take, world, log } = partBench({ concurrency: 1 })
  const { id } = first(uploader.add(patternFile('a', 40)))
  take(await transport.next())
  take(await transport.next())
  ;(await transport.next()).respond(errorAnswer(403, 'AccessDenied'))
  await until(id, 'error')
  uploader.remove(id)
  await eventually(() => log.includes('abort u1'))
  expect(world.uploads.size).toBe(0)
})

test('U: 1,000 files of one byte: tens of calls to the signer, and one update of the page per frame', async () => {
  const frames = manualFrames()
  const { uploader, transport, backend } = bench({ schedule: frames.schedule })
  let updates = 0
  uploader.subscribe('totals', () => updates++)
  uploader.add(Array.from({ length: 1000 }, (_, at) => fileOf(String(at), 1)))
  serve(transport, (sent) => {
    sent.progress(1)
    sent.respond()
  })
  let passed = 0
  while (uploader.getCounts().success < 1000 && passed++ < 2000) {
    await quiet(5)
    frames.frame()
  }
  expect(uploader.getCounts()).toMatchObject({ success: 1000 })
  expect(backend.calls.length).toBeLessThan(40)
  // One for the command, a few for the slices in which so many are taken up.
  expect(updates).toBeLessThanOrEqual(passed + 25)
})

test('V: one progress event of a file of 10,000 parts does not add all of them up', async () => {
  const stored = Array.from({ length: 9990 }, (_, at) => ({ number: at + 1, size: 1, etag: `"${at + 1}"` }))
  const { uploader, transport } = partBench(
    {},
    {
      script: {
        grant: ({ id }) => ({
          ok: true,
          ref: { key: id, uploadId: 'u1' },
          target: { type: 'multipart', partSize: 1, stored },
        }),
      },
    },
  )
  const { id } = first(uploader.add(fileOf('a', 10_000)))
  const sent = await transport.next()
  await quiet()
  const spies = (['values', 'entries', 'keys', 'forEach'] as const).map((name) =>
    vi.spyOn(Map.prototype, name),
  )
  sent.progress(1)
  const walked = spies.flatMap(({ mock }) => mock.contexts.map((map) => (map as Map<unknown, unknown>).size))
  for (const spy of spies) spy.mockRestore()
  expect(walked.length).toBeGreaterThan(0)
  expect(Math.max(...walked)).toBeLessThan(100)
  await quiet()
  expect(uploader.getProgress(id).loaded).toBe(9991)
})

test('W: two files that differ in their content alone are two files', async () => {
  const { uploader, transport } = bench()
  const items = uploader.add([new File(['one'], 'image.png'), new File(['two'], 'image.png')])
  serve(transport, (sent) => sent.respond())
  await uploader.whenSettled()
  expect(uploader.getCounts()).toMatchObject({ success: 2 })
  expect(new Set(items.map(({ id }) => id)).size).toBe(2)
  const keys = transport.requests.map(({ body }) => body?.kind === 'form' && body.fields[0]?.[1])
  expect(new Set(keys).size).toBe(2)
})
