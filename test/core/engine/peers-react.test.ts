/** One test per defect that was measured in React uploaders (PEERS-REACT 1) and touches an engine: ours has none. */
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'

import { kit } from '../../../src/backends/index.ts'
import { UploadError } from '../../../src/core/index.ts'
import { partCount, partSizeFor } from '../../../src/protocol/part-plan.ts'
import { grantOf } from '../../../src/testing/index.ts'
import {
  bench,
  errorAnswer,
  eventually,
  fileOf,
  first,
  loadChunks,
  manualFrames,
  quiet,
  serve,
} from '../../support/engine.ts'
import { partBench } from './part-store.ts'

beforeAll(loadChunks)

/** A file that says it has so many bytes. */
const sized = (name: string, size: number): File =>
  Object.defineProperties(fileOf(name), {
    size: { value: size },
    slice: { value: (start: number, end: number) => sized('', Math.min(end, size) - start) },
  })

test('the type rule holds for every way in, not only for drops', () => {
  const { uploader } = bench({ autoStart: false, accept: { 'image/*': ['.png'] } })
  expect(first(uploader.add(new File(['x'], 'a.exe'))).status).not.toBe('uploading')
  return eventually(() => uploader.getCounts().rejected === 1)
})

test('a check or hook that rejects is the file’s state, and nobody’s unhandled rejection', async () => {
  const unheard = vi.fn()
  process.on('unhandledRejection', unheard)
  onTestFinished(() => void process.off('unhandledRejection', unheard))
  const no = (): Promise<never> => Promise.reject(new Error('no'))
  const checked = bench({ validator: no })
  await checked.until(first(checked.uploader.add(fileOf('a'))).id, 'rejected')
  const hooked = bench({ beforeUpload: no })
  await hooked.until(first(hooked.uploader.add(fileOf('a'))).id, 'error')
  await quiet()
  expect(unheard).not.toHaveBeenCalled()
})

test('one refused file has a reason with its own code, and the batch goes on', async () => {
  const refusal = new UploadError('file-too-large', 'never', 'no', { limit: 3, actual: 4 })
  const { uploader, transport, until } = bench(
    {},
    { grant: (file) => (file.name === 'big' ? { ok: false, error: refusal } : grantOf(file)) },
  )
  const [a, big] = uploader.add([fileOf('a'), fileOf('big')])
  ;(await transport.next()).respond()
  expect(await until(big?.id ?? '', 'error')).toMatchObject({
    name: 'big',
    error: { code: 'file-too-large', limit: 3, actual: 4 },
  })
  await until(a?.id ?? '', 'success')
})

test('a pool, not batches: one slow file keeps one place, and the others go past it', async () => {
  const { uploader, transport } = bench({ concurrency: 3 })
  uploader.add(['0', '1', '2', '3', '4', '5', '6', '7'].map((name) => fileOf(name)))
  const slow = await transport.next()
  serve(transport, (sent) => sent.respond())
  await eventually(() => uploader.getCounts().success === 7)
  expect(slow.aborted).toBe(false)
})

test('one failed file leaves its healthy siblings alone, and no promise rejects for it', async () => {
  const { uploader, transport } = bench()
  uploader.add(['a', 'b', 'c', 'd'].map((name) => fileOf(name)))
  const settled = uploader.whenSettled()
  ;(await transport.next()).respond(errorAnswer(403, 'AccessDenied'))
  await quiet()
  expect(transport.open().every(({ aborted }) => !aborted)).toBe(true)
  serve(transport, (sent) => sent.respond())
  expect(await settled).toMatchObject({ failed: [{}], succeeded: [{}, {}, {}] })
})

test('removing a file stops its request', async () => {
  const { uploader, transport } = bench()
  const { id } = first(uploader.add(fileOf('a')))
  const sent = await transport.next()
  uploader.remove(id)
  expect(sent.aborted).toBe(true)
})

test('a 503 of the signer is tried again, without being asked to', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let calls = 0
  const { uploader, transport, until } = bench(
    {},
    {
      grant(file) {
        if (++calls === 1) throw new UploadError('signer-failed', 'later', '503', { status: 503 })
        return grantOf(file)
      },
    },
  )
  uploader.setOptions({ retry: undefined }) // the default
  const { id } = first(uploader.add(fileOf('a')))
  await until(id, 'waiting')
  await vi.advanceTimersByTimeAsync(1000)
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(calls).toBe(2)
})

test('an HTML 502 from the signer is said to be that, not an "Unexpected token"', async () => {
  const { uploader, transport, until } = bench({ backend: kit({ endpoint: '/sign' }) })
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next('/sign')).respond({ status: 502, text: '<html>Bad Gateway</html>' })
  const item = await until(id, 'error')
  expect(item).toMatchObject({ error: { code: 'signer-failed', retry: 'later', status: 502 } })
  expect(item.status === 'error' && item.error.message).not.toContain('token')
})

