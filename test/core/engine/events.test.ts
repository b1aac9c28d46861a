/** Events carry the whole item, each in its place. */
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'

import type { UploadBackend, UploadItem } from '../../../src/core/index.ts'
import { grantOf, scriptedBackend } from '../../../src/testing/index.ts'
import {
  bench,
  eventually,
  fileOf,
  first,
  loadChunks,
  manualFrames,
  patternFile,
  serve,
} from '../../support/engine.ts'
import { partBench } from './part-store.ts'

beforeAll(loadChunks)

const whole = (item: Partial<UploadItem>): unknown =>
  expect.objectContaining({ file: expect.any(File), size: 100, options: { album: 7 }, ...item })

test('onStatus tells of each status with the one before, and the item as it is then', async () => {
  const onStatus = vi.fn()
  const { uploader, transport, until } = bench({ onStatus, retry: 5, retryDelay: 1 }, { confirm: () => 'ok' })
  const { id } = first(uploader.add(fileOf('a', 100), { options: { album: 7 } }))
  ;(await transport.next()).respond({ status: 503 })
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(onStatus.mock.calls).toEqual([
    [whole({ id, status: 'preparing' }), 'queued'],
    [whole({ id, status: 'uploading' }), 'preparing'],
    [whole({ id, status: 'waiting', reason: 'backoff' }), 'uploading'],
    [whole({ id, status: 'queued' }), 'waiting'],
    [whole({ id, status: 'preparing' }), 'queued'],
    [whole({ id, status: 'uploading' }), 'preparing'],
    [whole({ id, status: 'processing' }), 'uploading'],
    [whole({ id, status: 'success', result: 'ok' }), 'processing'],
  ])
})

test('onProgress tells of bytes once per frame and file, with the whole item', async () => {
  const frames = manualFrames()
  const onProgress = vi.fn()
  const { uploader, transport } = bench({ onProgress, schedule: frames.schedule })
  const { id } = first(uploader.add(fileOf('a', 100), { options: { album: 7 } }))
  const sent = await transport.next()
  frames.frame()
  onProgress.mockClear()
  for (const loaded of [10, 20, 30]) sent.progress(loaded)
  expect(onProgress).not.toHaveBeenCalled()
  frames.frame()
  expect(onProgress.mock.calls).toEqual([[whole({ id, status: 'uploading' }), { loaded: 30, total: 100 }]])
  frames.frame()
  expect(onProgress).toHaveBeenCalledTimes(1)
})

test('several files in one frame: each is told of', async () => {
  const frames = manualFrames()
  const onProgress = vi.fn()
  const { uploader, transport } = bench({ onProgress, schedule: frames.schedule })
  const items = uploader.add([fileOf('a', 100), fileOf('b', 100), fileOf('c', 100)])
  const sent = [await transport.next(), await transport.next(), await transport.next()]
  frames.frame()
  onProgress.mockClear()
  sent.forEach((one, at) => one.progress(at + 1))
  frames.frame()
  expect(onProgress.mock.calls.map(([item, { loaded }]) => [item.id, loaded])).toEqual(
    items.map(({ id }, at) => [id, at + 1]),
  )
})

test('onPartDone comes with the whole item while it uploads', async () => {
  const onPartDone = vi.fn()
  const { uploader, transport, until, take } = partBench({ onPartDone, concurrency: 1 }, { partSize: 60 })
  const { id } = first(uploader.add(patternFile('a', 100), { options: { album: 7 } }))
  serve(transport, take)
  await until(id, 'success')
  expect(onPartDone.mock.calls).toEqual([
    [whole({ id, status: 'uploading' }), expect.objectContaining({ number: 1, size: 60 })],
    [whole({ id, status: 'uploading' }), expect.objectContaining({ number: 2, size: 40 })],
  ])
})

test('onAdded and onRejected share a batch between them', () => {
  const [onAdded, onRejected] = [vi.fn(), vi.fn()]
  const { uploader } = bench({ onAdded, onRejected, maxSize: 100, autoStart: false })
  const [good, bad] = uploader.add([fileOf('a', 100), fileOf('b', 101)], { options: { album: 7 } })
  expect(onAdded).toHaveBeenCalledExactlyOnceWith([good])
  expect(onRejected).toHaveBeenCalledExactlyOnceWith([bad])
  expect(good).toEqual(whole({ status: 'queued' }))
  expect(bad).toMatchObject({ status: 'rejected', errors: [{ code: 'file-too-large' }] })
})