test('S3’s own reason is kept: its code, its status, its words', async () => {
  const { uploader, transport, until } = bench()
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond(errorAnswer(403, 'SignatureDoesNotMatch', 'Check your key.'))
  const item = await until(id, 'error')
  expect(item).toMatchObject({
    error: {
      s3Code: 'SignatureDoesNotMatch',
      status: 403,
      message: expect.stringContaining('Check your key.'),
    },
  })
})

test('a refused upload does not read "uploading" for good, and its bar is not left standing', async () => {
  const { uploader, transport, until } = bench()
  const { id } = first(uploader.add(fileOf('a', 100)))
  const sent = await transport.next()
  sent.progress(60)
  sent.respond(errorAnswer(403, 'AccessDenied'))
  await until(id, 'error')
  expect(uploader.getProgress(id).loaded).toBe(0)
  expect(uploader.getCounts()).toMatchObject({ uploading: 0, error: 1 })
})

test('a 200 with an error in it is no success', async () => {
  const { uploader, transport, until } = bench()
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond(errorAnswer(200, 'InternalError'))
  expect(await until(id, 'error')).toMatchObject({ error: { code: 'storage-failed' } })
})

test('zero bytes arrive, by POST and in parts', async () => {
  const post = bench()
  const one = first(post.uploader.add(fileOf('a', 0)))
  ;(await post.transport.next()).respond()
  await post.until(one.id, 'success')
  const parts = partBench()
  const two = first(parts.uploader.add(fileOf('a', 0)))
  parts.take(await parts.transport.next())
  expect(await parts.until(two.id, 'success')).toMatchObject({ size: 0 })
})

test('50 GB in parts: a window is signed, not thousands of URLs; 100 GB have no more than 10,000 parts', async () => {
  const size = 50 * 1024 ** 3
  const { uploader, transport, signed } = partBench({}, { partSize: partSizeFor(size, 5 * 1024 ** 2) })
  uploader.add(sized('a', size))
  await transport.next()
  await quiet()
  expect(signed().flat().length).toBeLessThan(20)
  const twice = 100 * 1000 ** 3
  expect(partCount(twice, partSizeFor(twice, 5 * 1024 ** 2))).toBeLessThanOrEqual(10_000)
})

test('two files of one name, type and size are two items with a key each, and both are reported', async () => {
  const { uploader, transport } = bench()
  const pasted = (): File => new File(['same'], 'image.png', { type: 'image/png', lastModified: 1 })
  const items = uploader.add([pasted(), pasted()])
  serve(transport, (sent) => sent.respond())
  const { succeeded } = await uploader.whenSettled()
  expect(succeeded.map(({ id }) => id).toSorted()).toEqual(items.map(({ id }) => id).toSorted())
  const keys = succeeded.map((item) => item.status === 'success' && item.stored.key)
  expect(new Set(keys).size).toBe(2)
})

test('files added while a slow hook is at the first one: the first one is uploaded once', async () => {
  const answers: (() => void)[] = []
  const { uploader, transport } = bench({
    beforeUpload: () => new Promise<void>((resolve) => void answers.push(resolve)),
  })
  uploader.add(fileOf('a'))
  await quiet()
  uploader.add(fileOf('b'))
  await eventually(() => answers.length === 2)
  for (const answer of answers) answer()
  serve(transport, (sent) => sent.respond())
  await uploader.whenSettled()
  const names = transport.requests.map(({ body }) => body?.kind === 'form' && body.fileName)
  expect(names).toHaveLength(2)
  expect(new Set(names)).toEqual(new Set(['a', 'b']))
})

test('three files that report in one frame are three that are shown', async () => {
  const frames = manualFrames()
  const { uploader, transport } = bench({ schedule: frames.schedule })
  const items = uploader.add([fileOf('a', 100), fileOf('b', 100), fileOf('c', 100)])
  for (let at = 1; at <= 3; at++) (await transport.next()).progress(at * 10)
  frames.frame()
  expect(items.map(({ id }) => uploader.getProgress(id).loaded).toSorted((a, b) => a - b)).toEqual([
    10, 20, 30,
  ])
})

test('100 % and the success in one frame: the row says success', async () => {
  const frames = manualFrames()
  const { uploader, transport } = bench({ schedule: frames.schedule })
  const { id } = first(uploader.add(fileOf('a', 100)))
  const sent = await transport.next()
  frames.frame()
  sent.progress(100)
  sent.respond()
  await quiet()
  frames.frame()
  expect(uploader.getItem(id)?.status).toBe('success')
  expect(uploader.getProgress(id)).toEqual({ loaded: 100, total: 100 })
})