test('onCredentialsExpiring hands on what a backend says of what it signs with', async () => {
  const onCredentialsExpiring = vi.fn()
  const backend: UploadBackend = {
    ...scriptedBackend(),
    async createUploads(files, call) {
      call.credentialsExpiring?.(1_700_000_300_000)
      return files.map((file) => grantOf(file))
    },
  }
  const { uploader, transport } = bench({ backend, onCredentialsExpiring })
  uploader.add(fileOf('a'))
  await transport.next()
  expect(onCredentialsExpiring).toHaveBeenCalledExactlyOnceWith(1_700_000_300_000)
})

test('callbacks given later by setOptions are those that are called', async () => {
  const [before, after] = [vi.fn(), vi.fn()]
  const { uploader, transport, until } = bench({ onSuccess: before })
  const { id } = first(uploader.add(fileOf('a')))
  const sent = await transport.next()
  uploader.setOptions({ onSuccess: after })
  sent.respond()
  await until(id, 'success')
  expect(before).not.toHaveBeenCalled()
  expect(after).toHaveBeenCalledTimes(1)
})

test('a callback that throws is reported, and stops neither its item nor the other callbacks', async () => {
  const reported = vi.fn()
  vi.stubGlobal('reportError', reported)
  const fault = new Error('in the app')
  const throwing = (): never => {
    throw fault
  }
  const onSuccess = vi.fn()
  const { uploader, transport, until } = bench({ onStatus: throwing, onProgress: throwing, onSuccess })
  const { id } = first(uploader.add(fileOf('a')))
  const sent = await transport.next()
  sent.progress(2)
  sent.respond()
  await until(id, 'success')
  vi.unstubAllGlobals()
  expect(onSuccess).toHaveBeenCalledTimes(1)
  expect(reported).toHaveBeenCalledWith(fault)
})

test('onSettled sees the list as it is in the end, not as the last frame showed it', async () => {
  const { schedule } = manualFrames()
  const onSettled = vi.fn<(items: readonly UploadItem[]) => void>()
  const { uploader, transport } = bench({ onSettled, schedule })
  uploader.add(fileOf('a'))
  const settled = uploader.whenSettled()
  ;(await transport.next()).respond()
  await settled
  expect(onSettled.mock.calls.map(([items]) => items.map(({ status }) => status))).toEqual([['success']])
  expect(uploader.getCounts()).toMatchObject({ success: 1 })
})

test('a subscriber that throws is reported, and the others hear what it heard', async () => {
  const reported = vi.fn()
  vi.stubGlobal('reportError', reported)
  onTestFinished(() => void vi.unstubAllGlobals())
  const fault = new Error('in the app')
  const { uploader, transport } = bench()
  const { id } = first(uploader.add(fileOf('a')))
  const seen: unknown[] = []
  for (const topic of ['items', 'totals', `item:${id}`] as const)
    uploader.subscribe(topic, () => {
      throw fault
    })
  uploader.subscribe(`item:${id}`, () => seen.push(uploader.getItem(id)?.status))
  ;(await transport.next()).respond()
  await uploader.whenSettled()
  await eventually(() => seen.includes('success'))
  expect(reported).toHaveBeenCalledWith(fault)
})

test.each(['retry', 'retryDelay'] as const)(
  '%s that throws is reported; the file fails with its own error',
  async (name) => {
    const reported = vi.fn()
    vi.stubGlobal('reportError', reported)
    onTestFinished(() => void vi.unstubAllGlobals())
    const fault = new Error('in the app')
    const { uploader, transport, until } = bench({
      retry: true,
      [name]: () => {
        throw fault
      },
    })
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).fail()
    await eventually(() => uploader.getItem(id)?.status !== 'uploading')
    expect(await until(id, 'error')).toMatchObject({ error: { code: 'network' } })
    expect(reported).toHaveBeenCalledExactlyOnceWith(fault)
  },
)
